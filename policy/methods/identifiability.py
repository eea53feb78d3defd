"""Whether differences between communities can be told from differences in what they were asked."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class SharedItems:
    """Two communities: how many judged items they share, and whether that is enough.

    judged: items of `first` and of `second`. sentence: for the result, in either case.
    """

    first: str
    second: str
    judged: tuple[int, int]
    shared: int
    needed: int
    identified: bool
    sentence: str


def shared_items(
    judged: Mapping[str, Collection[Hashable]], *, needed: int = 10, items: str = "pairs"
) -> tuple[SharedItems, ...]:
    """Every two communities, in the order given, with the items that both judged.

    judged: each community's items (ids of comparisons or prompts; repeats count once). items: what
    they are called in the sentence. One community or none gives an empty result.
    Raises ValueError when needed is below 1.
    """
    if needed < 1:
        raise ValueError("At least one shared item is needed to compare communities.")
    sets = {name: frozenset(ids) for name, ids in judged.items()}
    return tuple(_shared(one, other, sets, needed, items) for one, other in combinations(sets, 2))


def _shared(
    one: str, other: str, sets: Mapping[str, frozenset[Hashable]], needed: int, items: str
) -> SharedItems:
    shared = len(sets[one] & sets[other])
    return SharedItems(
        first=one,
        second=other,
        judged=(len(sets[one]), len(sets[other])),
        shared=shared,
        needed=needed,
        identified=shared >= needed,
        sentence=_sentence(one, other, sets, shared, needed, items),
    )


def _sentence(
    one: str,
    other: str,
    sets: Mapping[str, frozenset[Hashable]],
    shared: int,
    needed: int,
    items: str,
) -> str:
    if shared >= needed:
        return f"{one} and {other} both judged {shared} {items}; differences rest on these."
    missing = f"Differences between {one} and {other} are not identified: "
    empty = [name for name in (one, other) if not sets[name]]
    if empty:
        return f"{missing}{' and '.join(empty)} judged nothing."
    if shared == 0:
        return f"{missing}they judged different {items} (0 shared)."
    return f"{missing}they share too few {items} ({shared} shared, {needed} needed)."
