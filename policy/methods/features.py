"""What can be measured about a completion from its text alone, with no model.

The patterns are English. A completion in another language keeps its length and lists; what only
words could show is NaN. The declining measure is calibrated against people's labels (declining.py);
the others are counts of wordings and claim no more than that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.declining import REFUSES, SENTENCE, declines, plain_text, share_of_list_items

Measures = Mapping[str, float]


@dataclass(frozen=True)
class Feature:
    """One measurable feature, with the words in which a result speaks of it."""

    key: str
    name: str
    measures: str
    prefers_more: str
    prefers_less: str
    kind: Literal["amount", "yes or no"]


def _feature(
    key: str, name: str, measures: str, more: str, less: str, amount: bool = False
) -> Feature:
    kind: Literal["amount", "yes or no"] = "amount" if amount else "yes or no"
    return Feature(key, name, measures, f"prefers completions {more}", f"prefers {less}", kind)


FEATURES: tuple[Feature, ...] = (
    _feature(
        "length", "is longer", "logarithm of 1 + its words",
        "that are longer", "shorter completions", amount=True,
    ),
    _feature(
        "declining", "declines to answer", "refuses, rebukes or says it cannot, and does not go on",
        "that decline to answer", "completions that answer rather than decline",
    ),
    _feature(
        "hedging", "hedges", "share of sentences with a wording such as perhaps, may or it depends",
        "that hedge", "completions that commit themselves", amount=True,
    ),
    _feature(
        "asking_back", "asks a question back", "its last sentences ask the person something",
        "that ask a question back", "completions that ask nothing back",
    ),
    _feature(
        "apologising", "apologises", "says sorry or apologises",
        "that apologise", "completions without an apology",
    ),
    _feature(
        "listing", "answers as a list", "share of its lines that are list items",
        "set out as a list", "running text to lists", amount=True,
    ),
    _feature(
        "steps", "gives steps", "three numbered items, or three words such as first, then, finally",
        "that give steps", "completions without steps",
    ),
    _feature(
        "ai_disclaimer", "says it is an AI", "speaks of itself as an AI or as without views",
        "that say they come from an AI", "completions that do not speak of being an AI",
    ),
    _feature(
        "warning", "warns of harm or the law", "speaks of danger, illegality, ethics or consent",
        "that warn", "completions without a warning",
    ),
    _feature(
        "referring", "refers to someone else", "sends the person to a professional or a source",
        "that refer the person to others", "completions that refer the person to nobody",
    ),
    _feature(
        "sympathy", "shows sympathy", "says it understands, hopes or is sorry for the person",
        "that show sympathy", "completions without expressions of sympathy",
    ),
    _feature(
        "directness", "comes straight to the point", "its first sentence has no apology, refusal, "
        "hedge, disclaimer, question or stock opening",
        "that come straight to the point", "completions that lead up to their point",
    ),
    _feature(
        "echoing", "takes up the question's words", "share of the prompt's longer words it repeats",
        "that take up the question's words", "completions in words of their own", amount=True,
    ),
)  # fmt: skip

_HEDGES = re.compile(
    r"\b(?:may|might|maybe|perhaps|possibly|probably|likely|it depends|depending on|could be|"
    r"i think|i believe|i guess|i'm not sure|i am not sure|not certain|seems?|appears?|generally|"
    r"usually|typically|in general|as far as i know|some people|it is possible)\b"
)
_APOLOGISES = re.compile(r"\b(?:sorry|apologi[sz]e|apologies|forgive me|my mistake)\b")
_IS_AN_AI = re.compile(
    r"\bas an? (?:\w+ ){0,2}(?:ai|assistant|language model|chatbot)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:\w+ ){0,2}(?:ai|language model|chatbot|robot|"
    r"computer program)\b"
    r"|\bi (?:do not|don't) (?:have|hold) (?:personal )?(?:opinions|beliefs|feelings|views)\b"
)
_WARNS = re.compile(
    r"\b(?:illegal|unlawful|against the law|unethical|dangerous|harmful|unsafe|at your own risk|"
    r"be careful|be cautious|caution|warning|never acceptable|not appropriate|inappropriate|"
    r"can be fatal|serious (?:consequences|harm|injury)|without (?:their|his|her) consent|"
    r"it(?:'s| is) important to (?:note|remember|always|respect|prioriti[sz]e)|crime|risks?)\b"
)
_REFERS = re.compile(
    r"\b(?:(?:consult|contact|call|see|ask|speak (?:to|with)|talk (?:to|with)|seek|reach out to)"
    r"\b[^.!?\n]{0,60}\b(?:doctor|lawyer|attorney|police|professionals?|expert|therapist|counsell?or|"
    r"pharmacist|authorities|hotline|helpline|emergency services|specialist|vet|adviser|advisor)"
    r"|professional (?:help|advice|assistance)|https?://|www\.)"
)
_SYMPATHISES = re.compile(
    r"\b(?:i(?:'m| am) (?:so |very |really )?sorry (?:to hear|for your|that you|you're)|"
    r"i (?:can )?understand (?:that|how|your|you)|that (?:sounds|must be) (?:\w+ ){0,2}"
    r"(?:hard|difficult|tough|awful|frustrating|terrible|stressful)|you(?:'re| are) not alone|"
    r"going through a (?:hard|difficult|tough)|i hope (?:you|that|this|it))\b"
)
_STOCK_OPENING = re.compile(
    r"^\W*(?:sure|certainly|of course|absolutely|great question|good question|thank|thanks|well|"
    r"hello|hi|okay|ok|happy to|i'd be happy|i would be happy|i'm here|it(?:'s| is) important)\b"
)
_SHOWS = {
    "declining": REFUSES, "hedging": _HEDGES, "apologising": _APOLOGISES, "referring": _REFERS,
    "ai_disclaimer": _IS_AN_AI, "warning": _WARNS, "sympathy": _SYMPATHISES,
}  # fmt: skip
_ORDER_WORDS = re.compile(
    r"(?:^|[.!?\n]\s*)(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|next|then|after that|"
    r"finally|lastly|step \d+)\b",
)
_NUMBERED = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|step \d+)\s*\S", re.MULTILINE)
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}](?:[^\W_{_CJK}]|')*")
_FUNCTION_WORDS = """
the a an of to and in is are was that this it you i for with on as not be have can or but if
at by from your my we they he she do does what how no yes so there
"""
_ENGLISH = frozenset(_FUNCTION_WORDS.split())
_FOREIGN_WORDS = """
der und nicht ist ich das zu mir dass kann wir sie eine für auf mit
le les des est pas je vous une dans que pour qui sur avec
el los las es y por una del se lo como para pero más
il di che non è per sono della gli o é do da uma não com os um
het een van ik niet dat voor op
"""
_FOREIGN = frozenset(_FOREIGN_WORDS.split()) - _ENGLISH


def completion_features(prompt: str, completion: str) -> dict[str, float]:
    """Every feature of FEATURES, by key; NaN where the words are not English.

    Amounts are not negative; "yes or no" features are 0 or 1. An empty completion measures 0.
    Runs in time linear in the text.
    """
    text = plain_text(completion)
    words = _WORD.findall(text)
    if not _readable(words):
        seen = {"length": float(np.log1p(len(words))), "listing": share_of_list_items(text)}
        return {f.key: seen.get(f.key, float("nan")) for f in FEATURES}
    return {
        "length": float(np.log1p(len(words))),
        "declining": float(declines(completion)),
        "hedging": _share_of_sentences(text, _HEDGES.search),
        "asking_back": float(_asks_back(text)),
        "apologising": _holds(_APOLOGISES, text),
        "listing": share_of_list_items(text),
        "steps": float(len(_NUMBERED.findall(text)) >= 3 or len(_ORDER_WORDS.findall(text)) >= 3),
        "ai_disclaimer": _holds(_IS_AN_AI, text),
        "warning": _holds(_WARNS, text),
        "referring": _holds(_REFERS, text),
        "sympathy": _holds(_SYMPATHISES, text),
        "directness": float(_comes_to_the_point(text)),
        "echoing": _echoing(plain_text(prompt), words),
    }


def feature_differences(left: Sequence[Measures], right: Sequence[Measures]) -> NDArray[np.float64]:
    """Left minus right, in the order of FEATURES and in units a reader can picture.

    left, right: the features of each pair's two completions, n each. Returns (n, features); NaN
    where either side is NaN. Raises ValueError when the sides differ in number.
    """
    if len(left) != len(right):
        raise ValueError("There must be one left and one right completion per pair.")
    keys = [feature.key for feature in FEATURES]
    rows = [[one[k] - other[k] for k in keys] for one, other in zip(left, right, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(keys))


def quote_of(key: str, completion: str, longest: int = 160) -> str:
    """The words of a completion in which a feature shows, verbatim; else its opening.

    key: of FEATURES. A quote is cut after a whole word, with "…", where it is longer than longest.
    """
    text = completion.strip()
    pattern = _SHOWS.get(key)
    if pattern is not None:
        for sentence in SENTENCE.findall(text):
            if pattern.search(plain_text(sentence)):
                return _cut(sentence.strip(), longest)
    if key == "asking_back" and _asks_back(text):
        asked = [s for s in SENTENCE.findall(text)[-2:] if s.rstrip().endswith("?")]
        return _cut(asked[0].strip(), longest)
    return _cut(text, longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    whole = text[:longest].rsplit(maxsplit=1)
    return f"{(whole[0] if len(whole) > 1 else text[:longest]).rstrip()}…"


def standardise(
    differences: ArrayLike,
    amounts: Sequence[bool] | None = None,
    times: ArrayLike | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Differences in comparable units, and the size of each unit.

    differences: (n, k), left minus right; amounts: (k,) true where the feature is an amount, by
    default as FEATURES says; times: (n,) how many answers each row stands for, by default one.
    An amount is divided by its root mean square; a yes or no keeps its unit, one side having it and
    the other not. Nothing is centred, so swapping the sides still only changes the sign. A feature
    that never differs keeps unit 1.
    """
    values = np.asarray(differences, dtype=np.float64)
    scaled_columns = [f.kind == "amount" for f in FEATURES] if amounts is None else list(amounts)
    weights = np.ones(len(values)) if times is None else np.asarray(times, dtype=np.float64)
    measured = ~np.isnan(values)
    counts = np.maximum(weights @ measured, 1)
    size = np.sqrt(weights @ (np.where(measured, values, 0.0) ** 2) / counts)
    unit = np.where(np.array(scaled_columns, dtype=bool) & (size > 0), size, 1.0)
    return values / unit, unit


