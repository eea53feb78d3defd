"""Hiding which model speaks, so that people judge what is said and not who says it.

Only what a completion says of itself is touched ("I am …", "As …, I", "my developers at …"), and
there only the names: every other character stays as it is. A completion that talks about a model or
its maker is left alone. So is a name in words that somebody else is quoted with.
"""

import re
from dataclasses import dataclass
from functools import partial

from elicitation.methods.model_names import ANY_MASK, mask_names, unmask_names
from elicitation.methods.self_naming import LANGUAGES, Language

_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:\n])\W*$")


@dataclass(frozen=True)
class Blinded:
    """A completion as people see it, and whether anything was hidden."""

    text: str
    changed: bool


def blind(text: str) -> Blinded:
    """The completion with neutral words for the names that it gives itself or its maker.

    English, Spanish and Arabic. Blinding twice is the same as once.
    """
    # Names are masked by private characters; such characters of the text's own part it.
    parts = [part if ANY_MASK.match(part) else _blind(part) for part in ANY_MASK.split(text)]
    blinded = "".join(parts)
    return Blinded(blinded, changed=blinded != text)


def _blind(text: str) -> str:
    """Round by round: each takes a name away, and can show that the next is the speaker's too."""
    before, after = "", text
    while after != before:
        before, after = after, _once(after)
    return after


def _once(text: str) -> str:
    text, names = mask_names(text)
    for language in LANGUAGES if names else ():
        text = language.introduction.sub(partial(_introduced, language=language), text)
        for saying in language.sayings:
            text = saying.sub(partial(_neutral, language=language), text)
    return unmask_names(text, names)


def _introduced(found: re.Match[str], language: Language) -> str:
    words = language.i_am_a_model
    return _capital(words) if found[0][:1].isupper() else words


def _neutral(found: re.Match[str], language: Language) -> str:
    """What was found, with every name in it made neutral."""
    words = found[0]
    for pattern, neutral in language.names:
        words = pattern.sub(neutral, words)
    if words == found[0]:
        return words
    begins = _SENTENCE_BEGINS.search(found.string, max(0, found.start() - 8), found.start())
    return _capital(words) if begins else words


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
