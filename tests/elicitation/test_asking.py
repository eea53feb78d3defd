"""Weights from an analysis: they lean some draws towards some items, and nothing more."""

from __future__ import annotations

from collections import Counter

import pytest

from deliberation.models import Statement
from deliberation.services.showing import next_statements, read_shown, standing_of
from elicitation.errors import Refused
from elicitation.items import SERIES
from elicitation.methods.assignment import key_of
from elicitation.methods.statement_order import Tally, draw_statements
from elicitation.models import Activity, AskingWeights, AuditEntry, Comparison, Workshop
from elicitation.services.asking import give_weights, name_of, take_weights_away, weights_for
from elicitation.services.assigning import next_items
from tests.conftest import take_part
from tests.deliberation.statements import state
from tests.elicitation.stock import stock
from tests.phones import open_activity

pytestmark = pytest.mark.django_db


@pytest.fixture
def comparing(river: Workshop) -> Activity:
    stock(river, prompts=20)
    return open_activity(river, "compare", settings={"core": 0})


def weigh(activity: Activity, community: str, named: dict[str, float], otherwise: float) -> None:
    seat = activity.stage.workshop.seats.get(community__slug=community)
    give_weights(activity=activity, seat=seat, named=named, otherwise=otherwise)


def first_comparisons(activity: Activity, community: str, people: int) -> list[Comparison]:
    found = []
    for number in range(people):
        person = take_part(activity.stage.workshop, community, f"{community} {number}")
        series = SERIES[activity.kind]
        found += next_items(series, participant=person, activity=activity, count=1)
    return found


def test_a_pair_that_an_analysis_asks_for_comes_first_to_most_but_not_to_all(
    comparing: Activity,
) -> None:
    prompt = comparing.stage.workshop.prompts.order_by("pk")[0]
    one, other = prompt.completions.order_by("pk").values_list("pk", flat=True)
    weigh(comparing, "fishers", {name_of((other, one)): 1.0}, 0.0)
    fishers = first_comparisons(comparing, "fishers", 40)
    wanted = [item for item in fishers if key_of((item.left_id, item.right_id)) == (one, other)]
    assert 20 <= len(wanted) < 40
    assert {round(item.propensity, 9) for item in wanted} == {0.715}
    assert {round(item.propensity, 9) for item in fishers if item not in wanted} == {0.015}
    assert len({item.prompt_id for item in first_comparisons(comparing, "farmers", 20)}) > 10


def test_a_statement_that_an_analysis_asks_for_comes_first_once_every_one_has_its_floor() -> None:
    tallies = [Tally(n, votes=9, votes_here=9, weight=float(n == 3)) for n in range(10)]
    first = [draw_statements(tallies, 1, (), seed=seed)[0] for seed in range(200)]
    counted = Counter(draw.statement for draw in first)
    assert counted[3] == pytest.approx(200 * (0.7 + 0.03), abs=25)
    assert len(counted) == 10
    assert {round(draw.propensity, 9) for draw in first} == {0.73, 0.03}


def test_weights_for_one_community_leave_the_other_as_it_was(river: Workshop) -> None:
    voting = open_activity(river, "vote", settings={"floor": 0})
    wanted = [state(voting, f"It should do {n}.") for n in range(12)][-1]
    weigh(voting, "fishers", {str(wanted.pk): 1.0}, 0.0)
    found = {community: chances(voting, community) for community in ("fishers", "farmers")}
    assert found["fishers"][wanted.pk] == pytest.approx(0.7 + 0.3 / 12)
    assert wanted.pk not in found["farmers"] or found["farmers"][wanted.pk] < 0.2


def chances(activity: Activity, community: str) -> dict[int, object]:
    """The chance of the first statement, over people of one community."""
    found: dict[int, object] = {}
    for number in range(12):
        person = take_part(activity.stage.workshop, community, f"{community} {number}")
        asked = next_statements(person, activity, standing_of(person, activity), count=1)[0]
        statement = Statement.objects.get(pk=asked.statement.pk)
        found[statement.pk] = read_shown(asked.shown, person, statement)["propensity"]
    return found


def test_newer_weights_take_the_place_of_older_ones_and_can_be_taken_away(
    comparing: Activity,
) -> None:
    seat = comparing.stage.workshop.seats.get(community__slug="fishers")
    weigh(comparing, "fishers", {"1-2": 3.0}, 1.0)
    weigh(comparing, "fishers", {"3-4": 2.0}, 0.5)
    given = weights_for(comparing, seat.pk)
    assert given is not None
    assert (given.of("3-4"), given.of("1-2")) == (2.0, 0.5)
    take_weights_away(activity=comparing)
    assert weights_for(comparing, seat.pk) is None
    assert AuditEntry.objects.filter(action__startswith="ask with").count() == 1


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_none_is_refused(comparing: Activity, bad: float) -> None:
    with pytest.raises(Refused):
        weigh(comparing, "fishers", {"1-2": bad}, 1.0)
    with pytest.raises(ValueError, match="at least zero"):
        Tally(1, weight=bad)
    assert not AskingWeights.objects.exists()


def test_another_workshops_community_is_refused(comparing: Activity) -> None:
    from elicitation.services import open_workshop, seat_community

    seat = seat_community(workshop=open_workshop(slug="hill"), name="Hill")
    with pytest.raises(Refused, match="another workshop"):
        give_weights(activity=comparing, seat=seat, named={}, otherwise=1.0)
