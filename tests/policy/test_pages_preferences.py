"""What the page of an analysis says of preferences, with examples, and what it keeps to itself."""

from typing import Any

import pytest

from elicitation.models import Completion, Prompt, Workshop
from policy.showing_preferences import certainty, leaning_sentence
from tests.line import effect, full_result, make_analysis, make_statements

LONG, SHORT = "You could water at dusk, because less of it dries.", "At dusk."
WARNING = "Speaks of drowning"


@pytest.fixture
def section(client, pilar):
    """The part of an analysis's page that is about preferences, as Pilar reads it."""
    client.force_login(pilar)

    def opened(workshop: Workshop, result: dict[str, Any]) -> str:
        page = client.get(make_analysis(workshop, result).get_absolute_url()).content.decode()
        found = page[page.index('id="preferences"') : page.index('id="agreement"')]
        return found.replace("\N{NO-BREAK SPACE}", " ")

    return opened


@pytest.fixture
def result(river) -> dict[str, Any]:
    """Fishers prefer longer answers, and two pairs of answers show it."""
    asked = Prompt.objects.create(
        workshop=river, messages=[{"role": "user", "content": "When?"}], content_hash="1"
    )
    more, less = (
        Completion.objects.create(prompt=asked, text=text, content_hash=text[:9])
        for text in (LONG, SHORT)
    )
    found = full_result(*make_statements(river))
    longer = fit_of(found)["effects"][0]
    pair = {"prompt": asked.pk, "warning": "", "severe": False}
    pair |= {"more": {"completion": more.pk, "quote": LONG, "measure": 2.4}}
    pair |= {"less": {"completion": less.pk, "quote": SHORT, "measure": 1.1}}
    longer["examples"] = {
        "for": pair | {"chose_more": 13, "equal": 0, "chose_less": 4},
        "against": pair | {"chose_more": 2, "equal": 1, "chose_less": 3},
    }
    return found


def fit_of(result: dict[str, Any], slug: str = "fishers") -> dict[str, Any]:
    return result["preferences"]["communities"][slug]["themes"][""]


def leaning(chosen: float, low: float, high: float, own: float) -> dict[str, Any]:
    ends = {"chosen": chosen, "chosen_low": low, "chosen_high": high}
    return {"log_odds": 0.0, "low": 0.0, "high": 0.0, "own": own, "sentence": "", **ends}


def test_a_clear_preference_quotes_a_pair_that_goes_with_it(river, section, result):
    page = section(river, result)
    assert "Goes with it" in page
    assert LONG in page
    assert "the first chosen 13 times, the other 4 times" in page


def test_how_a_few_people_chose_is_not_shown_as_an_example(river, section, result):
    page = section(river, result)
    assert "Speaks against it" not in page
    Workshop.objects.filter(pk=river.pk).update(provenance="real")
    assert "Speaks against it" in section(river, result)


def test_a_lone_dissenter_is_not_counted_out(river, section, result):
    fit_of(result)["effects"][0]["examples"]["for"]["chose_less"] = 1
    page = section(river, result)
    assert LONG in page
    assert "the first chosen" not in page


def test_an_answer_withheld_since_is_not_quoted(river, section, result):
    Completion.objects.filter(text=SHORT).update(screening=Completion.Screening.WITHHELD)
    assert LONG not in section(river, result)


def test_a_warning_given_since_stands_before_the_quotes(river, section, result):
    Prompt.objects.update(content_warning=WARNING)
    page = section(river, result)
    assert page.index(WARNING) < page.index(LONG)


def test_severe_answers_are_linked_and_not_quoted(river, section, result):
    Prompt.objects.update(is_severe=True)
    page = section(river, result)
    assert LONG not in page
    assert "only for people who chose to see such things" in page


def test_a_small_sample_says_which_number_is_its_own(river, section, result):
    fit_of(result)["effects"][0]["shrunken"] = leaning(0.6, 0.52, 0.68, own=0.4)
    page = section(river, result)
    assert "By itself, an answer that is longer is chosen 70 % (60–80) of the time." in page
    assert "60 % (52–68); 40 % of that is its own." in page


def test_an_estimate_that_is_nearly_its_own_is_said_once():
    longer = effect("length", 0.7, 0.6, 0.8) | {"shrunken": leaning(0.69, 0.6, 0.8, own=0.95)}
    assert leaning_sentence(longer, 0.8) == ""


def test_nobody_leans_on_a_community_that_is_too_small_to_report(river, section, result):
    fit_of(result)["effects"][0]["shrunken"] = leaning(0.6, 0.52, 0.68, own=0.4)
    result["preferences"]["communities"]["farmers"]["people"] = 4
    page = section(river, result)
    assert "Too few to say" in page
    assert "Leaning on" not in page


def test_a_theme_that_few_people_answered_is_withheld(river, section, result):
    themes = result["preferences"]["communities"]["fishers"]["themes"]
    themes["weather"] = themes[""] | {"people": 6}
    assert "weather" not in section(river, result)


@pytest.mark.parametrize(
    ("q", "words"),
    [(0.0004, "very unlikely to be chance"), (0.03, "probably not chance"), (0.3, "may be chance")],
)
def test_certainty_is_said_in_words(q, words):
    assert certainty(q) == words


def test_a_few_refusals_of_both_answers_are_not_counted_out(river, section, result):
    assert "neither answer was acceptable" not in section(river, result)
    result["preferences"]["communities"]["fishers"]["neither"] = 12
    assert "12 times neither answer was acceptable" in section(river, result)
