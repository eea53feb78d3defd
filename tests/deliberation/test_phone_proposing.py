"""Writing statements on a phone, and seeing what became of them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from deliberation.models import Statement, StatementLineage
from deliberation.services.revealing import reveal
from elicitation.models import Activity, AnswerEvent, Participant, Stage, User, Workshop
from tests.deliberation.statements import people, state, vote
from tests.deliberation.test_pages import PAYLOADS, Elements
from tests.phones import open_activity, phone_of, send
from tests.racing import race, racing_database  # noqa: F401

MINE = "/w/river/say/mine/"


@pytest.fixture
def proposing(river: Workshop) -> Activity:
    """A part in which people write norms, beside a vote on them."""
    open_activity(river, "vote", position=1)
    return open_activity(river, "propose")


def page(client: Client, address: str = "/w/river/say/", **query: object) -> str:
    """A page as it comes."""
    return client.get(address, query).content.decode()


def write(client: Client, **body: str) -> Statement:
    """Send a statement; what was stored."""
    assert send(client, "river", "statement", 0, **body).status_code == 302
    return Statement.objects.latest("pk")


def test_a_norm_is_written_in_three_parts_and_waits_to_be_read(
    proposing: Activity, amara: Participant
) -> None:
    phone = phone_of(amara)
    assert set(re.findall(r'<textarea name="(\w+)"', page(phone))) == {"when", "should", "why"}
    made = write(phone, when="people ask about floods,", should="name its source.", why="Trust.")
    assert made.text == "When people ask about floods, it should name its source."
    assert (made.why, made.kind, made.moderation, made.author) == (
        "Trust.",
        "norm",
        "unreviewed",
        amara,
    )
    assert made.community == amara.seat.community
    assert AnswerEvent.objects.get().target == made.pk
    assert "It waits to be read by a moderator." in page(phone, MINE)


@pytest.mark.parametrize(
    ("when", "should", "text"),
    [
        ("When somebody asks,", "It should listen.", "When somebody asks, it should listen."),
        ("", "listen", "It should listen."),
        ("whenever", "it shoulders the blame", "When whenever, it should it shoulders the blame."),
    ],
)
def test_words_that_the_labels_say_are_not_doubled(
    proposing: Activity, amara: Participant, when: str, should: str, text: str
) -> None:
    assert write(phone_of(amara), when=when, should=should).text == text


def test_elsewhere_a_statement_is_one_text(proposing: Activity, amara: Participant) -> None:
    Stage.objects.update(kind=Stage.Kind.THEMES)
    phone = phone_of(amara)
    assert '<textarea name="text"' in page(phone)
    made = write(phone, text="The price of water")
    assert (made.text, made.kind) == ("The price of water", "theme")


def test_the_same_key_again_makes_no_second_statement(
    proposing: Activity, amara: Participant
) -> None:
    phone = phone_of(amara)
    for words in ("be kind", "be brief"):
        write(phone, should=words, key="k")
    assert Statement.objects.get().text == "It should be kind."


@pytest.mark.parametrize(
    "body",
    [{"should": ""}, {"should": "  "}, {"text": "x" * 281}, {"when": "x" * 275, "should": "y"}],
)
def test_nothing_and_too_much_is_refused_and_given_back(
    proposing: Activity, amara: Participant, body: dict[str, str]
) -> None:
    assert send(phone_of(amara), "river", "statement", 0, **body).status_code == 422
    assert not Statement.objects.exists()
    assert not AnswerEvent.objects.exists()


def test_280_letters_are_taken(proposing: Activity, amara: Participant) -> None:
    assert len(write(phone_of(amara), text="x" * 280).text) == 280


def test_two_thoughts_are_taken_with_a_tip_to_split_them(
    proposing: Activity, amara: Participant
) -> None:
    phone = phone_of(amara)
    made = write(phone, should="be kind and brief")
    assert f'?item={made.pk}">Split it?' in page(phone, MINE)
    send(phone, "river", "statement", made.pk, text="It should be kind.")
    assert Statement.objects.get().text == "It should be kind."
    assert "Split it?" not in page(phone, MINE)
    assert AnswerEvent.objects.count() == 2


def test_what_others_said_like_it_can_be_agreed_with_instead(
    proposing: Activity, amara: Participant
) -> None:
    other, phone = state(proposing, "It should never give medical advice."), phone_of(amara)
    state(proposing, "It should be brief.")
    write(phone, should="not give medical advice")
    shown = page(phone, MINE)
    assert "Is it one of these?" in shown
    assert other.text in shown
    assert "It should be brief." not in shown
    form = re.search(r'value="vote"><input type="hidden" name="target" value="(\d+)"', shown)
    assert form is not None
    assert int(form[1]) == other.pk
    assert other.text in page(phone, "/w/river/say/like/", text="It gives no medical advice")


def test_somebody_takes_back_what_nobody_has_read(proposing: Activity, amara: Participant) -> None:
    phone = phone_of(amara)
    made = write(phone, should="be kind")
    send(phone, "river", "statement", made.pk, take_back="1")
    made.refresh_from_db()
    assert (made.moderation, made.moderation_reason) == ("out", "You took it back.")


def test_once_it_was_read_it_stays_as_it_is(proposing: Activity, amara: Participant) -> None:
    phone = phone_of(amara)
    made = write(phone, should="be kind")
    Statement.objects.update(moderation="in")
    for body in ({"text": "It should be cruel."}, {"take_back": "1"}):
        assert send(phone, "river", "statement", made.pk, **body).status_code == 422
    made.refresh_from_db()
    assert (made.text, made.moderation) == ("It should be kind.", "in")
    assert AnswerEvent.objects.count() == 1


def test_nobody_changes_what_another_wrote(
    proposing: Activity, amara: Participant, bela: Participant
) -> None:
    made = write(phone_of(amara), should="be kind")
    for body in ({"text": "It should be cruel."}, {"take_back": "1"}):
        response = send(phone_of(bela), "river", "statement", made.pk, **body)
        assert response.status_code == 422
    assert f"?item={made.pk}" not in page(phone_of(bela), MINE)
    assert made.text not in page(phone_of(bela), item=made.pk)


def test_nothing_is_taken_where_nobody_is_asked(proposing: Activity, amara: Participant) -> None:
    Stage.objects.update(status=Stage.Status.CLOSED)
    phone = phone_of(amara)
    assert send(phone, "river", "statement", 0, should="be kind").status_code == 422
    assert "This is not open now" in page(phone)


def test_its_author_sees_why_it_was_taken_out(proposing: Activity, amara: Participant) -> None:
    phone = phone_of(amara)
    write(phone, should="sell boats")
    Statement.objects.update(moderation="out", moderation_reason="An advertisement")
    shown = page(phone, MINE)
    assert "It was taken out." in shown
    assert "An advertisement" in shown


def test_its_author_sees_what_was_made_of_it(proposing: Activity, amara: Participant) -> None:
    phone = phone_of(amara)
    made, child = write(phone, should="be kind"), state(proposing, "It should be friendly.")
    StatementLineage.objects.create(parent=made, child=child, relation="merged")
    Statement.objects.filter(pk=made.pk).update(moderation="out")
    shown = page(phone, MINE)
    assert "It was joined with others, because they say the same:" in shown
    assert "It should be friendly." in shown
    assert "It was taken out." not in shown


def test_its_author_sees_how_others_voted_once_that_is_shown(
    proposing: Activity, amara: Participant, farid: User
) -> None:
    phone = phone_of(amara)
    made = write(phone, should="be kind")
    Statement.objects.update(moderation="in")
    voting = Activity.objects.get(kind="vote")
    vote(voting, made, people(voting, "fishers", 20), 12, 8)
    assert "12 of 20" not in page(phone, MINE)
    reveal(activity=voting, by=farid)
    assert "12 of 20 agreed." in page(phone, MINE)


def test_one_person_does_not_fill_the_moderators_day(
    proposing: Activity, amara: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deliberation.services.proposing.MOST", 2)
    phone = phone_of(amara)
    for words in ("be kind", "be brief"):
        write(phone, should=words)
    assert send(phone, "river", "statement", 0, should="be loud").status_code == 422


def test_a_statement_of_all_communities_where_the_activity_says_so(
    proposing: Activity, amara: Participant
) -> None:
    Activity.objects.filter(kind="propose").update(settings={"for_all": True})
    assert write(phone_of(amara), should="be kind").community is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_write_never_becomes_markup_on_phones(
    proposing: Activity, amara: Participant, payload: str
) -> None:
    phone, voting = phone_of(amara), Activity.objects.get(kind="vote")
    state(voting, "Plain words", why="Plain reason")
    send(phone, "river", "statement", 0, text="Plain words")
    plain = {one: Elements.of(page(phone, one)) for one in (MINE, "/w/river/vote/")}
    Statement.objects.update(text=payload, why=payload, moderation_reason=payload)
    for address, known in plain.items():
        assert Elements.of(page(phone, address)) <= known


@pytest.mark.usefixtures("racing_database")
def test_fifty_senders_of_one_statement_leave_one(river: Workshop, amara: Participant) -> None:
    from elicitation.services.inbox import Sent, take_answer

    open_activity(river, "propose")
    device = phone_of(amara).device  # type: ignore[attr-defined]
    sent = Sent("statement", 0, {"text": "It should be kind."}, "same")
    assert race(lambda _: take_answer(device=device, sent=sent)) == []
    assert (Statement.objects.count(), AnswerEvent.objects.count()) == (1, 1)
