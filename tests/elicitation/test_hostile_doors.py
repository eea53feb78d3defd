"""What no form of ours sends: bytes and shapes that somebody makes up. Never a fault of ours."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from deliberation.models import Statement
from elicitation import access
from elicitation.models import (
    Activity,
    Case,
    Comparison,
    IdentityQuestion,
    Participant,
    Prompt,
    RankingTask,
    Showing,
    User,
    Workshop,
)
from elicitation.services.answers import in_batches
from policy.models import Principle
from tests.everything import everything
from tests.phones import device_of
from tests.test_participant_permissions import ARGUMENTS
from tests.test_participant_permissions import TABLE as PARTICIPANTS
from tests.test_permissions import TABLE as STAFF

pytestmark = pytest.mark.django_db
KINDS: tuple[str, ...] = (
    "preference",
    "rating",
    "rewrite",
    "vote",
    "ranking",
    "case",
    "statement",
    "identity",
)
KINDS += ("endorsement", "no such kind")
FIELDS: tuple[str, ...] = (
    "choice",
    "rationale",
    "decided",
    "flag",
    "value",
    "text",
    "situation",
    "wish",
    "when",
)
FIELDS += ("should", "why", "reason", "amendment", "round", "shown", "ms", "strength", "skip")
FIELDS += ("spans", "values", "choices", "place", "take_back")
SHAPES: list[Any] = [
    None,
    7,
    -1,
    1.5,
    10**18,
    True,
    [],
    {},
    ["x"],
    {"x": ["y"]},
    [[[]]],
    "9" * 5000,
]
SHAPES += [
    {"0": {}},
    [{}],
    "-0",
    "\u0663",
    "1_0",
    " 1 ",
    "1e3",
    "0x1",
    "NaN",
    "left:1",
    "left:9",
    "right:",
]
SHAPES += [
    ["left:0:999999"],
    ["left:0:1:xx"],
    {"0": 1, "1": 1, "2": 1},
    {"helpful": 10**18},
    "\x1b",
]
NUL = "one\x00two three"
UNREADABLE = [NUL, "one\ud800two", [NUL], {NUL: 1}, {"x": [NUL]}, float("nan"), 10**400, [[]] * 9]


@pytest.fixture
def phone(amara: Participant, farid: User) -> Client:
    """Amara's phone, in a workshop that holds one of everything."""
    number = count()
    return everything(amara, farid, lambda place, longest: f"{place} {next(number)}"[:longest])


def target_of(amara: Participant, kind: str) -> int:
    """Something that this kind of answer is about, where there is such a thing."""
    mine: dict[str, QuerySet[Any]] = {
        "preference": Comparison.objects.filter(participant=amara),
        "rating": Showing.objects.filter(participant=amara, activity__kind="criteria"),
        "rewrite": Showing.objects.filter(participant=amara, activity__kind="rewrite"),
        "ranking": RankingTask.objects.filter(participant=amara),
        "vote": Statement.objects.filter(author=None, moderation="in"),
        "statement": Statement.objects.filter(author=amara, moderation="unreviewed"),
        "case": Case.objects.filter(participant=amara),
        "identity": IdentityQuestion.objects.all(),
        "endorsement": Principle.objects.all(),
    }
    return int(mine[kind].latest("pk").pk) if kind in mine else 2**62


@pytest.fixture
def seat(amara: Participant) -> dict[str, str]:
    """The header of her seat."""
    return {"Authorization": f"Seat {access.seat_token(device_of(amara))}"}


def tell(phone: Client, seat: dict[str, str], kind: str, target: int, bodies: list[Any]) -> int:
    """Send these at once; the status."""
    answers = [{"kind": kind, "target": target, "body": one, "key": str(uuid4())} for one in bodies]
    sent, json_type = json.dumps({"answers": answers}), "application/json"
    address = "/api/w/river/answers/"
    return int(phone.post(address, sent, content_type=json_type, headers=seat).status_code)


