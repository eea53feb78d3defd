"""The answers that elicitation owns, put in words for whoever gave them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from elicitation.items import SERIES, Item, Row, items_of
from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    Comparison,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Preference,
    Ranking,
    RankingTask,
    Rating,
    Rewrite,
    Showing,
)
from elicitation.services.own_data import Described, change_page, describes
from elicitation.services.pool import shelf_of
from elicitation.templatetags.judging import said_in_words

Kind = AnswerEvent.Kind
Events = Sequence[AnswerEvent]


@describes(Kind.PREFERENCE, Preference)
def preferences(participant: Participant, events: Events) -> dict[int, Described]:
    """Which of two answers was better."""
    rows = Comparison.objects.filter(participant=participant)
    return _judged(participant, events, rows, Activity.Kind.COMPARE)


@describes(Kind.RATING, Rating)
def ratings(participant: Participant, events: Events) -> dict[int, Described]:
    """How good an answer was."""
    rows = Showing.objects.filter(participant=participant).select_related("activity")
    return _judged(participant, events, rows, Activity.Kind.RATE)


@describes(Kind.REWRITE, Rewrite)
def rewrites(participant: Participant, events: Events) -> dict[int, Described]:
    """What an answer should have said."""
    rows = Showing.objects.filter(participant=participant).select_related("activity")
    return _judged(participant, events, rows, Activity.Kind.REWRITE)


@describes(Kind.RANKING, Ranking)
def rankings(participant: Participant, events: Events) -> dict[int, Described]:
    """In what order answers stand."""
    rows = RankingTask.objects.filter(participant=participant)
    return _judged(participant, events, rows, Activity.Kind.RANK)


@describes(Kind.CASE, Case)
def cases(participant: Participant, events: Events) -> dict[int, Described]:
    """Tests of one's own."""
    return {
        event.pk: Described(
            said=_("A test that you wrote"),
            words=_texts(event, "situation", "wish"),
            change=change_page(participant, Activity.Kind.CASE, event.target),
        )
        for event in events
    }


@describes(Kind.IDENTITY, IdentityAnswer)
def oneself(participant: Participant, events: Events) -> dict[int, Described]:
    """What somebody said of themselves."""
    asked = IdentityQuestion.objects.in_bulk([event.target for event in events])
    return {
        event.pk: Described(
            asked=asked[event.target].text if event.target in asked else "",
            said=" · ".join(event.body.get("choices", [])),
            words=_texts(event, "text"),
            change=change_page(participant, Activity.Kind.IDENTITY, event.target),
        )
        for event in events
    }


def _judged(
    participant: Participant, events: Events, rows: QuerySet[Row], kind: str
) -> dict[int, Described]:
    """Answers about what models said."""
    found = list(rows.filter(pk__in=[event.target for event in events]))
    items = items_of(found, kind=kind, language=get_language() or "en")
    shown = {item.target: item for item in items}
    kinds = {str(row.pk): row.activity.kind for row in found if isinstance(row, Showing)}
    changes = {one: bool(change_page(participant, one, 0)) for one in SERIES}
    still = {one.pk for one in shelf_of(participant.workshop)}
    gone = {str(row.pk): [pk not in still for pk in SERIES[kind].held(row)] for row in found}
    described = {}
    for event in events:
        target = str(event.target)
        if target in shown:
            where = kinds.get(target, kind)
            address = change_page(participant, where, event.target) if changes[where] else ""
            described[event.pk] = _one_judged(event, shown[target], address, gone[target])
        else:
            described[event.pk] = Described(words=_texts(event, "rationale", "text"))
    return described


def _one_judged(event: AnswerEvent, item: Item, change: str, gone: Sequence[bool]) -> Described:
    """One such answer. gone: which of the models' answers are shown to nobody any more."""
    severe = _("This one may be hard to bear.") if item.is_severe else ""
    withheld = _("This is shown to nobody any more.")
    is_rewrite = event.kind == Kind.REWRITE
    return Described(
        asked=item.turns[-1].words.text if item.turns else "",
        shown=[
            withheld if is_gone else words.text
            for words, is_gone in zip(item.answers, gone, strict=True)
        ],
        said=_("What it should have said") if is_rewrite else said_in_words(item),
        words=_texts(event, "rationale", "text"),
        warning=item.warning or severe,
        change=change,
    )


def _texts(event: AnswerEvent, *names: str) -> list[str]:
    return [str(event.body[name]) for name in names if event.body.get(name)]
