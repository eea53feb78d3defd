"""Which items people get: balanced, at most so many, and nothing that is not fit for them."""

from collections import Counter
from typing import Any

import pytest

from elicitation.items import SERIES
from elicitation.methods.assignment import key_of
from elicitation.models import (
    Activity,
    Comparison,
    Completion,
    Participant,
    Preference,
    RankingTask,
    Showing,
    Workshop,
)
from elicitation.services.answers import record_preference
from elicitation.services.assigning import next_items, progress_in
from elicitation.services.pool import shelf_of
from elicitation.services.showing import sets_of
from tests.conftest import take_part
from tests.elicitation.stock import Screening, stock
from tests.phones import open_activity
from tests.racing import race, racing_database  # noqa: F401


def get(participant: Participant, activity: Activity, **more: Any) -> list[Any]:
    """What this person gets next."""
    series = SERIES[activity.kind]
    return next_items(series, participant=participant, activity=activity, **more)


def answer(comparison: Comparison, choice: str = "left") -> None:
    """Say which is better."""
    record_preference(
        participant=comparison.participant,
        comparison=comparison,
        choice=choice,
        key=f"key {comparison.pk}",
    )


def everything(participant: Participant, activity: Activity) -> list[Comparison]:
    """Answer until there is nothing left."""
    done = []
    while items := get(participant, activity, count=3):
        for item in items:
            answer(item)
            done.append(item)
    return done


def key(item: Comparison) -> tuple[int, ...]:
    return key_of((item.left_id, item.right_id))


def test_nobody_gets_two_completions_twice_whichever_stands_first(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=4, completions=3)
    done = everything(amara, open_activity(river, "compare"))
    assert len(done) == len({key(item) for item in done}) == 4 * 3


def test_everybody_begins_with_the_same_few(river: Workshop) -> None:
    stock(river, prompts=12)
    activity = open_activity(river, "compare", settings={"core": 3})
    people = [take_part(river, "fishers", f"person {number}") for number in range(8)]
    first = [get(person, activity, count=3) for person in people]
    assert len({frozenset(map(key, items)) for items in first}) == 1
    assert len({tuple(map(key, items)) for items in first}) > 1


def test_each_completion_stands_first_as_often_as_the_other(river: Workshop) -> None:
    stock(river, prompts=5)
    activity = open_activity(river, "compare")
    for number in range(9):
        everything(take_part(river, ("fishers", "farmers")[number % 2], f"p{number}"), activity)
    left = Counter(Comparison.objects.values_list("left", flat=True))
    pairs = Comparison.objects.values_list("left", "right")
    assert all(abs(left[one] - left[other]) <= 1 for one, other in pairs)
    assert Comparison.objects.count() == 9 * 5


def test_the_chance_of_each_is_kept(river: Workshop, amara: Participant) -> None:
    stock(river, prompts=6)
    activity = open_activity(river, "compare", settings={"core": 2})
    chances = [item.propensity for item in get(amara, activity, count=6)]
    assert chances[:2] == [1 / 2, 1]
    assert all(0 < chance <= 1 for chance in chances)
    assert chances[-1] == 1  # the last that is left


def test_what_the_own_community_answered_least_comes_sooner(river: Workshop) -> None:
    prompts = stock(river, prompts=8)
    activity = open_activity(river, "compare", settings={"core": 0})
    for number in range(5):
        person = take_part(river, "fishers", f"early {number}")
        for prompt in prompts[1:]:
            left, right = prompt.completions.order_by("pk")
            comparison = Comparison.objects.create(
                participant=person, prompt=prompt, left=left, right=right, stage=activity.stage
            )
            answer(comparison)
    late = [take_part(river, "fishers", f"late {number}") for number in range(40)]
    first = Counter(get(person, activity, count=1)[0].prompt_id for person in late)
    assert first[prompts[0].pk] > len(late) / 2


def test_people_get_as_many_as_the_stage_asks_for(river: Workshop, amara: Participant) -> None:
    stock(river, prompts=9)
    activity = open_activity(river, "compare", wanted=4)
    assert len(get(amara, activity)) == 4
    assert len(everything(amara, activity)) == 4
    progress = progress_in(SERIES["compare"], amara, activity)
    assert (progress.done, progress.of, progress.is_over) == (4, 4, True)


def test_what_waits_comes_again_before_anything_new(river: Workshop, amara: Participant) -> None:
    stock(river, prompts=9)
    activity = open_activity(river, "compare")
    first = get(amara, activity, count=3)
    assert get(amara, activity, count=3) == first
    assert Comparison.objects.count() == 3


def test_what_the_phone_holds_is_not_given_again(river: Workshop, amara: Participant) -> None:
    stock(river, prompts=9)
    activity = open_activity(river, "compare")
    first = {item.pk for item in get(amara, activity, count=3)}
    more = {item.pk for item in get(amara, activity, count=3, skip=first)}
    assert len(more) == 3
    assert not more & first


