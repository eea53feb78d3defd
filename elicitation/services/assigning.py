"""Which items a person gets: those that wait for an answer first, then new ones, drawn by lot.

Comparisons, single completions and sets to rank share one rule (methods.assignment); what differs
between them is a Series.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from django.db import models, transaction

from elicitation.activities import Progress
from elicitation.methods.assignment import (
    Candidate,
    Draw,
    Exposure,
    Key,
    common_core,
    draw_several,
    key_of,
)
from elicitation.methods.drawing import LEAST_UNIFORM, seed_for
from elicitation.models import (
    Activity,
    AnswerEvent,
    Comparison,
    Participant,
    RankingTask,
    Showing,
)
from elicitation.services.asking import name_of, weights_for
from elicitation.services.pool import Cleared, Put, exposure_of, fit_for, put_to, shelf_of

# One on the screen, and four on the phone for when there is no connection.
SEVERAL = 5
CORE = {Activity.Kind.COMPARE: 4}
SMALL_CORE = 2
Row = TypeVar("Row", Comparison, Showing, RankingTask)


@dataclass(frozen=True)
class Counts:
    """here: answers of one community to each item. first: how often which completion stood first
    in it, for anybody."""

    here: Mapping[Key, int] = field(default_factory=dict)
    first: Mapping[tuple[Key, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Series(Generic[Row]):
    """One kind of item that people get one after another.

    kind: of the answers to it. given: what a person was given in an activity. possible: what could
    be given, of what may be shown. make: an item as drawn, not yet stored. held: the completions
    in an item.
    """

    kind: AnswerEvent.Kind
    given: Callable[[Participant, Activity], models.QuerySet[Row]]
    possible: Callable[[Activity, Sequence[Cleared]], Iterable[tuple[Cleared, ...]]]
    counts: Callable[[Participant, Activity], Counts]
    make: Callable[[Participant, Activity, Draw], Row]
    held: Callable[[Row], Iterable[int]]
    once_per_prompt: bool = False


def answered(kind: AnswerEvent.Kind) -> models.Exists:
    """For a query of items: whether the person they were put to has answered."""
    events = AnswerEvent.objects.filter(
        kind=kind, target=models.OuterRef("pk"), participant=models.OuterRef("participant")
    )
    return models.Exists(events)


def next_items(
    series: Series[Row],
    *,
    participant: Participant,
    activity: Activity,
    count: int = SEVERAL,
    skip: Collection[int] = (),
) -> list[Row]:
    """The next items for a person, at most `count`, without those that the phone holds already.

    What the facilitator put before everyone comes first.
    """
    shelf = shelf_of(participant.workshop)
    waiting = _waiting(series, participant, activity, shelf)
    if sum(row.pk not in skip for row in waiting) < count or activity.pushed is not None:
        _give_more(series, participant, activity, shelf, count, skip)
        waiting = _waiting(series, participant, activity, shelf)
    waiting.sort(key=lambda row: (_prompt_of(row) != activity.pushed, row.pk))
    return [row for row in waiting if row.pk not in skip][:count]


def progress_in(series: Series[Any], participant: Participant, activity: Activity) -> Progress:
    """How many a person has answered, of those that they are asked for and that there are."""
    done = _answered_in(series, participant, activity)
    shelf = shelf_of(participant.workshop)
    if any(one.is_severe for one in shelf):
        there = done + _left_for(series, participant, activity, shelf)
    else:
        there = _how_many(series, series.possible(activity, shelf))
    return Progress(done, max(done, min(there, activity.wanted or there)))


def number_in(activity: Activity, name: str, otherwise: int) -> int:
    """A whole number of an activity's settings."""
    value = activity.settings.get(name, otherwise)
    return value if isinstance(value, int) and value >= 0 else otherwise


def _how_many(series: Series[Any], items: Iterable[tuple[Cleared, ...]]) -> int:
    if series.once_per_prompt:
        return len({item[0].prompt for item in items})
    return sum(1 for _ in items)


def _left_for(
    series: Series[Any], participant: Participant, activity: Activity, shelf: Sequence[Cleared]
) -> int:
    """What waits and what could still be given, where some may be shown only so often."""
    exposure = _exposure(series, participant, activity, put_to(participant), shelf)
    new = [
        item
        for item in series.possible(activity, shelf)
        if key_of(one.pk for one in item) not in exposure.keys
        and not (series.once_per_prompt and item[0].prompt in exposure.prompts)
    ]
    mild = [item for item in new if not any(one.is_severe for one in item)]
    severe = _how_many(series, new) - _how_many(series, mild)
    waiting = _waiting(series, participant, activity, shelf)
    return len(waiting) + _how_many(series, mild) + min(severe, exposure.severe_left)


def _prompt_of(row: Comparison | Showing | RankingTask) -> int:
    return row.completion.prompt_id if isinstance(row, Showing) else row.prompt_id