@pytest.mark.parametrize("kind", KINDS)
def test_any_shape_of_an_answer_is_stored_or_refused(
    phone: Client, amara: Participant, seat: dict[str, str], kind: str
) -> None:
    bodies = [{name: shape} for name in FIELDS for shape in SHAPES]
    bodies += [dict.fromkeys(FIELDS, shape) for shape in SHAPES]
    bodies += [{"choice": "left", "situation": "x", "wish": "y", name: SHAPES} for name in FIELDS]
    target = target_of(amara, kind)
    for some in in_batches(bodies, 100):
        assert tell(phone, seat, kind, target, some) == 200
    assert tell(phone, seat, kind, 0, bodies[-50:]) == 200


@pytest.mark.parametrize("shape", UNREADABLE)
def test_what_no_database_holds_is_refused_or_cleaned(
    phone: Client, amara: Participant, seat: dict[str, str], shape: Any
) -> None:
    for kind, target in [(one, target_of(amara, one)) for one in KINDS]:
        body = dict.fromkeys(FIELDS, shape)
        assert tell(phone, seat, kind, target, [body]) in (200, 400)


@pytest.mark.parametrize(
    "asked_for",
    ["//x-mark.example/", "/w/river/\r\nSet-Cookie: a=b", "/w/river/\x00", "/w/hill/", "\\\\x"],
)
def test_no_form_leads_anybody_away(phone: Client, asked_for: str) -> None:
    for kind in KINDS:
        fields = {"kind": kind, "target": "1", "key": str(uuid4()), "next": asked_for}
        response = phone.post("/w/river/answer/", fields | {"choice": "1", "skip": "1"})
        assert response.status_code in (302, 422)
        where = response.get("Location", "/w/river/")
        assert where.startswith("/w/river/")
        assert "\n" not in where


QUERIES = [
    *("item", "skip", "text", "q", "page", "start", "more", "list", "scope", "answer", "state"),
    *("order", "theme", "community", "seat", "show", "as", "out", "kind", "code", "next", "key"),
]
VALUES = [
    "\x00",
    "9" * 30,
    "-1",
    "\u0663,1,,x",
    "[]",
    "%s",
    "'",
    "\ud7ff\U0010ffff",
    "answers",
    "a" * 3000,
]


def asked(address: str) -> list[str]:
    """The address with every query that any page reads, made up."""
    return [address + "?" + urlencode(dict.fromkeys(QUERIES, value)) for value in VALUES]


def test_no_query_of_a_phone_is_a_fault_of_ours(phone: Client) -> None:
    known = ARGUMENTS | {"code": "RIVER000"}
    for row in PARTICIPANTS:
        if row.method == "get":
            address = reverse(row.page, args=[known[one] for one in row.arguments.split()])
            assert {phone.get(one).status_code // 100 for one in asked(address)} <= {2, 3, 4}


def test_no_query_of_a_desk_is_a_fault_of_ours(phone: Client, farid: User) -> None:
    farid.is_superuser = True
    farid.save()
    phone.force_login(farid)
    prompt = {"pk": Prompt.objects.earliest("pk").pk, "slug": "river"}
    activity = {"activity": Activity.objects.get(kind="vote").pk}
    statement = {"statement": Statement.objects.filter(moderation="in").earliest("pk").pk}
    known = prompt | activity | statement
    rows = [
        one for one in STAFF if one.method == "get" and set(one.arguments.split()) <= set(known)
    ]
    for row in rows:
        address = reverse(row.page, args=[known[one] for one in row.arguments.split()])
        assert {phone.get(one).status_code // 100 for one in asked(address)} <= {2, 3, 4}


@pytest.mark.parametrize("cookie", ["\x00", "a:b:c", "'", "9" * 4000, '"', "%00"])
def test_no_cookie_is_a_fault_of_ours(phone: Client, cookie: str) -> None:
    for name in ("seat-river", f"code-{Workshop.objects.get().pk}", "django_language", "sessionid"):
        stranger = Client()
        stranger.cookies[name] = cookie
        assert stranger.get("/w/river/").status_code == 302
        phone.cookies["django_language"] = cookie
        assert phone.get("/w/river/code/").status_code == 200
