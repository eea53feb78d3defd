"""What the page of an analysis says of statements, decisions, groups, and what to ask next."""

import re

import pytest
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.models import Activity, AskingWeights, AuditEntry, Stage, Workshop
from elicitation.services.asking import give_weights
from policy.charts import analysis_charts
from policy.models import Analysis
from tests.line import full_result, make_analysis, make_statements
from tests.line_statements import decided


@pytest.fixture
def result(river):
    """An analysis with decisions."""
    return decided(full_result(*make_statements(river)))


@pytest.fixture
def read(client, pilar, river):
    """The words of a part of the page that shows this result, as Pilar reads it."""
    client.force_login(pilar)

    def opened(result, start: str, end: str = "</main>") -> str:
        analysis = make_analysis(river, result)
        Analysis.objects.filter(pk=analysis.pk).update(charts=analysis_charts(result))
        page = client.get(analysis.get_absolute_url()).content.decode()
        part = page[page.index(start) :]
        return words(part[: part.index(end)])

    return opened


def words(page: str) -> str:
    """The page without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).replace("\N{NO-BREAK SPACE}", " ").split())


DECISIONS, GROUPS, POLIS, ASKING = 'id="decisions"', 'id="groups"', 'id="polis"', 'id="ask-next"'


def test_both_ends_of_the_swarm_are_said_in_peoples_words(result, read):
    said = read(result, 'id="statements"', 'id="common-ground"')
    assert "Most agreed by all: “It should say when it is not sure”" in said
    assert "Most divisive: “Nobody takes water in a dry year”" in said
    assert "#2 Nobody takes water in a dry year. Contested" in said


def test_the_most_fragile_decision_comes_first_with_how_many_people(result, read):
    said = read(result, DECISIONS, GROUPS)
    assert said.index("The most fragile") < said.index("not sure") < said.index("The firmest")
    assert "3 people had not voted, or if 2 people had voted otherwise." in said
    assert "Without them it is: wanted by some, refused by none." in said
    assert "1 of 2 other ways of counting say otherwise" in said


def test_a_decision_over_a_small_group_is_too_few_to_say(result, read, river):
    Workshop.objects.filter(pk=river.pk).update(small_cell=15)
    result["statements"][0]["label_sets"]["communities"]["groups"]["farmers"]["seen"] = 14
    said = read(result, DECISIONS, GROUPS)
    assert "Too few to say on 1 statement" in said
    assert "not sure. Too few to say" in said
    assert "3 people had not voted" not in said
    assert "#1" not in said[said.index("bought votes could flip") :]


def test_ways_of_counting_by_small_labels_are_left_out(result, read, river):
    Workshop.objects.filter(pk=river.pk).update(small_cell=10)
    polis = {"groups": {"0": {"seen": 4}, "1": {"seen": 44}}}
    result["statements"][0]["label_sets"]["polis"] = polis | {"minimum": {}}
    by = {"name": "by polis", "decision": "contested", "differs": True}
    result["decisions"][0]["methods"] = [by]
    assert "labels of polis" not in read(result, DECISIONS, GROUPS)


def test_bought_votes_are_told_as_how_many_decisions_they_flip(result, read):
    said = read(result, "What bought votes could flip", GROUPS)
    assert "1 (1 in 100) 0 0 0 5 1 1 0" in said
    assert "1 person: none 5 people: #1" in said


def test_groups_are_told_by_quotes_with_shares_of_both_sides(result, read):
    said = read(result, GROUPS, POLIS)
    assert "Opinion group 0 30 people" in said
    assert "90 % agree (n 28); of the others 20 % (n 27)" in said
    assert "The votes suggest this number." in said
    assert "Within it. Two of 15." in said
    assert "3 groups 0.40 (0.20–0.60) 0.85 0.3" in said


def test_one_small_group_hides_the_sizes_of_all(result, read, river):
    Workshop.objects.filter(pk=river.pk).update(small_cell=10)
    result["label_sets"]["opinion_groups"]["labels"]["1"] = 4
    said = read(result, GROUPS, POLIS)
    assert "a group has fewer people than may be reported on." in said
    assert "30 people" not in said
    assert "of the others" not in said


def test_a_statement_that_too_few_voted_on_lends_a_group_its_words_alone(result, read, river):
    Workshop.objects.filter(pk=river.pk).update(small_cell=10)
    told = result["label_sets"]["opinion_groups"]["described"]["0"]["statements"][0]
    told["others_n"] = 3
    said = read(result, GROUPS, POLIS)
    assert "dry year" in said
    assert "n 28" not in said


def test_polis_numbers_stand_beside_ours(result, read):
    said = read(result, POLIS, "</details>")
    assert "Agree 56 of 60 93 % 4.2" in said
    assert "Fishers" in said
    assert "Agree 4.1 5.2 90 % 90 % (80–95) , n 40 Not measured" in said


def test_what_to_ask_next_says_how_many_votes_would_do(result, read):
    said = read(result, ASKING, 'id="preferences"')
    assert "Farmers" in said
    assert "dry year. (4 more votes of the 9 who have not voted on it)" in said


def test_an_analysis_from_before_says_that_it_was_not_measured(read, river):
    old = full_result(*make_statements(river))
    assert "Not measured in this analysis." in read(old, DECISIONS, GROUPS)
    assert "not measured in this analysis" in read(old, ASKING, 'id="preferences"')


@pytest.fixture
def voting(river):
    """A vote that is not over."""
    stage = Stage.objects.filter(workshop=river).first()
    return Activity.objects.create(stage=stage, kind=Activity.Kind.VOTE, position=90)


def ask(client, analysis, do="give"):
    """Press the button."""
    return client.post(reverse("ask-next", args=["river", analysis.pk]), {"do": do}, follow=True)


def test_asking_next_is_handed_to_the_worker_once(client, river, farid, result, voting):
    client.force_login(farid)
    analysis = make_analysis(river, result)
    for _ in range(2):
        page = words(ask(client, analysis).content.decode())
    assert "The worker is looking for what is still open." in page
    assert Work.objects.get(subject="ask:river").task == "policy.tasks.ask_next"


def test_asking_evenly_again_takes_weights_away(client, river, pilar, result, voting):
    seat = river.seats.first()
    give_weights(activity=voting, seat=seat, named={"1": 1.0}, otherwise=0.0)
    client.force_login(pilar)
    page = words(ask(client, make_analysis(river, result), "stop").content.decode())
    assert not AskingWeights.objects.exists()
    assert AuditEntry.objects.filter(action="ask without weights", user=pilar).exists()
    assert "People are asked evenly now." in page


def test_where_nothing_can_be_asked_there_is_no_button(client, river, pilar, result):
    Stage.objects.filter(workshop=river).update(status=Stage.Status.CLOSED)
    client.force_login(pilar)
    page = client.get(make_analysis(river, result).get_absolute_url()).content.decode()
    assert "so nothing can be asked" in page
    assert "Have the workshop ask this next" not in page


def test_the_analyst_asks_for_another_number_of_groups(client, river, pilar, result):
    client.force_login(pilar)
    page = client.get(make_analysis(river, result).get_absolute_url()).content.decode()
    form = page[page.index("How many opinion groups?") :].split("</form>")[0]
    assert '<option value="3">3 groups</option>' in form