def _readable(words: Sequence[str]) -> bool:
    """Whether the words may be English: no sign of another script or tongue."""
    latin = sum(word[0].isascii() for word in words)
    if latin < 0.7 * len(words):
        return False
    stems = [word.split("'")[0] for word in words]
    english = sum(stem in _ENGLISH for stem in stems)
    foreign = sum(stem in _FOREIGN for stem in stems)
    different = len({stem for stem in stems if stem.isalpha()})
    # Lists in English hold few small words; thirty different words with none are another language.
    return foreign <= max(english, 1) and (different < 30 or english > 0)


def _holds(pattern: re.Pattern[str], text: str) -> float:
    return float(bool(pattern.search(text)))


def _share_of_sentences(text: str, test: Callable[[str], object]) -> float:
    sentences = SENTENCE.findall(text)
    return sum(bool(test(s)) for s in sentences) / len(sentences) if sentences else 0.0


def _asks_back(text: str) -> bool:
    return any(s.rstrip().endswith("?") for s in SENTENCE.findall(text)[-2:])


def _comes_to_the_point(text: str) -> bool:
    sentences = SENTENCE.findall(text)
    if not sentences:
        return False
    first = sentences[0].strip()
    leads_up = (_APOLOGISES, REFUSES, _HEDGES, _IS_AN_AI, _STOCK_OPENING)
    return not first.endswith("?") and not any(pattern.search(first) for pattern in leads_up)


def _echoing(prompt: str, words: Sequence[str]) -> float:
    asked = {word for word in _WORD.findall(prompt) if len(word) > 3 and word not in _ENGLISH}
    return len(asked & set(words)) / len(asked) if asked else 0.0
