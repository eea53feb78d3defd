"""What one item on a phone shows: a conversation, answers of models, and what one said of them.

Where an answer comes from is not among it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elicitation.activities import Progress
from elicitation.models import (
    Activity,
    AnswerEvent,
    Comparison,
    Completion,
    Participant,
    Prompt,
    Ranking,
    RankingTask,
    Rating,
    Rewrite,
    Showing,
)
from elicitation.services.assigning import Series, answered
from elicitation.services.comparing import COMPARING
from elicitation.services.marking import marks_of
from elicitation.services.pool import fit_for, shelf_of
from elicitation.services.showing import RANKING, RATING, REWRITING
from elicitation.shown_words import (
    Turn,
    Words,
    completion_translations,
    prompt_translations,
    shown_words,
    turns_of,
)

Kind = Activity.Kind
SERIES: dict[str, Series[Any]] = {
    Kind.COMPARE: COMPARING,
    Kind.RATE: RATING,
    Kind.CRITERIA: RATING,
    Kind.RANK: RANKING,
    Kind.REWRITE: REWRITING,
}
Row = Comparison | Showing | RankingTask


@dataclass(frozen=True)
class Item:
    """One task of one screen.

    kind, target and key: how its answer is sent. number, of: which it is of how many. is_severe:
    it is shown only to who chose so. said: what the person said of it before, as it was sent.
    """

    kind: str
    target: str
    turns: Sequence[Turn] = ()
    answers: Sequence[Words] = ()
    warning: str = ""
    is_severe: bool = False
    number: int | None = None
    of: int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def name(self) -> str:
        """What tells it from the other items of a page."""
        return f"{self.kind}:{self.target}"


def items_of(
    rows: Sequence[Row], *, kind: str, language: str, progress: Progress | None = None
) -> list[Item]:
    """These rows as people see them in a language; numbered on from how far they are."""
    held = {row.pk: list(SERIES[kind].held(row)) for row in rows}
    wanted = {pk for completions in held.values() for pk in completions}
    completions = Completion.objects.only("text", "prompt", "screening").in_bulk(wanted)
    prompts = Prompt.objects.in_bulk({one.prompt_id for one in completions.values()})
    said_in = completion_translations(wanted, language)
    asked_in = prompt_translations(list(prompts), language)
    items = []
    for place, row in enumerate(rows, start=1):
        these = [completions[pk] for pk in held[row.pk]]
        prompt = prompts[these[0].prompt_id]
        items.append(
            Item(
                kind=SERIES[kind].kind.value,
                target=str(row.pk),
                turns=turns_of(prompt, asked_in.get(prompt.pk)),
                answers=[shown_words(one.text, said_in.get(one.pk)) for one in these],
                warning=prompt.content_warning,
                is_severe=_is_severe(prompt, these),
                number=progress.done + place if progress else None,
                of=progress.of if progress else None,
                said=what_was_said(row) if progress is None else {},
            )
        )
    return items


def _is_severe(prompt: Prompt, completions: Iterable[Completion]) -> bool:
    severe = Completion.Screening.SEVERE
    return prompt.is_severe or any(one.screening == severe for one in completions)


def what_was_said(row: Row) -> dict[str, Any]:
    """What holds now of what a person said of one item; nothing where they skipped it."""
    if isinstance(row, Comparison):
        return _preferred(row)
    if isinstance(row, RankingTask):
        ranking = Ranking.objects.filter(task=row).first()
        return {"places": places_of(row, ranking.order)} if ranking else {}
    about = {"participant": row.participant_id, "completion": row.completion_id}
    if row.activity.kind == Kind.REWRITE:
        rewrite = Rewrite.objects.filter(**about).first()
        return {"text": rewrite.text} if rewrite else {}
    ratings = Rating.objects.filter(**about, event__target=row.pk)
    return {"values": {rating.criterion: rating.value for rating in ratings}} if ratings else {}


def _preferred(comparison: Comparison) -> dict[str, Any]:
    preference = getattr(comparison, "preference", None)
    if preference is None:
        return {}
    return {
        "choice": preference.choice,
        "strength": preference.strength,
        "rationale": preference.rationale,
        "marks": marks_of(comparison, preference.spans),
    }


def places_of(task: RankingTask, order: Sequence[Sequence[int]]) -> list[int]:
    """The place of each completion of a task, in the order in which they were shown."""
    place = {one: number for number, tied in enumerate(order, start=1) for one in tied}
    return [place[one] for one in task.completions]


def own_row(participant: Participant, activity: Activity, target: int) -> Row | None:
    """An item that this person was given in an activity, and may still see and change."""
    series = SERIES[activity.kind]
    row = series.given(participant, activity).filter(pk=target).first()
    if row is None or not activity.takes_answers:
        return None
    fit = fit_for(participant, shelf_of(participant.workshop))
    return row if fit.issuperset(series.held(row)) else None


def answered_rows(participant: Participant, activity: Activity) -> list[Row]:
    """What a person has answered in an activity, the latest first."""
    series = SERIES[activity.kind]
    rows = {
        row.pk: row for row in series.given(participant, activity).filter(answered(series.kind))
    }
    targets = AnswerEvent.objects.filter(
        participant=participant, kind=series.kind, target__in=rows
    ).order_by("-pk")
    return [rows[target] for target in dict.fromkeys(targets.values_list("target", flat=True))]
