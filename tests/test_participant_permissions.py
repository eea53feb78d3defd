"""Who may open what of a participant's pages: one table of every page, and each one's answer.

A new page for participants needs a row here; tests/test_permissions.py fails until it has one.
"""

from typing import NamedTuple
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from elicitation.models import (
    Community,
    Membership,
    Participant,
    Workshop,
    WorkshopCommunity,
)
from tests.conftest import staff, take_part
from tests.phones import phone_of

FINE, SEE, WRONG, NO, NOT_THERE, NOT_SO, NOT_JSON = 200, 302, 422, 403, 404, 405, 415
# Nobody in particular, one who takes part here, one elsewhere, one who left, one of the staff.
WHO = ("nobody", "amara", "wanda", "gone", "farid")
ARGUMENTS: dict[str, object] = {
    "slug": "river",
    "code": "ABCD2345",
    "receipt": UUID(int=7),
    "nowhere": "no/such",
    "judged": "compare",
    "nothing": "nothing",
    "doing": "compare",
}


class Row(NamedTuple):
    """One method on one page, and the status for each of WHO."""

    method: str
    page: str
    arguments: str
    answers: tuple[int, ...]


def everyone(status: int = FINE) -> tuple[int, ...]:
    """The same for all."""
    return (status,) * len(WHO)


def taking_part(status: int = FINE) -> tuple[int, ...]:
    """Those who take part in this workshop; others are asked to join, who left is told so."""
    return (SEE, status, SEE, NO, SEE)


def by_seat(status: int = FINE) -> tuple[int, ...]:
    """Clients with a seat in this workshop; programs are not sent on to a page."""
    return (NO, status, NO, NO, NO)


def even_if_left(status: int = FINE) -> tuple[int, ...]:
    """Those who take part in this workshop or left it."""
    return (SEE, status, SEE, status, SEE)


TABLE = [
    Row("get", "join-code", "", everyone()),
    Row("get", "join", "code", (FINE, SEE, FINE, FINE, FINE)),
    Row("post", "join", "code", everyone(WRONG)),
    Row("get", "return", "", everyone()),
    Row("post", "return", "", everyone(WRONG)),
    Row("get", "stopped", "", everyone()),
    Row("get", "phone-home", "slug", taking_part()),
    Row("get", "return-code", "slug", taking_part()),
    Row("get", "support", "slug", taking_part()),
    Row("get", "stop", "slug", everyone(NOT_SO)),
    Row("post", "stop", "slug", taking_part(SEE)),
    Row("get", "compare", "slug", taking_part()),
    Row("get", "rate", "slug", taking_part()),
    Row("get", "criteria", "slug", taking_part()),
    Row("get", "rank", "slug", taking_part()),
    Row("get", "rewrite", "slug", taking_part()),
    Row("get", "said", "slug doing", taking_part()),
    Row("get", "cases", "slug", taking_part()),
    Row("get", "about-you", "slug", taking_part()),
    Row("post", "compare", "slug", everyone(NOT_SO)),
    Row("get", "harm", "slug", taking_part()),
    Row("post", "harm", "slug", taking_part(SEE)),
    Row("get", "answer", "slug", everyone(NOT_SO)),
    Row("post", "answer", "slug", taking_part(WRONG)),
    Row("get", "you", "slug", taking_part()),
    Row("get", "allow", "slug", everyone(NOT_SO)),
    Row("post", "allow", "slug", taking_part(SEE)),
    Row("get", "own-devices", "slug", everyone(NOT_SO)),
    Row("post", "own-devices", "slug", taking_part(SEE)),
    Row("get", "contact", "slug", taking_part()),
    Row("post", "contact", "slug", taking_part(WRONG)),
    Row("get", "own-answers", "slug", taking_part()),
    Row("get", "take-back", "slug", taking_part(SEE)),
    Row("post", "take-back", "slug", taking_part(SEE)),
    Row("get", "own-data", "slug", taking_part()),
    Row("get", "receipts", "slug", even_if_left()),
    Row("get", "receipt", "slug receipt", even_if_left(NOT_THERE)),
    Row("get", "pulse", "slug", taking_part()),
    Row("get", "vote", "slug", taking_part()),
    Row("get", "results", "slug", taking_part()),
    Row("get", "propose", "slug", taking_part()),
    Row("get", "mine", "slug", taking_part()),
    Row("get", "similar", "slug", taking_part()),
    Row("get", "review", "slug", taking_part()),
    Row("post", "language", "", everyone(SEE)),
    Row("get", "service-worker", "", everyone()),
    Row("get", "api-schema", "", everyone()),
    Row("get", "api-not-there", "nowhere", everyone(NOT_THERE)),
    Row("get", "api-invitation", "code", everyone()),
    Row("get", "api-join", "", everyone(NOT_SO)),
    Row("post", "api-join", "", everyone(NOT_JSON)),
    Row("post", "api-return", "", everyone(NOT_JSON)),
    Row("get", "api-me", "slug", by_seat()),
    Row("get", "api-activities", "slug", by_seat()),
    Row("post", "api-answers", "slug", by_seat(NOT_JSON)),
    Row("get", "api-pulse", "slug", by_seat()),
    Row("get", "api-items", "slug judged", by_seat()),
    Row("get", "api-items", "slug nothing", by_seat(NOT_THERE)),
    Row("post", "api-severe", "slug", by_seat(NOT_JSON)),
    Row("get", "api-cases", "slug", by_seat()),
    Row("get", "api-questions", "slug", by_seat()),
    Row("get", "api-vote", "slug", by_seat()),
    Row("get", "api-statements", "slug", by_seat()),
    Row("get", "api-results", "slug", by_seat()),
    Row("get", "api-rules", "slug", by_seat()),
    Row("get", "api-data", "slug", by_seat()),
    Row("get", "api-similar", "slug", by_seat()),
    Row("post", "api-code", "slug", by_seat()),
    Row("delete", "api-other-devices", "slug", by_seat()),
    Row("post", "api-allow", "slug", by_seat(NOT_JSON)),
    Row("post", "api-contact", "slug", by_seat(NOT_JSON)),
    Row("post", "api-take-back", "slug", by_seat(NOT_JSON)),
]


