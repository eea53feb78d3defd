"""The live workshop of the demo: open at the first start, and left alone at the second."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement
from deploy.demo.hall import CLAIMS, QUESTIONS, ensure_hall, hall_lines
from deploy.demo.workshops import DATA
from elicitation.models import Completion, Participant, Prompt, User, Workshop
from elicitation.services.facilitating import close_stage


@pytest.fixture
def starter(db: None) -> User:
    """Whoever facilitates the demo."""
    return User.objects.create_user(username="farid")


def everything() -> dict[str, list[dict[str, object]]]:
    """Every row of every table of ours."""
    ours = ("elicitation", "deliberation")
    models = [model for model in apps.get_models() if model._meta.app_label in ours]
    return {
        model.__name__: list(model._default_manager.order_by("pk").values()) for model in models
    }


def test_a_second_start_changes_nothing(starter: User) -> None:
    hall = ensure_hall(DATA, by=starter)
    close_stage(stage=hall.stages.get(), by=starter)
    before = everything()
    ensure_hall(DATA, by=starter)
    assert everything() == before


def test_everything_that_was_chosen_for_it_is_there_and_was_read(starter: User) -> None:
    hall = ensure_hall(DATA, by=starter)
    asked = [prompt.last_turn for prompt in Prompt.objects.filter(workshop=hall)]
    assert sorted(asked) == sorted(QUESTIONS)
    cleared = Completion.objects.filter(screening="cleared", screened_by=starter)
    assert cleared.count() == Completion.objects.count() == 2 * len(QUESTIONS)
    assert Statement.objects.filter(is_seed=True, moderation="in").count() == len(CLAIMS)


def test_somebody_joins_by_a_printed_address_and_finds_something_to_do(starter: User) -> None:
    ensure_hall(DATA, by=starter)
    line = next(line for line in hall_lines("http://testserver") if "Old Town" in line)
    address = line.split("http://testserver")[1]
    phone = Client()
    key = phone.get(address).context["form"].initial["key"]
    phone.post(address, {"key": str(key), "take_part": "on"})
    assert Participant.objects.get().seat.community.name == "Old Town"
    home = phone.get(reverse("phone-home", args=["hall"])).content.decode()
    for activity in ("Choose the better answer", "Vote on what others said"):
        assert activity in home


def test_its_people_are_nobody_until_somebody_joins(starter: User) -> None:
    hall = ensure_hall(DATA, by=starter)
    assert hall.provenance == Workshop.Provenance.LIVE
    assert not Participant.objects.exists()
