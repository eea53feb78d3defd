"""Taking what people say of models' answers: what is stored, what is refused, and only once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from elicitation.errors import AnswerRefused, StageClosed
from elicitation.items import SERIES
from elicitation.models import (
    Activity,
    AnswerEvent,
    Comparison,
    Completion,
    CompletionTranslation,
    Device,
    Participant,
    Preference,
    Ranking,
    RankingTask,
    Rating,
    Rewrite,
    Showing,
    Stage,
)
from elicitation.services.assigning import next_items
from elicitation.services.inbox import Sent, take_answer
from tests.elicitation.stock import stock
from tests.phones import device_of, open_activity
from tests.racing import race, racing_database  # noqa: F401


@pytest.fixture
def phone(amara: Participant) -> Device:
    """Amara's phone."""
    return device_of(amara)


def given(phone: Device, kind: str, **fields: Any) -> Any:
    """An item of this kind that was put to the phone's person."""
    stock(phone.participant.workshop, prompts=1, completions=3)
    activity = open_activity(phone.participant.workshop, kind, **fields)
    return next_items(SERIES[kind], participant=phone.participant, activity=activity)[0]


def say(phone: Device, kind: str, target: int, key: str = "", seq: int | None = None, **body: Any):
    """Send one answer."""
    sent = Sent(kind, target, body, key or str(uuid.uuid4()), seq)
    take_answer(device=phone, sent=sent)


def close() -> None:
    Stage.objects.update(status=Stage.Status.CLOSED)


def test_one_tap_says_which_is_better_and_how_much(phone: Device) -> None:
    item = given(phone, "compare")
    say(phone, "preference", item.pk, choice="left:3", rationale="It asks back.")
    latest = Preference.objects.get()
    assert (latest.choice, latest.strength, latest.rationale) == ("left", 3, "It asks back.")


@pytest.mark.parametrize("choice", ["equal", "neither", "skip"])
def test_an_answer_that_prefers_none_has_no_strength(phone: Device, choice: str) -> None:
    say(phone, "preference", given(phone, "compare").pk, choice=choice, strength="3")
    assert Preference.objects.get().strength is None


def test_a_flag_says_what_is_wrong(phone: Device) -> None:
    item = given(phone, "compare")
    say(phone, "preference", item.pk, choice="flag", flag="It has my name.", rationale="")
    assert Preference.objects.get().rationale == "It has my name."


def test_a_marked_passage_is_kept(phone: Device) -> None:
    item = given(phone, "compare")
    say(phone, "preference", item.pk, choice="right", spans=["right:0:6", "left:7:8", "left:7:8"])
    spans = Preference.objects.get().spans
    assert [item.right.text[span["start"] : span["end"]] for span in spans[:1]] == ["Answer"]
    assert [span["side"] for span in spans] == ["right", "left"]


def test_a_mark_on_blind_words_is_kept_where_it_stands_in_the_real_ones(phone: Device) -> None:
    item = given(phone, "compare")
    text = "I am ChatGPT, made by OpenAI.\r\nAsk the river keeper."
    Completion.objects.filter(pk=item.left_id).update(text=text)
    say(phone, "preference", item.pk, choice="left", decided="“ask  the RIVER keeper”")
    (span,) = Preference.objects.get().spans
    assert text[span["start"] : span["end"]] == "Ask the river keeper"


def test_a_mark_on_a_translation_says_so(phone: Device) -> None:
    item = given(phone, "compare")
    CompletionTranslation.objects.create(
        completion=item.right, locale="es", text="Pregunta al guarda.", origin="machine"
    )
    say(phone, "preference", item.pk, choice="right", spans=["right:0:8:es"])
    assert Preference.objects.get().spans == [
        {"side": "right", "start": 0, "end": 8, "locale": "es"}
    ]


def test_words_that_are_in_neither_answer_still_say_why(phone: Device) -> None:
    item = given(phone, "compare")
    say(phone, "preference", item.pk, choice="left", rationale="Short.", decided="my own words")
    latest = Preference.objects.get()
    assert (latest.rationale, latest.spans) == ("Short.\nmy own words", [])


