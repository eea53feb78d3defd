"""Comparisons: which two completions a person sees next, and on which side each stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from django.db.models import Count, QuerySet

from elicitation.methods.assignment import Draw, Key, key_of
from elicitation.models import Activity, AnswerEvent, Comparison, Participant, Preference
from elicitation.services.assigning import Counts, Series
from elicitation.services.pool import Cleared, by_prompt

Choice = Preference.Choice
# Somebody who skips or flags has not said which is better.
ANSWERS = (Choice.LEFT, Choice.RIGHT, Choice.EQUAL, Choice.NEITHER)


def _given(participant: Participant, activity: Activity) -> QuerySet[Comparison]:
    return Comparison.objects.filter(participant=participant, stage=activity.stage_id)


def _possible(activity: Activity, shelf: Sequence[Cleared]) -> Iterator[tuple[Cleared, ...]]:
    """Each two completions of one prompt that say different things."""
    for cleared in by_prompt(shelf).values():
        for one, other in combinations(cleared, 2):
            if one.words != other.words:
                yield one, other


def _counts(participant: Participant, activity: Activity) -> Counts:
    rows = Comparison.objects.filter(participant__workshop=participant.workshop_id)
    answers = rows.filter(participant__seat=participant.seat_id, preference__choice__in=ANSWERS)
    here: Counter[Key] = Counter()
    for (left, right), number in _by_sides(answers):
        here[key_of((left, right))] += number
    first = {(key_of(sides), sides[0]): number for sides, number in _by_sides(rows)}
    return Counts(here, first)


def _by_sides(rows: QuerySet[Comparison]) -> list[tuple[tuple[int, int], int]]:
    """How often which completion was on the left and which on the right."""
    counted = rows.order_by().values_list("left", "right").annotate(number=Count("pk"))
    return [((left, right), number) for left, right, number in counted]


def _make(participant: Participant, activity: Activity, draw: Draw) -> Comparison:
    return Comparison(
        participant=participant,
        prompt_id=draw.candidate.prompt,
        left_id=draw.left,
        right_id=draw.right,
        stage_id=activity.stage_id,
        propensity=draw.propensity,
    )


COMPARING: Series[Comparison] = Series(
    kind=AnswerEvent.Kind.PREFERENCE,
    given=_given,
    possible=_possible,
    counts=_counts,
    make=_make,
    held=lambda row: (row.left_id, row.right_id),
)