@pytest.fixture
def phones(river: Workshop) -> dict[str, Client]:
    """A browser for each of WHO."""
    WorkshopCommunity.objects.filter(join_code="RIVER000").update(join_code="ABCD2345")
    hill = Workshop.objects.create(slug="hill", title="Hill")
    WorkshopCommunity.objects.create(
        workshop=hill, community=Community.objects.get(slug="fishers"), join_code="HHHH2345"
    )
    gone = take_part(river, "fishers", "gone")
    gone_phone = phone_of(gone)
    Participant.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    facilitating = Client()
    facilitating.force_login(staff(river, "farid", Membership.Role.FACILITATOR))
    return {
        "nobody": Client(),
        "amara": phone_of(take_part(river, "fishers", "amara")),
        "wanda": phone_of(take_part(hill, "fishers", "wanda")),
        "gone": gone_phone,
        "farid": facilitating,
    }


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.page}")
def test_each_phone_is_answered_as_the_table_says(row: Row, phones: dict[str, Client]) -> None:
    address = reverse(row.page, args=[ARGUMENTS[name] for name in row.arguments.split()])
    answers = {name: getattr(phones[name], row.method)(address).status_code for name in WHO}
    assert answers == dict(zip(WHO, row.answers, strict=True))


def test_the_seat_of_another_workshop_opens_nothing_here(phones: dict[str, Client]) -> None:
    wanda = phones["wanda"]
    wanda.cookies["seat-river"] = wanda.cookies["seat-hill"].value
    assert wanda.get(reverse("phone-home", args=["river"])).status_code == SEE


def test_a_token_that_somebody_made_up_opens_nothing(phones: dict[str, Client]) -> None:
    phones["nobody"].cookies["seat-river"] = "1:made:up"
    assert phones["nobody"].get(reverse("phone-home", args=["river"])).status_code == SEE


def test_the_code_of_data_that_were_published_leads_nowhere(phones: dict[str, Client]) -> None:
    Workshop.objects.filter(slug="river").update(provenance=Workshop.Provenance.REAL)
    assert phones["nobody"].get(reverse("join", args=["ABCD2345"])).status_code == NOT_THERE