@pytest.mark.parametrize(
    "body",
    [
        {"choice": "best"},
        {"choice": "left:4"},
        {"choice": "left", "strength": "9"},
        {"choice": "left", "spans": ["left:0:9999"]},
        {"choice": "left", "spans": ["left:5:5"]},
        {"choice": "left", "spans": ["middle:0:3"]},
        {"choice": "left", "spans": ["left:0:3:fr"]},
        {"choice": "left", "spans": "left:0:3"},
        {"choice": "left", "rationale": "x" * 2001},
        {"choice": ["left"]},
        {},
    ],
)
def test_a_preference_that_means_nothing_is_refused(phone: Device, body: dict[str, Any]) -> None:
    item = given(phone, "compare")
    with pytest.raises(AnswerRefused):
        say(phone, "preference", item.pk, **body)
    assert not AnswerEvent.objects.exists()


def test_thumbs_are_kept_and_can_be_turned(phone: Device) -> None:
    item = given(phone, "rate")
    say(phone, "rating", item.pk, value="1")
    say(phone, "rating", item.pk, value="-1")
    rating = Rating.objects.get()
    assert (rating.criterion, rating.value, rating.completion_id) == (
        "thumbs",
        -1,
        item.completion_id,
    )


def test_each_criterion_is_a_row_and_what_is_left_out_later_goes(phone: Device) -> None:
    item = given(phone, "criteria")
    say(phone, "rating", item.pk, values={"helpful": "5", "true": "1", "safe": ""})
    assert dict(Rating.objects.values_list("criterion", "value")) == {"helpful": 5, "true": 1}
    say(phone, "rating", item.pk, values={"tone": 3})
    assert dict(Rating.objects.values_list("criterion", "value")) == {"tone": 3}


def test_thumbs_and_criteria_of_one_completion_stand_side_by_side(phone: Device) -> None:
    stock(phone.participant.workshop, prompts=1, completions=1)
    for kind, body in (("rate", {"value": 1}), ("criteria", {"values": {"true": 4}})):
        activity = open_activity(phone.participant.workshop, kind)
        (item,) = next_items(SERIES[kind], participant=phone.participant, activity=activity)
        say(phone, "rating", item.pk, **body)
    assert dict(Rating.objects.values_list("criterion", "value")) == {"thumbs": 1, "true": 4}


def test_a_stage_may_name_its_own_criteria(phone: Device) -> None:
    item = given(phone, "criteria", settings={"criteria": ["respectful"]})
    say(phone, "rating", item.pk, values={"respectful": 2})
    with pytest.raises(AnswerRefused):
        say(phone, "rating", item.pk, values={"helpful": 2})
    assert Rating.objects.get().criterion == "respectful"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("rate", {"value": 2}),
        ("rate", {"value": "good"}),
        ("rate", {"value": float("inf")}),
        ("rate", {}),
        ("criteria", {"values": {"helpful": 6}}),
        ("criteria", {"values": {"helpful": 0}}),
        ("criteria", {"values": {"beauty": 3}}),
        ("criteria", {"values": ["helpful"]}),
        ("criteria", {"values": {"helpful": ""}}),
    ],
)
def test_a_rating_that_means_nothing_is_refused(
    phone: Device, kind: str, body: dict[str, Any]
) -> None:
    item = given(phone, kind)
    with pytest.raises(AnswerRefused):
        say(phone, "rating", item.pk, **body)
    assert not AnswerEvent.objects.exists()


def test_an_order_is_kept_with_its_ties_best_first(phone: Device) -> None:
    task = given(phone, "rank")
    one, two, three = task.completions
    say(phone, "ranking", task.pk, place={"0": "2", "1": "1", "2": "2"})
    assert Ranking.objects.get().order == [[two], [one, three]]


