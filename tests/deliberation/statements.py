"""Statements to vote on, and people who vote, for every test that needs some."""

from __future__ import annotations

from typing import Any

from deliberation.models import Statement
from deliberation.services import VoteSaid, cast_votes
from elicitation.models import Activity, Participant
from tests.conftest import take_part


def state(activity: Activity, text: str = "It should listen.", **fields: Any) -> Statement:
    """An accepted statement of the activity's stage."""
    number = Statement.objects.count()
    known = {"stage": activity.stage, "moderation": "in", "external_id": f"s{number}"}
    return Statement.objects.create(
        workshop=activity.stage.workshop, text=text, **{**known, **fields}
    )


def people(activity: Activity, community: str, number: int) -> list[Participant]:
    """So many people of one community."""
    workshop = activity.stage.workshop
    return [take_part(workshop, community, f"{community}-{one}") for one in range(number)]


def vote(activity: Activity, statement: Statement, voters: list[Participant], *split: int) -> None:
    """Have people agree, disagree and pass, so many each, in the order in which they come."""
    said = [choice for choice, count in zip((1, -1, 0), split, strict=False) for _ in range(count)]
    cast_votes(
        VoteSaid(
            person,
            statement,
            choice,
            f"{statement.pk}:{activity.round}:{person.pk}",
            activity=activity,
        )
        for person, choice in zip(voters, said, strict=False)
    )
