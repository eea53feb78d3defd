"""Texts that say nearly the same, found exactly: none at or above the threshold is missed.

The measure is the Jaccard overlap of pairs of neighbouring words (w-shingles, Broder 1997). The
search is the prefix filter of All-Pairs (Bayardo, Ma and Srikant 2007, WWW): two sets that overlap
enough share one of their rarest members. MinHash would miss some pairs by chance, and a prompt
that stands on both sides of a split by chance is what this is here to prevent.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

# Lee et al. 2022 (ACL) call texts near-duplicates from .8 on.
THRESHOLD = 0.8
# Where no spaces part words, each character stands for one.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]|[^\W_]+")
Shingles = frozenset[tuple[str, ...]]


def overlap(first: str, second: str) -> float:
    """How much two texts say the same, in [0, 1]; case, spaces and punctuation do not count."""
    return _jaccard(shingles(first), shingles(second))


def shingles(text: str) -> Shingles:
    """The pairs of neighbouring words of a text; its one word where it has no more."""
    words = _WORD.findall(text.casefold())
    if len(words) < 2:
        return frozenset([tuple(words) or (text.strip(),)])
    return frozenset(pairwise(words))


def groups_of_near_duplicates(
    texts: Sequence[str], *, threshold: float = THRESHOLD
) -> list[list[int]]:
    """Groups of two texts or more, as sorted places; whoever nearly says the same is in one group.

    threshold: the least overlap, in (0, 1]. Groups are the connected parts, so two members can be
    less alike than that. Raises ValueError for a threshold out of range.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"The least overlap lies in (0, 1], not {threshold}.")
    sets = [shingles(text) for text in texts]
    alike: dict[Shingles, list[int]] = defaultdict(list)
    for place, one in enumerate(sets):
        alike[one].append(place)
    distinct = sorted(alike, key=lambda one: (len(one), alike[one][0]))
    parts = _joined(distinct, threshold)
    groups = [sorted(place for one in part for place in alike[distinct[one]]) for part in parts]
    return sorted(group for group in groups if len(group) > 1)


def crossing(first: Sequence[str], second: Sequence[str], *, threshold: float = THRESHOLD) -> int:
    """How many of the first texts say nearly the same as one of the second."""
    groups = groups_of_near_duplicates([*first, *second], threshold=threshold)
    edge = len(first)
    both = [group for group in groups if group[0] < edge <= group[-1]]
    return sum(place < edge for group in both for place in group)


def _joined(sets: Sequence[Shingles], threshold: float) -> list[list[int]]:
    """The connected parts of distinct sets that overlap enough. sets: the smallest first."""
    count = Counter(member for one in sets for member in one)
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    parents = list(range(len(sets)))
    for place, one in enumerate(sets):
        rarest = sorted(one, key=lambda member: (count[member], member))
        prefix = rarest[: len(one) - math.ceil(threshold * len(one) - 1e-9) + 1]
        for other in {earlier for member in prefix for earlier in seen[member]}:
            if len(sets[other]) < threshold * len(one) - 1e-9:
                continue
            if _root(parents, other) == _root(parents, place):
                continue
            if _jaccard(sets[other], one) >= threshold - 1e-9:
                parents[_root(parents, place)] = _root(parents, other)
        for member in prefix:
            seen[member].append(place)
    parts: dict[int, list[int]] = defaultdict(list)
    for place in range(len(sets)):
        parts[_root(parents, place)].append(place)
    return list(parts.values())


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place


def _jaccard(first: Shingles, second: Shingles) -> float:
    both = len(first & second)
    return both / (len(first) + len(second) - both)
