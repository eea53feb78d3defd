"""The answers that deliberation owns, put in words for whoever gave them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from deliberation.models import Statement, Vote
from elicitation.models import Activity, AnswerEvent, Participant
from elicitation.services.own_data import Described, change_page, describes

Kind = AnswerEvent.Kind


def _became_of(statement: Statement) -> str:
    """What became of somebody's statement."""
    return {
        Statement.Moderation.UNREVIEWED: _("You proposed this. It waits to be read."),
        Statement.Moderation.IN: _("You proposed this. Others vote on it."),
        Statement.Moderation.OUT: _("You proposed this. It was taken out."),
    }[Statement.Moderation(statement.moderation)]


def _voted(choice: object) -> str:
    return {1: _("You agreed"), -1: _("You disagreed")}.get(
        choice if isinstance(choice, int) else 0, _("You passed")
    )


@describes(Kind.VOTE, Vote)
def votes(participant: Participant, events: Sequence[AnswerEvent]) -> dict[int, Described]:
    """What somebody makes of a statement."""
    statements = Statement.objects.in_bulk([event.target for event in events])
    may_change = bool(change_page(participant, Activity.Kind.VOTE, 0))
    return {
        event.pk: Described(
            asked=statements[event.target].text,
            said=_voted(event.body.get("choice")),
            change=change_page(participant, Activity.Kind.VOTE, event.target) if may_change else "",
        )
        for event in events
        if event.target in statements
    }


@describes(Kind.STATEMENT)
def statements(participant: Participant, events: Sequence[AnswerEvent]) -> dict[int, Described]:
    """What somebody proposed, and what became of it."""
    mine = Statement.objects.filter(author=participant).in_bulk([event.target for event in events])
    described = {}
    for event in events:
        statement = mine.get(event.target)
        described[event.pk] = Described(
            said=_became_of(statement) if statement else _("You proposed this"),
            words=[str(event.body[name]) for name in ("text", "why") if event.body.get(name)],
        )
    return described