@pytest.mark.parametrize(
    "place", [{"0": 1, "1": 2}, {"0": 1, "1": 2, "3": 3}, {"0": 1, "1": 2, "2": "x"}, [1, 2, 3]]
)
def test_an_order_with_gaps_is_refused(phone: Device, place: Any) -> None:
    task = given(phone, "rank")
    with pytest.raises(AnswerRefused):
        say(phone, "ranking", task.pk, place=place)


def test_a_rewrite_is_kept_and_can_be_taken_back(phone: Device) -> None:
    item = given(phone, "rewrite")
    say(phone, "rewrite", item.pk, text="  Ask the river keeper.  ")
    assert Rewrite.objects.get().text == "Ask the river keeper."
    say(phone, "rewrite", item.pk, skip="1")
    assert not Rewrite.objects.exists()


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_rewrite_of_nothing_or_too_much_is_refused(phone: Device, text: str) -> None:
    item = given(phone, "rewrite")
    with pytest.raises(AnswerRefused):
        say(phone, "rewrite", item.pk, text=text)


KINDS = [
    ("compare", "preference", {"choice": "left"}),
    ("rate", "rating", {"value": 1}),
    ("criteria", "rating", {"values": {"true": 1}}),
    ("rank", "ranking", {"place": {"0": 1, "1": 2, "2": 3}}),
    ("rewrite", "rewrite", {"text": "Better."}),
]


@pytest.mark.parametrize(("kind", "answer", "body"), KINDS)
def test_nobody_answers_what_was_put_to_another(
    phone: Device, bela: Participant, kind: str, answer: str, body: dict[str, Any]
) -> None:
    item = given(phone, kind)
    for target in (item.pk, 10**12):
        with pytest.raises(AnswerRefused, match="another participant"):
            say(device_of(bela), answer, target, **body)
    assert not AnswerEvent.objects.exists()


@pytest.mark.parametrize(("kind", "answer", "body"), KINDS)
def test_a_closed_stage_takes_nothing_new_and_knows_what_it_has(
    phone: Device, kind: str, answer: str, body: dict[str, Any]
) -> None:
    item = given(phone, kind)
    say(phone, answer, item.pk, key="before", **body)
    close()
    say(phone, answer, item.pk, key="before", **body)
    with pytest.raises(StageClosed):
        say(phone, answer, item.pk, key="after", **body)
    assert AnswerEvent.objects.count() == 1


@pytest.mark.parametrize(("kind", "answer", "body"), KINDS)
def test_a_late_older_answer_of_a_phone_does_not_overwrite(
    phone: Device, kind: str, answer: str, body: dict[str, Any]
) -> None:
    item = given(phone, kind)
    skip = {"choice": "skip"} if kind == "compare" else {"skip": "1"}
    say(phone, answer, item.pk, seq=2, **body)
    say(phone, answer, item.pk, seq=1, **skip)
    rows = [model.objects.count() for model in (Preference, Rating, Ranking, Rewrite)]
    assert sum(rows) == 1
    assert not Preference.objects.filter(choice="skip").exists()
    assert AnswerEvent.objects.count() == 2


@pytest.mark.parametrize(("kind", "answer", "body"), KINDS)
@pytest.mark.usefixtures("racing_database")
def test_one_answer_sent_twenty_times_at_once_is_one(
    amara: Participant, kind: str, answer: str, body: dict[str, Any]
) -> None:
    phone = device_of(amara)
    item = given(phone, kind)
    assert race(lambda _: say(phone, answer, item.pk, key="same", seq=1, **body), 20) == []
    rows = [model.objects.count() for model in (Preference, Rating, Ranking, Rewrite)]
    assert (AnswerEvent.objects.count(), sum(rows)) == (1, 1)


def test_every_item_keeps_what_it_was_drawn_for(phone: Device) -> None:
    for kind in SERIES:
        given(phone, kind)
    stages = {one.stage_id for model in (Comparison, RankingTask) for one in model.objects.all()}
    assert stages == {phone.participant.workshop.stages.get().pk}
    assert {showing.activity.kind for showing in Showing.objects.all()} == {
        Activity.Kind.RATE,
        Activity.Kind.CRITERIA,
        Activity.Kind.REWRITE,
    }
