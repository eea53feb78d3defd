"""Joining, when a form is sent twice, late, by somebody else on the phone, or by somebody young."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from elicitation import access
from elicitation.models import Consent, ContactDetail, Participant, Workshop
from elicitation.services.consent import agree, latest_consent
from elicitation.services.joining import consent_text, new_return_code
from elicitation.services.withdrawing import is_too_late, withdraw
from tests.phones import device_of, phone_of

JOIN = "/join/RIVER000/"


@pytest.fixture
def joined(client: Client, river: Workshop) -> dict[str, Any]:
    """What somebody sent to join, ticking everything."""
    scopes = {"train_models": "on", "be_quoted": "on", "be_contacted": "on"}
    sent = {"key": str(uuid.uuid4()), "take_part": "on", "address": "a@example.org", **scopes}
    assert client.post(JOIN, sent).status_code == 302
    return sent


def who(sent: dict[str, Any]) -> Participant:
    """Who joined by it."""
    return Participant.objects.get(join_key=sent["key"])


def test_joining_again_after_leaving_keeps_no_address(
    client: Client, joined: dict[str, Any]
) -> None:
    withdraw(participant=who(joined), scope="all", key=uuid.uuid4())
    assert client.post(JOIN, joined).status_code == 422
    assert not ContactDetail.objects.exists()
    assert not latest_consent(who(joined)).train_models


def test_who_ticks_less_the_second_time_agreed_to_less(
    client: Client, joined: dict[str, Any]
) -> None:
    client.post(JOIN, {name: joined[name] for name in ("key", "take_part", "be_quoted")})
    now = latest_consent(who(joined))
    assert (now.be_quoted, now.train_models, now.be_contacted) == (True, False, False)
    assert Participant.objects.count() == 1


def test_a_form_that_is_sent_again_begins_no_use_that_was_ended(
    client: Client, joined: dict[str, Any]
) -> None:
    agree(participant=who(joined), train_models=False)
    client.post(JOIN, joined)
    assert not latest_consent(who(joined)).train_models


def test_an_address_is_kept_only_where_one_agreed_to_it(client: Client, river: Workshop) -> None:
    sent = {"key": str(uuid.uuid4()), "take_part": "on"}
    client.post(JOIN, sent)
    client.post(JOIN, sent | {"be_contacted": "on", "address": "a@example.org"})
    assert not latest_consent(who(sent)).be_contacted
    assert not ContactDetail.objects.exists()


def test_nobody_agrees_to_words_that_were_changed_meanwhile(
    client: Client, river: Workshop
) -> None:
    page = client.get(JOIN)
    version = page.context["text"].version
    Workshop.objects.update(organiser="Somebody else")
    sent = {"key": str(uuid.uuid4()), "take_part": "on", "consent_version": version}
    refused = client.post(JOIN, sent)
    assert (refused.status_code, Consent.objects.count()) == (422, 0)
    assert "Somebody else" in refused.content.decode()
    sent["consent_version"] = refused.context["text"].version
    assert client.post(JOIN, sent).status_code == 302


def test_a_code_is_shown_to_its_owner_only(
    client: Client, joined: dict[str, Any], bela: Participant
) -> None:
    assert client.get("/w/river/code/").context["code"]
    # Bela comes back on the phone on which somebody has just joined.
    client.post("/return/", {"code": new_return_code(participant=bela)})
    assert client.get("/w/river/code/").context["code"] == ""


def test_a_code_that_was_replaced_elsewhere_is_not_shown(
    client: Client, joined: dict[str, Any]
) -> None:
    new_return_code(participant=who(joined))
    assert client.get("/w/river/code/").context["code"] == ""


@pytest.mark.parametrize(
    ("least", "guardian", "age", "status"),
    [
        (16, 14, "of_age", 302), (16, 14, "guardian", 422), (16, 18, "guardian", 302),
        (16, None, "guardian", 422), (None, 16, "guardian", 302), (None, 16, "", 422),
    ],
)  # fmt: skip
def test_a_guardian_agrees_for_the_young_and_for_nobody_below_the_least_age(
    client: Client, river: Workshop, least: int, guardian: int, age: str, status: int
) -> None:
    Workshop.objects.update(minimum_age=least, guardian_below=guardian)
    sent = {"key": str(uuid.uuid4()), "take_part": "on", "age": age}
    page = client.get(JOIN).content.decode()
    assert f"{max(least or 0, guardian or 0)} or older" in page
    assert client.post(JOIN, sent).status_code == status


@pytest.mark.parametrize(
    ("hour", "is_late"),
    [
        (datetime(2031, 5, 2, 11, 59, tzinfo=UTC), False),
        (datetime(2031, 5, 2, 12, tzinfo=UTC), True),
    ],
)
def test_a_day_is_over_when_it_is_over_for_everybody(
    river: Workshop, monkeypatch: pytest.MonkeyPatch, hour: datetime, is_late: bool
) -> None:
    river.withdraw_until = date(2031, 5, 1)
    monkeypatch.setattr(timezone, "now", lambda: hour)
    assert is_too_late(river) is is_late


def test_pages_of_one_person_are_in_no_cache_that_people_share(
    client: Client, amara: Participant, bela: Participant
) -> None:
    token = f"Seat {access.seat_token(device_of(amara))}"
    for address in ("/api/w/river/me/", "/api/w/river/data/", "/join/", "/"):
        kept = client.get(address, headers={"Authorization": token})["Cache-Control"]
        assert "private" in kept


def test_a_lost_phone_is_let_in_no_more(client: Client, amara: Participant) -> None:
    lost, mine, anothers = phone_of(amara), phone_of(amara), device_of(amara)
    assert "2 more phones" in mine.get("/w/river/you/").content.decode()
    assert mine.post("/w/river/you/devices/").status_code == 302
    assert lost.get("/w/river/you/").url.startswith("/join/")
    assert lost.get("/api/w/river/me/").status_code == 403
    assert mine.get("/w/river/you/").status_code == 200
    anothers.refresh_from_db()
    assert anothers.ended_at


def test_ending_phones_ends_nobody_elses(amara: Participant, bela: Participant) -> None:
    theirs = phone_of(bela)
    phone_of(amara).post("/w/river/you/devices/")
    assert theirs.get("/w/river/you/").status_code == 200


def test_a_name_in_another_script_keeps_its_own_direction(river: Workshop) -> None:
    Workshop.objects.update(organiser="The library.")
    river.refresh_from_db()
    assert consent_text(workshop=river, locale="ar").body.endswith("\u2068The library.\u2069")
    assert consent_text(workshop=river, locale="en").body.endswith("Who runs this: The library.")