def _waiting(
    series: Series[Row], participant: Participant, activity: Activity, shelf: Sequence[Cleared]
) -> list[Row]:
    """What waits for an answer, less what may no longer be shown to this person."""
    fit = fit_for(participant, shelf)
    rows = series.given(participant, activity).exclude(answered(series.kind))
    return [row for row in rows.order_by("pk") if fit.issuperset(series.held(row))]


def _answered_in(series: Series[Any], participant: Participant, activity: Activity) -> int:
    return series.given(participant, activity).filter(answered(series.kind)).count()


def _lacking(
    series: Series[Any],
    participant: Participant,
    activity: Activity,
    waiting: Sequence[Row],
    count: int,
    skip: Collection[int],
) -> int:
    """How many more to give, up to as many as the stage asks for."""
    lacking = count - sum(row.pk not in skip for row in waiting)
    if activity.wanted is not None:
        had = len(waiting) + _answered_in(series, participant, activity)
        lacking = min(lacking, activity.wanted - had)
    return max(0, lacking)


def _exposure(
    series: Series[Any],
    participant: Participant,
    activity: Activity,
    put: Sequence[Put],
    shelf: Sequence[Cleared],
) -> Exposure:
    exposure = exposure_of(participant, activity.kind, put, shelf)
    if series.once_per_prompt:  # what was seen in other activities may well be met again here
        prompts = frozenset(one.prompt for one in put if one.kind == activity.kind)
        exposure = replace(exposure, prompts=prompts)
    return exposure


def _give_more(
    series: Series[Row],
    participant: Participant,
    activity: Activity,
    shelf: Sequence[Cleared],
    count: int,
    skip: Collection[int],
) -> None:
    """Give a person so many more items, and the one that was put before everyone."""
    # Read first: whatever is given in the meantime is then noticed under the lock.
    put = put_to(participant)
    waiting = _waiting(series, participant, activity, shelf)
    lacking = _lacking(series, participant, activity, waiting, count, skip)
    lacks_pushed = activity.pushed is not None and not any(
        one.kind == activity.kind and one.prompt == activity.pushed for one in put
    )
    if not lacking and not lacks_pushed:
        return
    candidates = _candidates(series, participant, activity, shelf)
    exposure = _exposure(series, participant, activity, put, shelf)
    seed = seed_for(activity.kind, activity.stage_id, participant.pk, len(put))
    drawn = _pushed(activity, candidates, exposure, seed) if lacks_pushed else []
    for draw in drawn:
        exposure = exposure.after(draw.candidate)
    drawn += draw_several(
        candidates,
        lacking,
        exposure,
        seed=seed,
        core=_core(activity, candidates),
        uniform=_uniform(activity),
        once_per_prompt=series.once_per_prompt,
    )
    if drawn:
        _give(series, participant, activity, drawn, len(put))


def _pushed(
    activity: Activity, candidates: Sequence[Candidate], exposure: Exposure, seed: int
) -> list[Draw]:
    """What the facilitator put before everyone: the same for all, so its chance is 1."""
    these = [candidate for candidate in candidates if candidate.prompt == activity.pushed]
    core = common_core(activity.stage_id, these, 1)
    return draw_several(these, 1, exposure, seed=seed, core=core)


def _candidates(
    series: Series[Any], participant: Participant, activity: Activity, shelf: Sequence[Cleared]
) -> list[Candidate]:
    counts, given = series.counts(participant, activity), weights_for(activity, participant.seat_id)
    found = []
    for item in series.possible(activity, shelf):
        key = key_of(one.pk for one in item)
        candidate = Candidate(
            item[0].prompt,
            key,
            answers_here=counts.here.get(key, 0),
            priority=given.of(name_of(key)) if given else 1.0,
            times_first=tuple(counts.first.get((key, one), 0) for one in key),
            is_severe=any(one.is_severe for one in item),
        )
        found.append(candidate)
    return found


@transaction.atomic
def _give(
    series: Series[Row],
    participant: Participant,
    activity: Activity,
    drawn: Sequence[Draw],
    known: int,
) -> None:
    """Store what was drawn, unless the person was given something in the meantime.

    The lottery is held before the lock: it takes longer than anything else here.
    """
    Participant.objects.select_for_update().get(pk=participant.pk)
    if len(put_to(participant)) == known:
        for draw in drawn:
            series.make(participant, activity, draw).save()


def _core(activity: Activity, candidates: Sequence[Candidate]) -> frozenset[Key]:
    size = number_in(activity, "core", CORE.get(Activity.Kind(activity.kind), SMALL_CORE))
    return common_core(activity.stage_id, candidates, size)


def _uniform(activity: Activity) -> float:
    value = activity.settings.get("uniform", LEAST_UNIFORM)
    return min(1.0, max(LEAST_UNIFORM, value)) if isinstance(value, int | float) else LEAST_UNIFORM
