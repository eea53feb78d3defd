"""Recording what somebody says of completions by themselves, or of several in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.models import (
    Activity,
    AnswerEvent,
    Device,
    Participant,
    Ranking,
    RankingTask,
    Rating,
    Rewrite,
    Showing,
)
from elicitation.services.answers import Recorded, Said, keep_latest, record_events, sent_by

THUMBS = "thumbs"
LOWEST, HIGHEST = 1, 5
LONGEST_REWRITE = 4000
CRITERIA = ("helpful", "true", "safe", "tone")


def criteria_of(activity: Activity) -> list[str]:
    """What completions are judged by in an activity; its own, or the usual four."""
    own = activity.settings.get("criteria")
    if not isinstance(own, list):
        return list(CRITERIA)
    return [name for name in own if isinstance(name, str) and 0 < len(name) <= 40] or list(CRITERIA)


@transaction.atomic
def record_rating(
    *,
    participant: Participant,
    showing: Showing,
    values: Mapping[str, int],
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> list[Rating]:
    """Record how one completion was judged, by criterion; none at all: it was skipped.

    "thumbs" is 1 or -1, every other criterion 1 to 5. What the latest answer does not name holds
    no longer. Returns what holds now.
    """
    _was_put_to(participant, showing)
    for criterion, value in values.items():
        _must_be_a_judgement(criterion, value)
    body = {"values": dict(values)}
    said = Said(participant, key, showing.pk, body, showing.activity.stage, device, client_seq)
    recorded = record_events(AnswerEvent.Kind.RATING, [said])
    mine = Rating.objects.filter(participant=participant, completion=showing.completion_id)
    for event in recorded.latest.values():
        of_this_showing = mine.filter(event__target=showing.pk)
        of_this_showing.exclude(criterion__in=event.body["values"]).delete()
        _keep_ratings(event, showing)
    return list(mine.order_by("criterion"))


def _must_be_a_judgement(criterion: str, value: int) -> None:
    fits = value in (1, -1) if criterion == THUMBS else LOWEST <= value <= HIGHEST
    if not fits or not 0 < len(criterion) <= 40:
        raise AnswerRefused(_("'%(value)s' is no answer here.") % {"value": value})


def _keep_ratings(event: AnswerEvent, showing: Showing) -> None:
    keep_latest(
        [
            Rating(
                participant_id=event.participant_id,
                completion_id=showing.completion_id,
                criterion=criterion,
                value=value,
                **sent_by(event),
            )
            for criterion, value in event.body["values"].items()
        ],
        of=["participant", "completion", "criterion"],
        values=["value"],
    )


@transaction.atomic
def record_rewrite(
    *,
    participant: Participant,
    showing: Showing,
    text: str,
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> Rewrite | None:
    """Record what a completion should have said; an empty text: nothing, or nothing any more."""
    _was_put_to(participant, showing)
    if len(text) > LONGEST_REWRITE:
        raise AnswerRefused(
            _("That is %(long)s characters; at most %(most)s are kept.")
            % {"long": len(text), "most": LONGEST_REWRITE}
        )
    body = {"text": text}
    said = Said(participant, key, showing.pk, body, showing.activity.stage, device, client_seq)
    recorded = record_events(AnswerEvent.Kind.REWRITE, [said])
    mine = Rewrite.objects.filter(participant=participant, completion=showing.completion_id)
    for event in recorded.latest.values():
        if event.body["text"]:
            _keep_rewrite(event, showing)
        else:
            mine.delete()
    return mine.first()


def _keep_rewrite(event: AnswerEvent, showing: Showing) -> None:
    row = Rewrite(
        participant_id=event.participant_id,
        completion_id=showing.completion_id,
        text=event.body["text"],
        **sent_by(event),
    )
    keep_latest([row], of=["participant", "completion"], values=["text"])


@transaction.atomic
def record_ranking(
    *,
    participant: Participant,
    task: RankingTask,
    order: Sequence[Sequence[int]],
    key: str,
    device: Device | None = None,
    client_seq: int | None = None,
) -> Ranking | None:
    """Record an order of completions: places, best first, with those about equal in one place.

    order: primary keys, all of the task's, each once; empty: it was skipped.
    """
    if task.participant_id != participant.pk:
        raise AnswerRefused(_("This was put to another participant."))
    if order and sorted(one for place in order for one in place) != sorted(task.completions):
        raise AnswerRefused(_("Give every answer a place."))
    body = {"order": [list(place) for place in order]}
    said = Said(participant, key, task.pk, body, task.stage, device, client_seq)
    recorded: Recorded = record_events(AnswerEvent.Kind.RANKING, [said])
    for event in recorded.latest.values():
        if event.body["order"]:
            _keep_ranking(event)
        else:
            Ranking.objects.filter(task=task).delete()
    return Ranking.objects.filter(task=task).first()


def _keep_ranking(event: AnswerEvent) -> None:
    row = Ranking(
        task_id=event.target,
        order=event.body["order"],
        **sent_by(event),
    )
    keep_latest([row], of=["task"], values=["order"])


def _was_put_to(participant: Participant, showing: Showing) -> None:
    if showing.participant_id != participant.pk:
        raise AnswerRefused(_("This was put to another participant."))
