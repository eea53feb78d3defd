"""Choosing principles: from what communities agree on, want alone, or contest, to a short list.

The guarantees and a worked table are in docs/choosing-principles.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["common_ground", "community_specific", "contested"]
Stance = Literal["for", "against", "unclear"]
Reason = Literal["fault line", "minority floor", "representation", "strength"]


@dataclass(frozen=True)
class Candidate:
    """Something a constitution could say, with what each community makes of it.

    key: unique. text: the words. stances: community → for, against or unclear, already decided by
    intervals. support: community → the lower bound of how much it is wanted, any common scale in
    [0, 1]. approvers: people who want it (votes only; empty where nobody was asked as a person).
    fault_line: the number of the fault line it stands on, or None. topic: candidates of one topic
    say nearly the same; only the strongest of them is taken. kind: what support measures; only
    candidates of one kind are compared by strength.
    """

    key: str
    text: str
    stances: Mapping[str, Stance]
    support: Mapping[str, float]
    approvers: frozenset[str] = frozenset()
    fault_line: int | None = None
    topic: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Choice:
    """One chosen candidate, its status, and which rule gave it its place."""

    candidate: Candidate
    status: Status
    communities: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True)
class Slate:
    """The chosen principles in order, and what the rules could not give."""

    choices: tuple[Choice, ...]
    sentences: tuple[str, ...] = ()
    unrepresented: int = 0
    considered: int = 0
    without_status: int = 0
    floors: Mapping[str, int] = field(default_factory=dict)


def stance_from_bounds(low: float, high: float) -> Stance:
    """Whether a community is for, against, or too close to call, from the bounds of its share.

    low, high: bounds of the share that agrees, in [0, 1]; NaN when not measured.
    """
    if low > 0.5:
        return "for"
    if high < 0.5:
        return "against"
    return "unclear"


def status_of(stances: Mapping[str, Stance]) -> Status | None:
    """What a constitution may call a candidate; None when no community credibly wants it.

    Common ground takes every community's word for it: one that is unclear, or was not asked, makes
    it community-specific to those that are for it.
    """
    said = set(stances.values())
    if "for" not in said:
        return None
    if "against" in said:
        return "contested"
    return "common_ground" if said == {"for"} else "community_specific"


def choose_principles(
    candidates: Sequence[Candidate],
    communities: Sequence[str],
    *,
    places: int = 12,
    floor: int | None = None,
    fault_lines: int = 3,
) -> Slate:
    """Choose at most `places` candidates so that no community and no cohesive crowd is left out.

    In this order, each rule taking what the earlier ones left:
    fault line — the strongest contested candidate of each of the first `fault_lines` fault lines;
    minority floor — each community gets `floor` places that it credibly wants, whatever its size
    (default: a third of the places shared equally, at least one);
    representation — while some candidate is wanted by n/places or more people none of whose wishes
    is met, the one wanted by most of them, which gives justified representation (Aziz et al. 2017,
    Definition 1) whenever the places left suffice; where they do not, the slate says so;
    strength — by the least support over communities that were asked, kinds taking turns.

    communities: all that take part. Raises ValueError when a key repeats or places is not positive.
    """
    _check(candidates, communities, places)
    taker = _Taker(candidates, places)
    floor = max(1, places // (3 * max(1, len(communities)))) if floor is None else floor
    _take_fault_lines(taker, fault_lines)
    _take_floor(taker, communities, floor)
    _take_for_unrepresented(taker)
    taker.fill()
    return _slate(taker, communities, floor)


def unrepresented_people(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate], places: int
) -> int:
    """The size of the largest crowd of n/places or more who share a wish and got none; 0 if none.

    n counts everyone who wants at least one candidate.
    """
    everyone = frozenset[str]().union(*(c.approvers for c in candidates))
    met = frozenset[str]().union(*(c.approvers for c in chosen))
    crowds = [len(c.approvers - met) for c in candidates]
    largest = max(crowds, default=0)
    return largest if everyone and largest * places >= len(everyone) else 0


class _Taker:
    """Candidates that may be taken, and those that were."""

    def __init__(self, candidates: Sequence[Candidate], places: int) -> None:
        self.places = places
        statuses = {c.key: status_of(c.stances) for c in candidates}
        self.without_status = sum(status is None for status in statuses.values())
        self.statuses: dict[str, Status] = {k: s for k, s in statuses.items() if s is not None}
        self.open = sorted((c for c in candidates if c.key in self.statuses), key=_strength)
        self.considered = list(self.open)
        self.choices: list[Choice] = []

    @property
    def is_full(self) -> bool:
        return len(self.choices) >= self.places

    def take(self, candidate: Candidate, reason: Reason) -> None:
        """Give it a place, and close the others of its topic."""
        wanting = tuple(sorted(c for c, s in candidate.stances.items() if s == "for"))
        self.choices.append(Choice(candidate, self.statuses[candidate.key], wanting, reason))
        same = candidate.topic
        self.open = [c for c in self.open if c is not candidate and (not same or c.topic != same)]

    def chosen_for(self, community: str) -> int:
        """How many places already hold what this community credibly wants."""
        return sum(c.candidate.stances.get(community) == "for" for c in self.choices)

    def fill(self) -> None:
        """Give the remaining places by strength; contested candidates only enter by fault lines.

        The kind with the fewest places so far goes next: shares of votes and probabilities of
        being chosen are not on one scale, and neither may crowd out the other.
        """
        while not self.is_full:
            rest = [c for c in self.open if self.statuses[c.key] != "contested"]
            if not rest:
                return
            taken = Counter(choice.candidate.kind for choice in self.choices)
            self.take(min(rest, key=lambda c: (taken[c.kind], _strength(c))), "strength")


def _strength(candidate: Candidate) -> tuple[float, float, str]:
    """Strongest first; equal strength by mean support, then by key so that order never matters."""
    known = [v for v in candidate.support.values() if v == v]
    least = min(known, default=0.0)
    return (-least, -sum(known) / max(1, len(known)), candidate.key)


def _contest(candidate: Candidate) -> tuple[float, str]:
    """The most wanted on its own side first."""
    best = max((v for v in candidate.support.values() if v == v), default=0.0)
    return (-best, candidate.key)


def _take_fault_lines(taker: _Taker, how_many: int) -> None:
    numbers = sorted({c.fault_line for c in taker.open if c.fault_line is not None})
    for number in numbers[:how_many]:
        contested = [
            c for c in taker.open if c.fault_line == number and taker.statuses[c.key] == "contested"
        ]
        if contested and not taker.is_full:
            taker.take(min(contested, key=_contest), "fault line")


def _take_floor(taker: _Taker, communities: Sequence[str], floor: int) -> None:
    for _ in range(floor):
        # The community with least so far goes first, so that a full list is short for none alone.
        for community in sorted(communities, key=lambda c: (taker.chosen_for(c), c)):
            if taker.is_full or taker.chosen_for(community) >= floor:
                continue
            wanted = [c for c in taker.open if c.stances.get(community) == "for"]
            uncontested = [c for c in wanted if taker.statuses[c.key] != "contested"]
            if uncontested or wanted:
                best = min(uncontested or wanted, key=lambda c: _wanted_by(c, community))
                taker.take(best, "minority floor")


def _wanted_by(candidate: Candidate, community: str) -> tuple[float, str]:
    return (-candidate.support.get(community, 0.0), candidate.key)


def _take_for_unrepresented(taker: _Taker) -> None:
    everyone = frozenset[str]().union(*(c.approvers for c in taker.considered))
    met = frozenset[str]().union(*(c.candidate.approvers for c in taker.choices))
    while not taker.is_full:
        crowds = [(-len(c.approvers - met), _strength(c), c) for c in taker.open]
        if not crowds:
            return
        unmet, _, best = min(crowds, key=lambda crowd: crowd[:2])
        if unmet == 0 or -unmet * taker.places < len(everyone):
            return
        taker.take(best, "representation")
        met |= best.approvers


def _slate(taker: _Taker, communities: Sequence[str], floor: int) -> Slate:
    floors = {community: taker.chosen_for(community) for community in communities}
    chosen = [choice.candidate for choice in taker.choices]
    left_out = unrepresented_people(chosen, taker.considered, taker.places)
    sentences = []
    if not taker.considered:
        sentences.append("No statement or preference is credibly wanted by any community yet.")
    for community, places in sorted(floors.items()):
        if places < floor and taker.considered:
            sentences.append(
                f"{community} has {places} of the {floor} places kept for it: "
                "its answers support no more."
            )
    if left_out:
        sentences.append(
            f"{left_out} people share a wish that has no place in {taker.places} principles."
        )
    return Slate(
        tuple(taker.choices),
        tuple(sentences),
        left_out,
        len(taker.considered),
        taker.without_status,
        floors,
    )


def _check(candidates: Sequence[Candidate], communities: Sequence[str], places: int) -> None:
    if places < 1:
        raise ValueError(f"A constitution needs at least one place, not {places}.")
    keys = [c.key for c in candidates]
    if len(set(keys)) != len(keys):
        raise ValueError("Two candidates have the same key.")
    unknown = {name for c in candidates for name in c.stances} - set(communities)
    if unknown:
        raise ValueError(f"Candidates speak of unknown communities: {sorted(unknown)}.")
