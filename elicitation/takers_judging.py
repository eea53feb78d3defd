"""Taking what people say of models' answers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Comparison, Device, RankingTask, Showing
from elicitation.services.answers import PreferenceSaid, record_preferences
from elicitation.services.inbox import (
    Sent,
    is_skipped,
    number_of,
    numbers_of,
    take,
    text_of,
    texts_of,
)
from elicitation.services.judging import (
    LONGEST_REWRITE,
    THUMBS,
    criteria_of,
    record_ranking,
    record_rating,
    record_rewrite,
)
from elicitation.services.marking import decided_by, marked_spans

LONGEST_WHY = 2000
LONGEST_QUOTE = 500
Kind = Activity.Kind


@take(AnswerEvent.Kind.PREFERENCE)
def take_preference(device: Device, sent: Sent) -> None:
    """An answer to a comparison: body {choice, strength, rationale, spans, decided, flag}.

    choice: may carry the strength, as in "left:3". spans: passages such as "left:12:40". decided:
    the words that decided it, which are looked for in both. flag: what is wrong, for that choice.
    """
    rows = Comparison.objects.select_related("stage", "left", "right")
    comparison = rows.filter(pk=sent.target).first()
    if comparison is None or comparison.participant_id != device.participant_id:
        raise AnswerRefused(_("This was put to another participant."))
    choice, strength = _choice(sent)
    why = text_of(sent, "flag" if choice == "flag" else "rationale", LONGEST_WHY)
    spans = marked_spans(comparison, texts_of(sent, "spans"))
    quoted = text_of(sent, "decided", LONGEST_QUOTE)
    found = decided_by(comparison, quoted, choice) if quoted else None
    if found is not None and found not in spans:
        spans.append(found)
    if quoted and found is None:
        # Words that stand in neither text still say why.
        why = "\n".join(filter(None, (why, quoted)))
    said = PreferenceSaid(
        participant=device.participant,
        comparison=comparison,
        choice=choice,
        key=sent.key,
        device=device,
        client_seq=sent.seq,
        strength=strength,
        rationale=why,
        spans=spans,
    )
    record_preferences([said])


def _choice(sent: Sent) -> tuple[str, int | None]:
    """What was chosen and how strongly, which only a choice of one of the two has."""
    choice, colon, strength = text_of(sent, "choice", 10).partition(":")
    if choice not in ("left", "right"):
        return choice, None
    if colon and strength not in ("1", "2", "3"):
        raise AnswerRefused(_("How strongly is said by 1, 2 or 3."))
    return choice, int(strength) if colon else number_of(sent, "strength")


@take(AnswerEvent.Kind.RATING)
def take_rating(device: Device, sent: Sent) -> None:
    """A judgement of one completion: {value}, {values: {criterion: 1 to 5}} or {skip}."""
    showing = _showing(device, sent, Kind.RATE, Kind.CRITERIA)
    if showing.activity.kind == Kind.RATE:
        value = number_of(sent, "value")
        values = {} if value is None else {THUMBS: value}
    else:
        values = numbers_of(sent, "values", criteria_of(showing.activity))
    if not values and not is_skipped(sent):
        raise AnswerRefused(_("Choose an answer, or skip."))
    record_rating(
        participant=device.participant,
        showing=showing,
        values={} if is_skipped(sent) else values,
        key=sent.key,
        device=device,
        client_seq=sent.seq,
    )


@take(AnswerEvent.Kind.REWRITE)
def take_rewrite(device: Device, sent: Sent) -> None:
    """What a completion should have said: {text} or {skip}."""
    showing = _showing(device, sent, Kind.REWRITE)
    text = text_of(sent, "text", LONGEST_REWRITE)
    if not text and not is_skipped(sent):
        raise AnswerRefused(_("Write what it should have said, or skip."))
    record_rewrite(
        participant=device.participant,
        showing=showing,
        text="" if is_skipped(sent) else text,
        key=sent.key,
        device=device,
        client_seq=sent.seq,
    )


@take(AnswerEvent.Kind.RANKING)
def take_ranking(device: Device, sent: Sent) -> None:
    """An order: {place: {"0": 1, …}}, the place of each answer as it was shown, or {skip}."""
    task = RankingTask.objects.select_related("stage").filter(pk=sent.target).first()
    if task is None or task.participant_id != device.participant_id:
        raise AnswerRefused(_("This was put to another participant."))
    record_ranking(
        participant=device.participant,
        task=task,
        order=[] if is_skipped(sent) else _order(task, sent),
        key=sent.key,
        device=device,
        client_seq=sent.seq,
    )


def _order(task: RankingTask, sent: Sent) -> list[list[int]]:
    """The completions by the places that they got; the same place: about equal."""
    shown = {str(number): pk for number, pk in enumerate(task.completions)}
    places = numbers_of(sent, "place", shown)
    if len(places) < len(shown):
        raise AnswerRefused(_("Give every answer a place."))
    return [
        [shown[number] for number in shown if places[number] == place]
        for place in sorted(set(places.values()))
    ]


def _showing(device: Device, sent: Sent, *kinds: str) -> Showing:
    """What was shown to this person by itself, in an activity of one of these kinds."""
    rows = Showing.objects.select_related("activity__stage")
    mine = rows.filter(participant=device.participant_id, activity__kind__in=kinds)
    showing = mine.filter(pk=sent.target).first()
    if showing is None:
        raise AnswerRefused(_("This was put to another participant."))
    return showing
