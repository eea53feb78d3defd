"""Small readings of what people write: does it say one thing, and was it said before?

They make tips and hints for the person who writes. Nothing is refused or decided by them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

# The same pattern for Python and JavaScript: a semicolon, a joining word, or a second sentence.
SEVERAL_IDEAS = r"[;؛；]| and | y |[.!?؟。！？] *[^ .!?؟。！？]"
ALIKE = 0.5
LEAST_SHARED = 2


def holds_several_ideas(text: str) -> bool:
    """Whether a text may say two things at once, which others could then not vote on apart."""
    return re.search(SEVERAL_IDEAS, text.strip(), re.IGNORECASE) is not None


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in small letters."""
    return frozenset(re.findall(r"\w{2,}", text.casefold()))


def similar(
    text: str, others: Mapping[int, str], most: int = 3, at_least: float = ALIKE
) -> list[int]:
    """Those of the others that share much of their words with the text, the most alike first.

    A word weighs log((N + 1) / how many of the N others hold it), so that "it should" weighs next
    to nothing in any language. Alike: the shared weight is at_least so much of the two texts' mean
    (the index of Dice), and two words or more are shared. Scripts without spaces between words find
    only the same text. at_least 0: all of the others.
    """
    mine = words_of(text)
    held = {key: words_of(other) for key, other in others.items()}
    frequency = Counter(word for words in held.values() for word in words)
    weights = {
        word: math.log((len(held) + 1) / max(1, frequency[word])) + 1e-9
        for word in mine | set(frequency)
    }
    scores: dict[int, float] = {}
    for key, words in held.items():
        shared = mine & words
        both = _weight(mine, weights) + _weight(words, weights)
        if both and (len(shared) >= LEAST_SHARED or mine == words):
            scores[key] = 2 * _weight(shared, weights) / both
        elif not at_least:
            scores[key] = 0.0
    alike = [key for key, score in scores.items() if score >= at_least]
    return sorted(alike, key=lambda key: (-scores[key], key))[:most]


def _weight(words: frozenset[str], weights: Mapping[str, float]) -> float:
    return math.fsum(weights[word] for word in words)
