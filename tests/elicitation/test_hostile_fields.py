"""What a program makes up in fields and addresses: refused or not there, never a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from deliberation.models import Statement
from elicitation.models import Activity, AnswerEvent, Completion, Participant, User, Workshop
from tests.elicitation.stock import stock
from tests.phones import open_activity, phone_of

pytestmark = pytest.mark.django_db
HUGE = (str(2**63), "9" * 30, "-1", "٣", "1e3", "0x1", "\x00", "NaN", "")


@pytest.fixture
def phone(amara: Participant) -> Client:
    """A phone that shows a fault as a page, as a server does."""
    stock(amara.workshop)
    for kind in Activity.Kind.values:
        open_activity(amara.workshop, kind)
    return phone_of(amara, raise_request_exception=False)


def fields(**changed: Any) -> dict[str, Any]:
    """An answer's form with some of it made up."""
    return {"kind": "preference", "target": "1", "key": "k-1", "choice": "left"} | changed


MADE_UP = [
    *(fields(target=number) for number in HUGE),
    *(fields(kind=kind) for kind in (*AnswerEvent.Kind.values, "\x00", "x" * 5000)),
    *(fields(key=key) for key in ("\x00", "a\x00b", "x" * 101, "", "😀")),
    *(fields(kind="vote", choice=number) for number in HUGE),
    *(fields(kind="vote", choice="1", ms=number, round=number) for number in HUGE),
    {**fields(kind="rating"), "values": "1", "values:tone": "2"},
    {**fields(kind="rating"), "values:": "1", "[]": "2", ":": "3", "values[]": "4"},
    {**fields(kind="ranking"), "place": "1", "place:0": "1", "place:1": "9" * 30},
    {**fields(kind="case"), "target": "0", "situation": "a\x00", "wish": "b\x00"},
    {**fields(kind="statement"), "target": "0", "text": "a\x00 b", "why": "\x00"},
    {**fields(kind="identity"), "choices[]": ["\x00", "x"], "text": "\x00"},
    {**fields(), "spans[]": ["left:9999999:9999999", "left:0:1:\x00"], "decided": "\x00"},
]


@pytest.mark.parametrize("sent", MADE_UP)
def test_a_made_up_answer_is_refused(phone: Client, river: Workshop, sent: dict[str, Any]) -> None:
    answer = phone.post(f"/w/{river.slug}/answer/", sent)
    assert answer.status_code in (302, 422)


@pytest.mark.parametrize("number", HUGE)
def test_numbers_in_addresses_ask_for_nothing(phone: Client, river: Workshop, number: str) -> None:
    for page in ("compare", "rate", "rank", "rewrite", "cases", "about-you", "vote", "say"):
        asked = {"item": number, "skip": f"{number},{number}", "start": number, "more": number}
        assert phone.get(f"/w/{river.slug}/{page}/", asked).status_code == 200
    assert phone.get(f"/w/{river.slug}/results/", {"start": number}).status_code == 200
    like = phone.get(f"/w/{river.slug}/say/like/", {"text": number})
    assert like.status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/join/%00/", "/join/?code=%00", "/join/" + "A" * 3000 + "/", "/join/%F0%9F%98%80ABCDEFG/",
     "/api/join/%00/", "/w/river/said/%00/", "/api/w/river/items/%00/",
     "/w/river/you/take-back/?scope=answers&answer=" + "9" * 18],
)  # fmt: skip
def test_made_up_addresses_are_not_there(phone: Client, address: str) -> None:
    assert phone.get(address).status_code < 500


def test_a_code_that_nobody_made_is_refused(phone: Client) -> None:
    for code in ("\x00", "A\x00B", "x" * 40, "😀" * 12, "١٢٣٤٥٦٧٨٩١٢٣"):
        assert phone.post("/return/", {"code": code, "install": "\x00"}).status_code == 422


def test_what_staff_send_holds_no_nul(phone: Client, river: Workshop, farid: User) -> None:
    phone.force_login(farid)
    statement = Statement.objects.create(workshop=river, text="Be brief.", external_id="1")
    out = {"do": "out", "reason": "an\0 advertisement"}
    assert phone.post(f"/workshops/river/moderation/{statement.pk}/", out).status_code == 302
    one = Completion.objects.earliest("pk")
    sent = {f"becomes-{one.pk}": "severe", f"was-{one.pk}": "cleared"}
    sent[f"warning-{one.prompt_id}"] = "in\0sults"
    assert phone.post("/workshops/river/screening/", sent).status_code == 302
    statement.refresh_from_db()
    one.prompt.refresh_from_db()
    assert (statement.moderation_reason, one.prompt.content_warning) == (
        "an advertisement",
        "insults",
    )
