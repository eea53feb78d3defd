"""What models answered reaches phones only after somebody has read and cleared it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from elicitation.errors import Refused
from elicitation.models import AuditEntry, Completion, Participant, Prompt, User, Workshop
from elicitation.services.screening import Decision, Screened, Warned, screen
from tests.elicitation.test_facilitating import prompt_with
from tests.phones import open_activity, phone_of

Screening = Completion.Screening


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def states(prompt: Prompt) -> list[str]:
    """The state of each completion, in order."""
    return list(prompt.completions.order_by("pk").values_list("screening", flat=True))


def decide(prompt: Prompt, by: User, *becomes: str, was: str = "waiting", **said: Any) -> Screened:
    """Decide the completions of one prompt in order; warning and severe: what is said before it."""
    pks = prompt.completions.order_by("pk").values_list("pk", flat=True)
    warned = Warned(said.get("warning", ""), said.get("severe", False))
    return screen(
        workshop=prompt.workshop,
        by=by,
        decisions=[Decision(pk, was, one) for pk, one in zip(pks, becomes, strict=False)],
        warnings={prompt.pk: warned},
    )


def test_each_answer_becomes_what_was_decided_and_who_did_is_kept(
    river: Workshop, farid: User
) -> None:
    prompt = prompt_with(river, *["waiting"] * 3)
    done = decide(prompt, farid, "cleared", "severe", "withheld", warning="Insults")
    assert (states(prompt), done) == (["cleared", "severe", "withheld"], Screened(3, 0))
    assert set(prompt.completions.values_list("screened_by", flat=True)) == {farid.pk}
    assert AuditEntry.objects.get().detail["withheld"] == 1


@pytest.mark.parametrize("said", [{"severe": True}, {}])
def test_nothing_severe_goes_without_a_warning(
    river: Workshop, farid: User, said: dict[str, bool]
) -> None:
    prompt = prompt_with(river, "waiting", "waiting")
    with pytest.raises(Refused, match="severe"):
        decide(prompt, farid, "cleared", "severe", **said)
    assert states(prompt) == ["waiting", "waiting"]


def test_a_severe_prompt_taints_what_was_cleared_before(river: Workshop, farid: User) -> None:
    prompt = prompt_with(river, "cleared", "waiting", "withheld")
    decide(prompt, farid, "cleared", "cleared", warning="Violence", severe=True)
    assert states(prompt) == ["severe", "severe", "withheld"]


def test_the_warning_of_a_severe_answer_cannot_be_taken_away(river: Workshop, farid: User) -> None:
    prompt = prompt_with(river, "severe", content_warning="Insults")
    with pytest.raises(Refused, match="needs a warning"):
        decide(prompt, farid)
    assert Prompt.objects.get().content_warning == "Insults"


def test_whoever_reads_second_does_not_overrule_the_first(river: Workshop, farid: User) -> None:
    prompt = prompt_with(river, "waiting", "waiting")
    decide(prompt, farid, "withheld")
    assert decide(prompt, farid, "cleared", "cleared") == Screened(1, 1)
    assert states(prompt) == ["withheld", "cleared"]


def test_the_answers_of_another_workshop_are_left_alone(river: Workshop, farid: User) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    theirs = prompt_with(hill, "waiting")
    pk = theirs.completions.get().pk
    screen(
        workshop=river,
        by=farid,
        decisions=[Decision(pk, "waiting", "cleared")],
        warnings={theirs.pk: Warned("Seen", False)},
    )
    assert (states(theirs), Prompt.objects.get().content_warning) == (["waiting"], "")


def test_nothing_is_on_the_screen_before_somebody_asks_for_it(
    river: Workshop, browser: Client
) -> None:
    prompt_with(river, "waiting", content_warning="Insults")
    page = browser.get(reverse("screening", args=["river"])).content.decode()
    assert "Insults" in page
    assert "Answer 0" not in page
    shown = browser.get(reverse("screening", args=["river"]), {"show": 1}).content.decode()
    assert "Answer 0" in shown


def test_all_that_is_on_the_screen_is_cleared_but_what_was_chosen_otherwise(
    river: Workshop, browser: Client
) -> None:
    seen, unseen = prompt_with(river, "waiting", "waiting"), prompt_with(river, "waiting")
    first, second = seen.completions.order_by("pk").values_list("pk", flat=True)
    sent = {f"was-{first}": "waiting", f"was-{second}": "waiting", f"becomes-{first}": "withheld"}
    browser.post(reverse("screening", args=["river"]), {"do": "all", **sent})
    assert (states(seen), states(unseen)) == (["withheld", "cleared"], ["waiting"])


def test_the_form_on_the_page_decides_what_it_says(river: Workshop, browser: Client) -> None:
    prompt = prompt_with(river, "waiting")
    page = browser.get(reverse("screening", args=["river"]), {"show": 1}).content.decode()
    names = set(re.findall(r'name="([a-z]+-\d+)"', page))
    pk = prompt.completions.get().pk
    assert names == {f"was-{pk}", f"becomes-{pk}", f"warning-{prompt.pk}", f"severe-{prompt.pk}"}
    sent = {f"was-{pk}": "waiting", f"becomes-{pk}": "severe", f"warning-{prompt.pk}": "Blood"}
    browser.post(reverse("screening", args=["river"]), {"do": "chosen", **sent})
    assert (states(prompt), Prompt.objects.get().content_warning) == (["severe"], "Blood")


@pytest.mark.parametrize("state", ["waiting", "withheld"])
def test_a_phone_gets_nothing_that_was_not_cleared(
    river: Workshop, amara: Participant, state: str
) -> None:
    open_activity(river, "compare", wanted=3)
    prompt_with(river, "cleared", state)
    page = phone_of(amara).get(reverse("compare", args=["river"])).content.decode()
    assert "Answer 0" not in page
    Completion.objects.update(screening=Screening.CLEARED)
    page = phone_of(amara).get(reverse("compare", args=["river"])).content.decode()
    assert "Question 0" in page


def test_what_is_withheld_later_leaves_the_phones_that_had_it(
    river: Workshop, amara: Participant, farid: User
) -> None:
    open_activity(river, "compare", wanted=3)
    prompt = prompt_with(river, "cleared", "cleared")
    phone = phone_of(amara)
    assert "Answer 0" in phone.get(reverse("compare", args=["river"])).content.decode()
    decide(prompt, farid, "withheld", was="cleared")
    assert "Answer 0" not in phone.get(reverse("compare", args=["river"])).content.decode()


def test_a_phone_is_warned_before_it_gets_an_item(river: Workshop, amara: Participant) -> None:
    open_activity(river, "compare", wanted=3)
    prompt_with(river, "cleared", "cleared", content_warning="Insults of neighbours")
    page = phone_of(amara).get(reverse("compare", args=["river"])).content.decode()
    assert page.index("Insults of neighbours") < page.index("Question 0")
