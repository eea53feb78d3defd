"""The API: joining, answering and asking, for clients other than our pages."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from elicitation.models import AnswerEvent, Participant, Preference, Stage, Workshop
from tests.elicitation.test_answers import compare
from tests.phones import phone_of

pytestmark = pytest.mark.django_db


def ask(client: Client, path: str, data: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
    """The status and the JSON of one request; with data, a POST."""
    if data is None:
        response = client.get(f"/api/{path}", **more)
    else:
        body = data if isinstance(data, bytes) else json.dumps(data)
        response = client.post(f"/api/{path}", body, content_type="application/json", **more)
    return response.status_code, json.loads(response.content)


def answer(target: int, choice: str = "left", **more: Any) -> dict[str, Any]:
    """One answer to a comparison, as a phone sends it."""
    body = {"choice": choice}
    made = {
        "kind": "preference",
        "target": target,
        "body": body,
        "key": str(uuid.uuid4()),
        "seq": 1,
    }
    return {**made, **more}


def send(client: Client, *answers: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return ask(client, "w/river/answers/", {"answers": answers})


@pytest.fixture
def seats(river: Workshop) -> Workshop:
    """The workshop with a code that looks like one."""
    river.seats.filter(join_code="RIVER000").update(join_code="ABCD2345")
    return river


def joining(client: Client, **more: Any) -> dict[str, Any]:
    """What a client sends to join, having read the words."""
    version = ask(client, "join/abcd-2345/")[1]["consent_version"]
    made = {"code": "abcd-2345", "key": str(uuid.uuid4()), "take_part": True}
    return {**made, "consent_version": version, **more}


def test_a_client_joins_with_a_token_and_is_known_by_it(client: Client, seats: Workshop) -> None:
    status, seat = ask(client, "join/", joining(client, train_models=True))
    header = {"Authorization": f"Seat {seat['token']}"}
    known = ask(client, "w/river/me/", headers=header)[1]
    assert (status, known["community"], known["seq"]) == (201, "Fishers", 0)
    assert known["consent"] == {"be_quoted": False, "train_models": True, "be_contacted": False}
    assert known["pseudonym"] == seat["pseudonym"]


def test_joining_twice_with_one_key_takes_one_seat(client: Client, seats: Workshop) -> None:
    said = joining(client)
    first, again = (ask(client, "join/", said)[1] for _ in range(2))
    assert first["pseudonym"] == again["pseudonym"]
    assert Participant.objects.count() == 1


def test_the_return_code_of_one_client_opens_the_seat_on_another(
    client: Client, seats: Workshop
) -> None:
    seat = ask(client, "join/", joining(client))[1]
    status, found = ask(Client(), "return/", {"code": seat["return_code"]})
    assert (status, found["pseudonym"], found["return_code"]) == (200, seat["pseudonym"], None)
    assert found["token"] != seat["token"]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"take_part": False}, 422, "take_part"),
        ({"consent_version": "older"}, 422, "consent_version"),
        ({"key": "no uuid"}, 400, "key"),
        ({"be_contacted": True}, 422, "address"),
        ({"code": "ABCD2346"}, 404, ""),
    ],
)
def test_who_does_not_agree_does_not_join(
    client: Client, seats: Workshop, change: dict[str, Any], status: int, field: str
) -> None:
    answered, said = ask(client, "join/", joining(client, **change))
    assert (answered, said["field"], Participant.objects.count()) == (status, field, 0)
    assert said["error"].endswith(".")


def test_an_age_that_is_asked_for_has_to_be_said(client: Client, seats: Workshop) -> None:
    Workshop.objects.update(minimum_age=16)
    assert ask(client, "join/ABCD2345/")[1]["age_asked"] == 16
    assert ask(client, "join/", joining(client))[1]["field"] == "age"
    assert ask(client, "join/", joining(client, age="of_age"))[0] == 201


def test_answers_are_stored_or_refused_each_by_itself_in_order(amara, bela) -> None:
    mine, theirs = compare(amara), compare(bela)
    status, said = send(
        phone_of(amara), answer(theirs.pk, seq=4), answer(mine.pk, "right", seq=5),
        answer(mine.pk, kind="nonsense", seq=6),
    )  # fmt: skip
    assert status == 200
    assert [one["stored"] for one in said["outcomes"]] == [False, True, False]
    assert "another participant" in said["outcomes"][0]["reason"]
    assert (said["seq"], Preference.objects.get().choice) == (5, "right")


def test_a_batch_sent_three_times_leaves_one_event_each(amara: Participant) -> None:
    phone, comparisons = phone_of(amara), [compare(amara, words=str(n)) for n in range(5)]
    batch = [answer(one.pk, seq=n) for n, one in enumerate(comparisons)]
    for _ in range(3):
        outcomes = send(phone, *batch)[1]["outcomes"]
        assert [one["stored"] for one in outcomes] == [True] * 5
    assert list(AnswerEvent.objects.order_by("pk").values_list("client_seq", flat=True)) == [
        0, 1, 2, 3, 4,
    ]  # fmt: skip


def test_a_number_that_was_used_is_told_apart_from_other_refusals(amara: Participant) -> None:
    phone = phone_of(amara)
    send(phone, answer(compare(amara, words="one").pk, seq=7))
    said = send(phone, answer(compare(amara, words="two").pk, seq=7))[1]
    assert (said["outcomes"][0]["code"], said["seq"]) == ("number_used", 7)


def test_an_answer_to_a_closed_stage_says_which(amara: Participant) -> None:
    comparison = compare(amara, amara.workshop.stages.get())
    Stage.objects.update(status=Stage.Status.CLOSED)
    outcome = send(phone_of(amara), answer(comparison.pk))[1]["outcomes"][0]
    assert (outcome["code"], "not open" in outcome["reason"]) == ("closed", True)


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        (b"{", 400, ""),
        (b"[]", 400, ""),
        (b"\xff", 400, ""),
        (b'{"answers": ' + b"[" * 5000, 400, ""),
        (b'{"answers": []}', 400, "answers"),
        (b'{"answers": 3}', 400, "answers"),
        (b'{"answers": [{"kind": "vote"}]}', 400, "answers[0].target"),
        (b'{"a": "\\ud800"}', 400, ""),
        (b'{"a": "' + b"x" * 2**21 + b'"}', 413, ""),
        (json.dumps({"answers": [answer(1)] * 101}).encode(), 413, ""),
        (json.dumps({"answers": [answer(1), answer(1, key="")]}).encode(), 400, "answers[1].key"),
        (json.dumps({"answers": [answer(-1)]}).encode(), 400, "answers[0].target"),
        (json.dumps({"answers": [answer(2**63)]}).encode(), 400, "answers[0].target"),
        (json.dumps({"answers": [answer(1, body=[])]}).encode(), 400, "answers[0].body"),
        (json.dumps({"answers": [answer(1, seq=2**63)]}).encode(), 400, "answers[0].seq"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words_that_say_where(
    amara: Participant, sent: bytes, status: int, field: str
) -> None:
    answered, said = ask(phone_of(amara), "w/river/answers/", sent)
    assert (answered, said["field"]) == (status, field)
    assert said["error"].endswith(".")


def test_a_form_is_not_json(amara: Participant) -> None:
    response = phone_of(amara).post("/api/w/river/answers/", {"answers": "1"})
    assert (response.status_code, set(response.json())) == (415, {"error", "field", "code"})


def test_answers_of_one_seat_are_not_taken_for_anothers(amara: Participant, bela) -> None:
    theirs = {"seat": phone_of(bela).device.pk, "answers": [answer(compare(amara).pk)]}
    status, said = ask(phone_of(amara), "w/river/answers/", theirs)
    assert (status, said["code"], AnswerEvent.objects.count()) == (403, "other_seat", 0)


def test_a_cookie_alone_does_not_answer_for_somebody(amara: Participant) -> None:
    phone = phone_of(amara, enforce_csrf_checks=True)
    status, said = send(phone, answer(compare(amara).pk))
    assert (status, "CSRF" in said["error"]) == (403, True)
    assert not AnswerEvent.objects.exists()


def test_a_page_of_ours_answers_with_its_token(amara: Participant) -> None:
    phone = phone_of(amara, enforce_csrf_checks=True)
    phone.get("/w/river/")
    token = phone.cookies["csrftoken"].value
    sent = {"answers": [answer(compare(amara).pk)]}
    assert ask(phone, "w/river/answers/", sent, headers={"X-CSRFToken": token})[0] == 200


def test_activities_say_what_there_is_to_do(amara: Participant) -> None:
    phone = phone_of(amara)
    assert ask(phone, "w/river/activities/")[1] == {"activities": []}


def test_the_pulse_is_told_once(amara: Participant) -> None:
    phone = phone_of(amara)
    Workshop.objects.update(pulse=4)
    first = phone.get("/api/w/river/pulse/")
    again = phone.get("/api/w/river/pulse/", headers={"If-None-Match": first["ETag"]})
    assert (first.json(), again.status_code) == ({"pulse": 4}, 304)


@pytest.mark.parametrize("address", ["nothing/", "w/river/nothing/", "w/no-such/me/"])
def test_an_address_that_leads_nowhere_says_so_in_the_same_shape(
    amara: Participant, address: str
) -> None:
    status, said = ask(phone_of(amara), address)
    assert (status, said["code"]) == (404, "not_there")
