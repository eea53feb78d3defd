"""Votes counted in the database for pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from deliberation.models import Statement, Vote
from elicitation.models import Workshop, WorkshopCommunity

FIELD = {1: "agree", -1: "disagree", 0: "passed"}


@dataclass
class Split:
    """How one community voted on one statement."""

    seat: WorkshopCommunity
    agree: int = 0
    disagree: int = 0
    passed: int = 0


def splits_of(workshop: Workshop, statements: Iterable[Statement]) -> dict[int, list[Split]]:
    """For each statement, the votes of each community that voted on it, in the seats' order."""
    statements = list(statements)
    seats = list(workshop.seats.select_related("community"))
    result: dict[int, dict[int, Split]] = {statement.pk: {} for statement in statements}
    counted = (
        Vote.objects.filter(statement__in=statements)
        .order_by()
        .values_list("statement", "participant__seat", "choice")
        .annotate(number=Count("pk"))
    )
    by_pk = {seat.pk: seat for seat in seats}
    for statement, seat, choice, number in counted:
        split = result[statement].setdefault(seat, Split(by_pk[seat]))
        setattr(split, FIELD[choice], number)
    return {
        statement: [splits[seat.pk] for seat in seats if seat.pk in splits]
        for statement, splits in result.items()
    }
