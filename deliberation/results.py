"""Results as they were shown to people, in words: frozen reveals, with one's own place in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.methods.disclosure import AGREE, Shown
from deliberation.models import Reveal, Statement
from deliberation.services.votes import votes_of_round
from elicitation.models import Activity, Participant


@dataclass(frozen=True)
class Part:
    """One part of a bar: what it says ("agree", "disagree", "pass", "rest"), from where, how wide.

    start, width: percent.
    """

    name: str
    start: float
    width: float


@dataclass(frozen=True)
class RoundShown:
    """How one community voted on one statement in one round, as far as it may be said."""

    round: int
    sentence: str
    own: str
    parts: tuple[Part, ...]
    changed: str = ""


@dataclass(frozen=True)
class StatementShown:
    """One statement with each of its rounds, the first one first."""

    statement: Statement
    rounds: tuple[RoundShown, ...]

    @property
    def latest(self) -> RoundShown:
        """The round that was shown last."""
        return self.rounds[-1]


def results_for(
    activity: Activity,
    community: int,
    participant: Participant | None = None,
    statements: Iterable[Statement] | None = None,
    *,
    start: int = 0,
    most: int | None = None,
) -> list[StatementShown]:
    """What one community was shown: what is pushed before all, then what could be counted.

    participant: whose own place is told. statements: these only. start, most: a part of the list.
    What was taken out since is not shown any more.
    """
    rows = Reveal.objects.filter(activity=activity, community=community).order_by("round", "pk")
    if statements is not None:
        rows = rows.filter(statement__in=list(statements))
    by_statement: dict[int, list[Reveal]] = {}
    for row in rows.exclude(statement__moderation=Statement.Moderation.OUT):
        by_statement.setdefault(row.statement_id, []).append(row)
    order = sorted(by_statement, key=lambda one: _place(by_statement[one][-1], activity))
    page = order[start : None if most is None else start + most]
    words = Statement.objects.prefetch_related("translations").in_bulk(page)
    found = {one: by_statement[one] for one in page}
    own = _own_votes(activity, participant, found) if participant else None
    return [_statement_shown(words[one], found[one], own) for one in page]


def last_shown(participant: Participant) -> Activity | None:
    """The vote whose results were shown last in this person's workshop, as long as it is there."""
    row = (
        Reveal.objects.filter(
            activity__stage__workshop=participant.workshop_id,
            community=participant.seat.community_id,
        )
        .exclude(activity__stage__status="waiting")
        .select_related("activity__stage__workshop")
        .last()
    )
    return row.activity if row else None


def sentence_of(shown: Shown) -> str:
    """A result in words."""
    numbers = {"n": shown.n, "count": shown.count, "least": shown.least}
    if shown.shape == "all":
        return _("Agree: %(agree)s. Disagree: %(disagree)s. Pass: %(passed)s. Together: %(n)s.") % {
            "agree": shown.agree,
            "disagree": shown.disagree,
            "passed": shown.passed,
            "n": shown.n,
        }
    if shown.shape == "one" and shown.side == AGREE:
        return ngettext("%(count)s of %(n)s agreed.", "%(count)s of %(n)s agreed.", shown.count) % (
            numbers
        )
    if shown.shape == "one":
        return ngettext(
            "%(count)s of %(n)s disagreed.", "%(count)s of %(n)s disagreed.", shown.count
        ) % (numbers)
    if shown.shape == "nearly" and shown.side == AGREE:
        return _("Nearly all agreed: %(least)s or more of %(n)s.") % numbers
    if shown.shape == "nearly":
        return _("Nearly all disagreed: %(least)s or more of %(n)s.") % numbers
    if shown.shape == "open":
        return _("%(n)s voted. Too few took a side to say more.") % numbers
    return _("Too few voted to say.")


def own_place(shown: Shown, choice: int | None) -> str:
    """What the reader said, beside that."""
    if choice is None:
        return _("You did not vote on this.")
    counted = shown.shape == "all" or (shown.shape == "one" and shown.side == choice)
    if counted and choice == AGREE:
        return _("You are one of those who agreed.")
    if counted and choice == -AGREE:
        return _("You are one of those who disagreed.")
    said = {1: _("You agreed."), -1: _("You disagreed."), 0: _("You passed.")}
    return said[choice]


def parts_of(shown: Shown) -> tuple[Part, ...]:
    """The bar of a result that has counts."""
    if shown.shape == "all":
        counts = [("agree", shown.agree), ("pass", shown.passed), ("disagree", shown.disagree)]
    elif shown.shape == "one":
        side = "agree" if shown.side == AGREE else "disagree"
        counts = [(side, shown.count), ("rest", shown.n - shown.count)]
    else:
        return ()
    parts, start = [], 0.0
    for name, count in counts:
        width = 100 * count / shown.n
        parts.append(Part(name, round(start, 2), round(width, 2)))
        start += width
    return tuple(parts)


def _statement_shown(
    statement: Statement, rows: list[Reveal], own: dict[tuple[int, int], int] | None
) -> StatementShown:
    return StatementShown(statement, tuple(_round_shown(row, own) for row in rows))


def _round_shown(row: Reveal, own: dict[tuple[int, int], int] | None) -> RoundShown:
    shown = Shown.from_json(row.result)
    changed = int(row.result.get("changed") or 0)
    said = ngettext(
        "%(count)s changed their mind since the vote before.",
        "%(count)s changed their mind since the vote before.",
        changed,
    )
    return RoundShown(
        row.round,
        sentence_of(shown),
        "" if own is None else own_place(shown, own.get((row.round, row.statement_id))),
        parts_of(shown),
        said % {"count": changed} if changed else "",
    )


def _own_votes(
    activity: Activity, participant: Participant, shown: dict[int, list[Reveal]]
) -> dict[tuple[int, int], int]:
    """What this person said, by round and statement."""
    rounds = {row.round for rows in shown.values() for row in rows}
    return {
        (one, vote.statement): vote.choice
        for one in rounds
        for vote in votes_of_round(activity, one, shown, participant)
    }


def _place(row: Reveal, activity: Activity) -> tuple[bool, bool, int]:
    """Where a result stands: pushed, then counted ones, as the statements came in."""
    is_counted = row.result.get("shape") in ("all", "one")
    return (row.statement_id != activity.pushed, not is_counted, row.statement_id)
