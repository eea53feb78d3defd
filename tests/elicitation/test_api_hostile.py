"""The API under requests that a program makes up: never a fault of ours, always as described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from elicitation import access
from elicitation.api import taking_part
from elicitation.models import Participant
from tests.deliberation.statements import state
from tests.elicitation.stock import stock
from tests.phones import device_of, open_activity

pytestmark = pytest.mark.django_db
TRIES = 12
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
IN_ADDRESSES = {"slug": "river", "kind": "compare", "code": "ABCD2345"}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A served request closes its connection; here that would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def seat(amara: Participant) -> dict[str, str]:
    """The header of a seat, in a workshop that has something of everything."""
    stock(amara.workshop)
    for kind in ("compare", "vote", "propose", "case", "identity", "rate"):
        activity = open_activity(amara.workshop, kind)
        state(activity, kind)
    return {"Authorization": f"Seat {access.seat_token(device_of(amara))}"}


@pytest.fixture
def operations(db: None) -> list[Any]:
    """Every operation of the API, as it describes itself."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    return [found.ok() for found in schema.get_all_operations()]


def test_no_made_up_request_is_a_fault_of_ours(operations, seat) -> None:
    assert len(operations) > 15
    # Leaving ends what the other requests are made for, so it comes last.
    for operation in sorted(operations, key=lambda one: one.path.endswith("take-back/")):
        make_up(operation, seat)


def test_a_fault_of_ours_would_be_found(operations, seat, monkeypatch) -> None:
    monkeypatch.setattr(taking_part, "highest_number", lambda device: "many")
    me = next(one for one in operations if one.path.endswith("/me/"))
    with pytest.raises(FailureGroup):
        make_up(me, seat)


def make_up(operation: Any, seat: dict[str, str]) -> None:
    """Ask one operation a few times, in the workshop that is there."""

    @settings(
        max_examples=TRIES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def ask(case: Any, is_known: bool) -> None:
        if is_known:
            known = {name: IN_ADDRESSES[name] for name in case.path_parameters or {}}
            case.path_parameters = known
        case.call_and_validate(headers=seat, checks=CHECKS)

    ask()
