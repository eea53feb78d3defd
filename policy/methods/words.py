"""Words and short phrases of a text in any script, and which of them tell texts apart."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_LONGEST_UNSPACED = 4

# Words that carry grammar or the form of a proposal rather than its subject.
_SPACED_FUNCTION_WORDS = """
    a about above after again against all almost also although always am an and any anything are
    aren't as at be because been before being below better between both but by can can't cannot
    could did do does doesn't doing don't down during each either enough even ever every everyone
    few for from further get gets getting give given go going good got had has hasn't have having
    he her here hers him his how however i i'd i'm i've if in instead into is isn't it it's its
    itself just let like likely made make makes making many may me might mine more most much must
    my need needs never no nor not nothing now of off often on once one only or other others our
    out over own people per perhaps possible put rather really said same say see seem seems shall
    she should shouldn't since so some something still such sure take than that that's the their
    them themselves then there these they thing things think this those though through thus to too
    under until up upon us use used using very want wants was way we well were what when where
    whether which while who whom whose why will with within without won't would yes yet you your
    yours
    aber alle als also am an auch auf aus bei bin bis da damit das dass dem den der des die dies
    diese dieser doch dort durch ein eine einem einen einer eines er es für haben hat hier ich ihr
    im in ist ja jede kann kein keine können man mehr mit muss müssen nach nicht noch nur ob oder
    ohne sehr sein sich sie sind so soll sollen sollte sollten über um und uns unter vom von vor
    war was weil wenn wer werden wie wir wird wurde zu zum zur
    au aux avec ce ces cette comme dans de des doit doivent du elle elles en est et être fait il
    ils je la le les leur leurs mais même ne nous on ou par pas plus pour que qui sa sans se ses
    si son sont sur très tout tous toute une un vous
    al como con cuando de debe deben del el ella ellos en es esta este esto ha hay la las lo los
    más muy no nos para pero por porque que se ser sin sobre son su sus también todo todos un una
    y ya
"""
_FUNCTION_WORDS = frozenset(_SPACED_FUNCTION_WORDS.split())
_UNSPACED_FUNCTION_WORDS = (
    "我們 我们 你們 他們 他们 自己 大家 覺得 觉得 認為 认为 應該 应该 應 可以 可能 需要 如果 因為 "
    "因为 所以 但是 而且 或者 以及 並且 这个 這個 這樣 那個 什麼 怎麼 不是 就是 還是 只是 已經 "
    "的 了 是 我 你 他 她 它 在 和 與 与 或 也 都 就 不 有 會 会 要 能 這 这 那 之 而 及 並 且 但 "
    "很 更 被 把 讓 让 對 对 於 于 從 从 到 為 为 以 所 等 該 個 个 一 嗎 呢 吧 啊 者 若 則 其 "
    "は が を に へ と で も の から まで です ます する した して いる ある こと もの よう ない"
)
_PARTS = sorted(_UNSPACED_FUNCTION_WORDS.split(), key=len, reverse=True)
_BREAKS = re.compile("|".join(map(re.escape, _PARTS)))


def terms(text: str, *, phrases: bool = False) -> list[str]:
    """Lower-case words without function words; for unspaced scripts, runs of 2 to 4 characters.

    phrases: also two words that stand side by side. Every term stands in the text as it is, but
    for case. Digits, punctuation and words of one or two letters are left out.
    """
    plain = unicodedata.normalize("NFC", text).lower()
    found: list[str] = []
    for run in _UNSPACED.findall(plain):
        for part in _BREAKS.split(run):
            found += _runs(part)
    spaced = _UNSPACED.sub("\n", plain)
    last_word, last_end = "", -1
    for match in _WORD.finditer(spaced):
        word = match.group()
        if word in _FUNCTION_WORDS or word.replace("’", "'") in _FUNCTION_WORDS or len(word) < 3:
            continue
        found.append(word)
        if phrases and last_word and spaced[last_end : match.start()] == " ":
            found.append(f"{last_word} {word}")
        last_word, last_end = word, match.end()
    return found


def distinctive(inside: Sequence[str], outside: Iterable[str], *, most: int = 3) -> list[str]:
    """The words that set some texts apart from others, most distinctive first.

    Class-based TF-IDF (Grootendorst 2022, arXiv 2203.05794) over the number of texts with a term:
    texts inside with it × log(1 + share inside / share outside). Terms in a single text count
    only when there is nothing else. A term that overlaps one already taken is passed over.
    """
    within = Counter(term for text in inside for term in _phrases_of(text))
    others = list(outside)
    beyond = Counter(term for text in others for term in _phrases_of(text))
    everything = "\n".join([*inside, *others]).lower()
    fewest = 2 if any(count > 1 for count in within.values()) else 1
    scores = {
        term: count * log(1 + (count / len(inside)) / ((beyond[term] + 0.5) / (len(others) + 1)))
        for term, count in within.items()
        if count >= fewest
    }
    taken: list[str] = []
    # Of equals the longer says more; the alphabet settles the rest whatever the order of texts.
    for term in sorted(scores, key=lambda t: (-scores[t], -len(t), t)):
        if len(taken) == most:
            break
        if not any(_overlap(term, other) for other in taken) and _is_whole(term, everything):
            taken.append(term)
    return taken


@lru_cache(maxsize=20_000)
def _phrases_of(text: str) -> frozenset[str]:
    """Kept: a text is outside of every line but its own."""
    return frozenset(terms(text, phrases=True))


def is_mostly_latin(text: str) -> bool:
    """Whether most letters of a text are Latin, as an English model expects."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(unicodedata.name(character, "").startswith("LATIN") for character in letters)
    return 2 * latin >= len(letters)


def _runs(part: str) -> list[str]:
    longest = min(len(part), _LONGEST_UNSPACED)
    return [
        part[start : start + size]
        for size in range(2, longest + 1)
        for start in range(len(part) - size + 1)
    ]


def _is_whole(term: str, everything: str) -> bool:
    """Whether an unspaced term is a word rather than a piece of one; others are whole already.

    A piece keeps the same neighbour; a word meets several (accessor variety: Feng et al. 2004,
    Computational Linguistics 30:75). A break is as good as a second neighbour.
    """
    if not _UNSPACED.match(term):
        return True
    before, after = set(), set()
    for match in re.finditer(re.escape(term), everything):
        left = everything[max(match.start() - 2, 0) : match.start()]
        right = everything[match.end() : match.end() + 2]
        before.add(_neighbour(left, left[-1:]))
        after.add(_neighbour(right, right[:1]))
    return all(len(sides) > 1 or "" in sides for sides in (before, after))


def _neighbour(nearby: str, nearest: str) -> str:
    """The character next to a term; "" where the run of words breaks."""
    if not _UNSPACED.fullmatch(nearest) or _BREAKS.fullmatch(nearby):
        return ""
    return "" if _BREAKS.fullmatch(nearest) else nearest


def _overlap(one: str, other: str) -> bool:
    if one in other or other in one:
        return True
    if _UNSPACED.match(one) and _UNSPACED.match(other):
        return bool(set(_runs(one)) & set(_runs(other)))
    return bool(set(one.split()) & set(other.split()))
