"""Single completions to rate, judge or rewrite, and sets of them to bring into order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from django.db.models import Count, QuerySet

from elicitation.methods.assignment import Draw, Key, key_of
from elicitation.models import Activity, AnswerEvent, Participant, RankingTask, Showing
from elicitation.services.assigning import Counts, Series, answered, number_in
from elicitation.services.pool import Cleared, by_prompt

LEAST_RANKED, MOST_RANKED = 3, 8
# Of six completions there are twenty sets of three; of thirty, four thousand.
MOST_FOR_ALL_SETS = 6


def series_alone(kind: AnswerEvent.Kind) -> Series[Showing]:
    """Completions shown one by one, for answers of this kind."""

    def counts(participant: Participant, activity: Activity) -> Counts:
        shown = Showing.objects.filter(activity=activity, participant__seat=participant.seat_id)
        rows = shown.filter(answered(kind)).order_by().values_list("completion")
        return Counts({(one,): number for one, number in rows.annotate(number=Count("pk"))})

    return Series(
        kind=kind,
        given=_given_alone,
        possible=lambda activity, shelf: ((one,) for one in shelf),
        counts=counts,
        make=_make_alone,
        held=lambda row: (row.completion_id,),
    )


def _given_alone(participant: Participant, activity: Activity) -> QuerySet[Showing]:
    shown = Showing.objects.filter(participant=participant, activity=activity)
    return shown.select_related("completion", "activity__stage")


def _make_alone(participant: Participant, activity: Activity, draw: Draw) -> Showing:
    return Showing(
        participant=participant,
        activity=activity,
        completion_id=draw.shown[0],
        propensity=draw.propensity,
    )


def ranked_at_once(activity: Activity) -> int:
    """How many completions are put in order at once."""
    return max(LEAST_RANKED, min(MOST_RANKED, number_in(activity, "rank_of", LEAST_RANKED)))


def sets_of(cleared: Sequence[Cleared], size: int) -> Iterator[tuple[Cleared, ...]]:
    """Sets of so many completions of one prompt that all say different things.

    All sets where there are few; of many completions each one with those that follow it, round
    and round, so that each is in as many sets as the others.
    """
    different = list({one.words: one for one in cleared}.values())
    if len(different) <= max(size, MOST_FOR_ALL_SETS):
        yield from combinations(different, size)
        return
    for start in range(len(different)):
        yield tuple(different[(start + step) % len(different)] for step in range(size))


def _given_sets(participant: Participant, activity: Activity) -> QuerySet[RankingTask]:
    return RankingTask.objects.filter(participant=participant, stage=activity.stage_id)


def _sets(activity: Activity, shelf: Sequence[Cleared]) -> Iterator[tuple[Cleared, ...]]:
    size = ranked_at_once(activity)
    for cleared in by_prompt(shelf).values():
        yield from sets_of(cleared, size)


def _set_counts(participant: Participant, activity: Activity) -> Counts:
    tasks = RankingTask.objects.filter(participant__workshop=participant.workshop_id)
    first: Counter[tuple[Key, int]] = Counter()
    here: Counter[Key] = Counter()
    for seat, held, ranking in tasks.values_list("participant__seat", "completions", "ranking"):
        first[key_of(held), held[0]] += 1
        here[key_of(held)] += seat == participant.seat_id and ranking is not None
    return Counts(here, first)


def _make_set(participant: Participant, activity: Activity, draw: Draw) -> RankingTask:
    return RankingTask(
        participant=participant,
        prompt_id=draw.candidate.prompt,
        stage_id=activity.stage_id,
        completions=list(draw.shown),
        propensity=draw.propensity,
    )


RATING = series_alone(AnswerEvent.Kind.RATING)
REWRITING = series_alone(AnswerEvent.Kind.REWRITE)
RANKING: Series[RankingTask] = Series(
    kind=AnswerEvent.Kind.RANKING,
    given=_given_sets,
    possible=_sets,
    counts=_set_counts,
    make=_make_set,
    held=lambda row: row.completions,
    once_per_prompt=True,
)