@pytest.mark.parametrize("screening", [Screening.WAITING, Screening.WITHHELD])
def test_what_nobody_has_cleared_reaches_no_phone(
    river: Workshop, amara: Participant, screening: str
) -> None:
    stock(river, screening=screening)
    assert get(amara, open_activity(river, "compare")) == []


def test_what_is_withheld_later_is_taken_off_the_phones(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=1)
    activity = open_activity(river, "compare")
    (item,) = get(amara, activity)
    Completion.objects.filter(pk=item.right_id).update(screening=Screening.WITHHELD)
    assert get(amara, activity) == []


@pytest.mark.parametrize(
    "severe", [{"screening": Screening.SEVERE}, {"is_severe": True}], ids=["completion", "prompt"]
)
def test_severe_things_are_for_those_who_chose_them_and_only_so_many(
    river: Workshop, amara: Participant, severe: dict[str, Any]
) -> None:
    stock(river, prompts=9, **severe)
    activity = open_activity(river, "compare")
    assert get(amara, activity) == []
    assert progress_in(SERIES["compare"], amara, activity).of == 0
    amara.sees_severe = True
    river.exposure_cap = amara.workshop.exposure_cap = 3
    assert progress_in(SERIES["compare"], amara, activity).of == 3
    assert len(everything(amara, activity)) == 3


def test_who_no_longer_wants_severe_things_is_not_left_with_one(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=3, screening=Screening.SEVERE)
    activity = open_activity(river, "compare")
    amara.sees_severe = True
    assert get(amara, activity)
    amara.sees_severe = False
    assert get(amara, activity) == []


def test_the_cap_counts_all_that_people_do(river: Workshop, amara: Participant) -> None:
    stock(river, prompts=9, screening=Screening.SEVERE)
    amara.sees_severe, amara.workshop.exposure_cap = True, 4
    get(amara, open_activity(river, "compare"), count=3)
    assert len(get(amara, open_activity(river, "rate"))) == 1


def test_what_was_put_before_everyone_comes_first_and_is_the_same_for_all(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    prompts = stock(river, prompts=9, completions=4)
    activity = open_activity(river, "compare", wanted=2, pushed=prompts[5].pk)
    everything(bela, activity)
    hers, his = get(amara, activity)[0], Comparison.objects.filter(participant=bela).first()
    assert hers.prompt_id == prompts[5].pk
    assert his is not None
    assert key(hers) == key(his)
    assert hers.propensity == 1


def test_two_completions_that_say_the_same_are_not_compared(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=2)
    Completion.objects.update(content_hash="the same")
    assert get(amara, open_activity(river, "compare")) == []


def test_single_completions_are_shown_once_in_each_activity(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=2)
    rate, rewrite = open_activity(river, "rate"), open_activity(river, "rewrite")
    rated = get(amara, rate, count=9)
    assert len({item.completion_id for item in rated}) == 4
    assert len(get(amara, rewrite, count=9)) == 4
    assert get(amara, rate, count=9) == rated
    assert Showing.objects.filter(propensity__isnull=True).count() == 0


def test_a_prompt_is_ranked_once_by_each_with_as_many_as_asked(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=3, completions=5)
    tasks = get(amara, open_activity(river, "rank", settings={"rank_of": 4}), count=9)
    assert len({task.prompt_id for task in tasks}) == len(tasks) == 3
    assert {len(task.completions) for task in tasks} == {4}


def test_a_prompt_that_was_compared_can_still_be_ranked(
    river: Workshop, amara: Participant
) -> None:
    stock(river, prompts=1, completions=3)
    everything(amara, open_activity(river, "compare"))
    assert len(get(amara, open_activity(river, "rank"))) == 1


def test_of_many_completions_each_is_in_as_many_sets(river: Workshop) -> None:
    stock(river, prompts=1, completions=12)
    sets = list(sets_of(shelf_of(river), 3))
    times = Counter(one.pk for these in sets for one in these)
    assert len(sets) == len(times) == 12
    assert set(times.values()) == {3}


def test_somebody_else_gets_their_own(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    stock(river)
    activity = open_activity(river, "rank", settings={"rank_of": 3})
    stock(river, prompts=2, completions=3)
    get(amara, activity)
    get(bela, activity)
    assert set(RankingTask.objects.values_list("participant", flat=True)) == {amara.pk, bela.pk}
    assert RankingTask.objects.count() == 4


@pytest.mark.usefixtures("racing_database")
def test_a_phone_that_asks_ten_times_at_once_gets_one_set(amara: Participant) -> None:
    stock(amara.workshop, prompts=9)
    activity = open_activity(amara.workshop, "compare", wanted=5)
    assert race(lambda _: get(amara, activity), writers=10) == []
    assert Comparison.objects.count() == 5
    assert Preference.objects.count() == 0
