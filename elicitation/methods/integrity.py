"""Integrity without accounts: what a facilitator should look at, and how sure one can be.

Nobody is blocked by it. The choice, its guarantee, its limits and a worked table are in
docs/integrity.md. Numeric: for the worker, not for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from elicitation.methods.integrity_alone import (
    FEWEST_ANSWERS,
    HOUSEHOLD,
    SHARING_RATE,
    claims_too_much,
    flatness,
    hasty,
    much_shared,
    one_sided,
)
from elicitation.methods.integrity_table import (
    NAN,
    Answer,
    Bools,
    Floats,
    Ints,
    Person,
    Side,
    Table,
    latest,
    table_of,
)
from elicitation.methods.integrity_together import Coordination, coordination

__all__ = [
    "Answer",
    "CommunityIntegrity",
    "Finding",
    "Integrity",
    "Person",
    "Side",
    "Signal",
    "check",
]

ALARM = 0.02
NOTABLE = 0.05
MOST_SCORE = 16.0


@dataclass(frozen=True)
class Signal:
    """One thing seen. p: its p-value, NaN where it is told without one. decides: whether it
    counts towards a flag; what honest people often do is a note, and does not."""

    name: str
    p: float
    sentence: str
    decides: bool


@dataclass(frozen=True)
class Finding:
    """One person. p: of all that decides, together; score: -log10 of it, 0 to 16."""

    pseudonym: str
    community: str
    signals: tuple[Signal, ...]
    p: float
    score: float
    flagged: bool


@dataclass(frozen=True)
class CommunityIntegrity:
    """One community. threshold: the p-value up to which people were flagged, 0 if nobody was.

    An honest person here is flagged with at most that probability, so at most false_alarms
    (= people × threshold) are expected among them.
    """

    community: str
    people: int
    flagged: int
    threshold: float
    false_alarms: float
    sentence: str


@dataclass(frozen=True)
class Integrity:
    """people: in the order given. communities: by name."""

    people: tuple[Finding, ...]
    communities: tuple[CommunityIntegrity, ...]


def check(
    people: Sequence[Person],
    *,
    shared_installs: frozenset[str] = frozenset(),
    alarm: float = ALARM,
) -> Integrity:
    """Score one workshop's people, and flag within each community by Benjamini-Hochberg.

    shared_installs: devices that the facilitator declared as passed from person to person.
    alarm: in (0, 1), bounds both the expected share of honest people among the flagged (were the
    p-values independent or positively dependent) and an honest person's chance of a flag.
    2,000 people and 200 items take seconds. Raises ValueError for a pseudonym twice, a time that
    is no number, or another alarm.
    """
    if not 0 < alarm < 1:
        raise ValueError("The false-alarm target must lie between 0 and 1.")
    people = [latest(one) for one in people]
    table = table_of(people, shared_installs)
    if not len(people):
        return Integrity((), ())
    evidence = _evidence(people, table)
    p = combined(evidence.decisive)
    threshold = np.zeros(len(people))
    for number in range(len(table.names)):
        inside = table.community == number
        threshold[inside] = flag_threshold(p[inside], alarm)
    flagged = p <= threshold
    findings = tuple(
        Finding(
            one.pseudonym, one.community, evidence.signals[row], float(p[row]),
            float(min(MOST_SCORE, max(0.0, -np.log10(max(p[row], 1e-300))))), bool(flagged[row]),
        )
        for row, one in enumerate(people)
    )  # fmt: skip
    return Integrity(findings, _communities(table, flagged, threshold))


def combined(p: Floats) -> Floats:
    """(n,): one p-value from (n, signals), NaN where not measured; 1 where nothing was.

    Bonferroni: the smallest times the number measured, whatever depends on what.
    """
    measured = np.isfinite(p).sum(axis=1)
    least = np.min(np.where(np.isfinite(p), p, 1.0), axis=1, initial=1.0)
    return np.asarray(np.minimum(1.0, least * np.maximum(measured, 1)), dtype=np.float64)


def flag_threshold(p: Floats, alarm: float) -> float:
    """The largest of the p-values that Benjamini and Hochberg (1995) reject; 0 if none.

    Exact zeros do not occur in p-values of ours, so 0 flags nobody.
    """
    ranked = np.sort(p)
    passing = ranked <= alarm * np.arange(1, len(p) + 1) / max(len(p), 1)
    return float(ranked[passing][-1]) if passing.any() else 0.0


@dataclass(frozen=True)
class _Evidence:
    """decisive: (n, signals) p-values; signals: per person, what is told."""

    decisive: Floats
    signals: list[tuple[Signal, ...]]


def _evidence(people: Sequence[Person], table: Table) -> _Evidence:
    left, right = (_chosen(people, side) for side in ("left", "right"))
    quick, of, hasty_p = hasty(table)
    side_p, device_p, flat = (
        one_sided(left, right),
        much_shared(table.install_seats),
        flatness(table),
    )
    together = coordination(table, flat)
    decisive = np.maximum(np.stack([hasty_p, side_p, device_p, together.p], axis=1), 1e-300)
    too_much = claims_too_much(table)
    signals = []
    for row, one in enumerate(people):
        told = [
            Signal(
                "haste", hasty_p[row], f"Answered {quick[row]} of {of[row]} within a second.", True
            ),
            Signal("one side", side_p[row], _side_sentence(left[row], right[row]), True),
            _device(people, table, row, float(device_p[row])),
            _coordination(people, together, row),
            *_notes(one, bool(too_much[row]), float(flat[row])),
        ]
        signals.append(tuple(one for one in told if _worth_telling(one)))
    return _Evidence(decisive, signals)


def _worth_telling(signal: Signal) -> bool:
    """A p-value small enough, or a note that has none; a test that was not made says nothing."""
    told = not signal.decides if np.isnan(signal.p) else signal.p <= NOTABLE
    return bool(signal.sentence) and told


def _chosen(people: Sequence[Person], side: str) -> Ints:
    """(n,): how often each chose what stood on that side."""
    return np.array([sum(a.side == side for a in one.answers) for one in people], dtype=np.int64)


def _side_sentence(left: int, right: int) -> str:
    side = "left" if left >= right else "right"
    return f"Chose the {side} answer {max(left, right)} of {left + right} times."


def _device(people: Sequence[Person], table: Table, row: int, p: float) -> Signal:
    """A phone that several people joined on: a note up to a household, then evidence."""
    others = np.flatnonzero(table.same_install[row])
    sentence = f"The same phone joined as {_named(people, others)}." if others.size else ""
    seats = int(table.install_seats[row])
    if seats > HOUSEHOLD:
        return Signal("device", p, sentence, True)
    return Signal("device", SHARING_RATE ** (seats - 1), sentence, False)


def _coordination(people: Sequence[Person], together: Coordination, row: int) -> Signal:
    partner, number = int(together.partner[row]), int(together.agreeing[row])
    sentence = ""
    if partner >= 0:
        more = f" and {number - 1} more" if number > 1 else ""
        sentence = (
            f"Answers like {people[partner].pseudonym}{more}, beyond what shared views explain,"
            f" and shares with them: {together.evidence[row]}."
        )
    return Signal("coordination", float(together.p[row]), sentence, True)


def _notes(one: Person, too_much: bool, flat: float) -> list[Signal]:
    """What an honest person may well do, told without counting."""
    notes = []
    if too_much:
        words = "The phone says it was looked at for longer than the person was here."
        notes.append(Signal("claimed time", NAN, words, False))
    choices = [answer.choice for answer in one.answers if not answer.side]
    if len(choices) >= FEWEST_ANSWERS and len(set(choices)) == 1:
        words = f"Gave the same answer {len(choices)} of {len(choices)} times."
        notes.append(Signal("one answer", NAN, words, False))
    if np.isfinite(flat):
        words = "Took no longer over what takes others long."
        notes.append(Signal("flat times", float(norm.cdf(flat)), words, False))
    return notes


def _named(people: Sequence[Person], rows: Ints) -> str:
    """ "amber-heron-412, bold-fern-100 and 3 more"."""
    names = [people[row].pseudonym for row in rows[:2]]
    more = f" and {len(rows) - 2} more" if len(rows) > 2 else ""
    return (", " if more else " and ").join(names) + more


def _communities(table: Table, flagged: Bools, threshold: Floats) -> tuple[CommunityIntegrity, ...]:
    found = []
    for number, name in enumerate(table.names):
        inside = table.community == number
        people, some = int(inside.sum()), int(flagged[inside].sum())
        level = float(threshold[inside].max())
        expected = people * level
        sentence = f"{some} of {people} people are worth a look; of honest readers, at most"
        sentence += f" {expected:.1f} would be among them by chance."
        if not some:
            sentence = f"Nobody of {people} people stands out."
        found.append(CommunityIntegrity(name, people, some, level, expected, sentence))
    return tuple(found)
