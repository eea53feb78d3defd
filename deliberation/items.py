"""What phones show of a vote: one statement, what was said of it before, and its results."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from django.utils.translation import get_language

from deliberation.models import Statement, StatementTranslation
from deliberation.results import StatementShown, results_for
from deliberation.services.showing import (
    Asked,
    Standing,
    next_statements,
    one_statement,
    progress_of,
    room_for,
)
from elicitation.models import Activity, Participant
from elicitation.shown_words import Words


@dataclass(frozen=True)
class VoteItem:
    """One statement to vote on, a screen.

    said: the choice that holds in this round, where somebody comes back to it; before: the choice
    of the round before. results: what was shown after that. number, of: which it is of how many;
    0 where somebody comes back to it or goes beyond what was asked.
    """

    asked: Asked
    words: Words
    is_own: bool
    number: int = 0
    of: int = 0
    said: int | None = None
    before: int | None = None
    results: StatementShown | None = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def name(self) -> str:
        """What tells it from the other items of a page."""
        return f"vote:{self.asked.statement.pk}"


@dataclass(frozen=True)
class AlikeItem:
    """A statement of others that one can agree with instead of writing the same."""

    statement: Statement
    words: Words
    round: int
    key: str = field(default_factory=lambda: str(uuid.uuid4()))


def alike_item(statement: Statement, voting: Activity | None) -> AlikeItem:
    """One of them, in the round that is open."""
    return AlikeItem(statement, statement_words(statement), voting.round if voting else 1)


def vote_items(participant: Participant, activity: Activity, asked: list[Asked]) -> list[VoteItem]:
    """These statements as this person sees them."""
    results: dict[int, StatementShown] = {}
    if activity.round > 1:
        statements = [one.statement for one in asked]
        shown = results_for(activity, participant.seat.community_id, participant, statements)
        results = {one.statement.pk: one for one in shown}
    return [_item(participant, one, results.get(one.statement.pk)) for one in asked]


def _item(participant: Participant, asked: Asked, results: StatementShown | None) -> VoteItem:
    cast = asked.before
    is_of_now = cast is not None and (cast.round == asked.round or results is None)
    return VoteItem(
        asked,
        statement_words(asked.statement),
        asked.statement.author_id == participant.pk,
        said=cast.choice if cast and is_of_now else None,
        before=cast.choice if cast and not is_of_now else None,
        results=results,
    )


def items_of_vote(
    participant: Participant,
    activity: Activity,
    standing: Standing,
    *,
    item: int | None = None,
    skip: Collection[int] = (),
    more: bool = False,
) -> list[VoteItem]:
    """What to show now: the one that was asked for, or those that are next, numbered.

    skip: keys of what their phone holds already. more: beyond what people are asked for.
    """
    if item is not None:
        one = one_statement(participant, activity, standing, item)
        return vote_items(participant, activity, [one] if one else [])
    room = room_for(standing, activity, skip, more=more)
    asked = next_statements(participant, activity, standing, skip, room) if room else []
    of = progress_of(standing, activity).of or 0
    held = len({*standing.done, *skip})
    return [
        replace(one, number=number, of=of) if number <= of else one
        for number, one in enumerate(vote_items(participant, activity, asked), start=held + 1)
    ]


def statement_words(statement: Statement) -> Words:
    """A statement in the reader's language, where it is translated; rather by a person.

    Prefetch its translations where there are many statements.
    """
    language = get_language() or "en"
    base = language.split("-")[0]
    fitting = [one for one in statement.translations.all() if one.locale.split("-")[0] == base]
    if not fitting:
        return Words(statement.text)
    best = max(fitting, key=lambda one: (one.locale == language, _is_persons(one), -one.pk))
    return Words(best.text, best.locale, best.origin, statement.text)


def _is_persons(translation: StatementTranslation) -> bool:
    return translation.origin == StatementTranslation.Origin.PERSON
