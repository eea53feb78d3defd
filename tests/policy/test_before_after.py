"""What changed when the same people were asked again: votes of two rounds, two stages' choices."""

from __future__ import annotations

from typing import Any

import pytest

from deliberation.models import Statement
from deliberation.services.revealing import open_round, reveal
from elicitation.models import Activity, Comparison, Participant, Stage, User, Workshop
from elicitation.services import PreferenceSaid, record_preferences
from policy.computing.before_after import before_after_section
from policy.computing.preferences import fit_all
from policy.inputs import read_answers
from tests.deliberation.statements import people, state, vote
from tests.phones import open_activity
from tests.pipeline.making import make_workshop

pytestmark = pytest.mark.django_db


def section(workshop: Workshop) -> dict[str, Any]:
    answers = read_answers(workshop)
    return before_after_section(answers, fit_all(answers))


def vote_twice(
    river: Workshop, farid: User, first: tuple[int, ...], then: tuple[int, ...], voters: int = 24
) -> tuple[Statement, list[Participant], Activity]:
    """Fishers vote, see the result, and vote again."""
    voting = open_activity(river, "vote")
    statement, fishers = state(voting), people(voting, "fishers", voters)
    vote(voting, statement, fishers, *first)
    reveal(activity=voting, by=farid)
    open_round(activity=voting, by=farid)
    voting.refresh_from_db()
    vote(voting, statement, fishers, *then)
    return statement, fishers, voting


def test_a_vote_after_talking_is_set_against_the_same_peoples_vote_before(
    river: Workshop, farid: User
) -> None:
    statement, *_ = vote_twice(river, farid, (8, 16), (20, 4))
    found = section(river)["votes"]
    (one,) = found["statements"]
    change = one["communities"]["fishers"]
    assert (one["id"], change["n"], change["state"]) == (statement.pk, 24, "more")
    assert (change["before"], change["after"], change["change"]) == (1 / 3, 20 / 24, 0.5)
    assert change["low"] > 0.2
    assert "Of 24 people who voted both times 33\xa0% agreed before" in change["sentence"]
    assert found["occasions"][-1].endswith("round 2")
    assert "gained" not in change


def test_who_voted_once_only_is_in_neither_share(river: Workshop, farid: User) -> None:
    vote_twice(river, farid, (12, 12), (12,))
    found = section(river)["votes"]["statements"][0]["communities"]["fishers"]
    assert (found["n"], found["before"], found["after"]) == (12, 1.0, 1.0)
    assert found["state"] == "no clear change"


def test_nine_people_are_too_few_to_say_and_nothing_is_told_of_them(
    river: Workshop, farid: User
) -> None:
    vote_twice(river, farid, (0, 9), (9, 0), voters=9)
    found = section(river)
    change = found["votes"]["statements"][0]["communities"]["fishers"]
    assert change["state"] == "too few"
    assert change["before"] != change["before"]
    assert found["votes"]["communities"]["fishers"]["sentence"] == change["sentence"]
    assert "9" not in found["sentence"]


def test_people_who_withdrew_and_statements_taken_out_are_left_out(
    river: Workshop, farid: User
) -> None:
    from django.utils import timezone

    statement, fishers, _ = vote_twice(river, farid, (8, 16), (20, 4))
    Participant.objects.filter(pk=fishers[0].pk).update(withdrawn_at=timezone.now())
    assert section(river)["votes"]["statements"][0]["communities"]["fishers"]["n"] == 23
    Statement.objects.filter(pk=statement.pk).update(moderation="out")
    assert section(river)["votes"]["statements"] == []


def test_where_nobody_was_asked_twice_there_is_a_sentence(river: Workshop) -> None:
    voting = open_activity(river, "vote")
    vote(voting, state(voting), people(voting, "fishers", 12), 12)
    found = section(river)
    assert found["sentence"] == "Nobody was asked twice, so what changed cannot be said."
    assert found["votes"]["statements"] == []


def test_votes_of_two_rounds_have_a_name_of_their_own(river: Workshop, farid: User) -> None:
    _, fishers, voting = vote_twice(river, farid, (8, 16), (20, 4))
    once = read_answers(river)
    before = once.hash
    vote_again = state(voting)
    vote(voting, vote_again, fishers, 24)
    assert read_answers(river).hash != before
    assert len(read_answers(river).again.people) == len(once.again.people) == 24


@pytest.fixture
def mill() -> Workshop:
    """Twelve Millers judge pairs in a first stage, and the rest in a second, now the other way."""
    workshop = make_workshop(prompts=20, people=12)
    # A question with no word to repeat, or length and repeating it would always go together.
    workshop.prompts.update(messages=[{"role": "user", "content": "Why?"}])
    stages = [
        Stage.objects.create(
            workshop=workshop, kind="norms", title=title, position=position, status="open"
        )
        for position, title in enumerate(("Before", "After"))
    ]
    half = sorted(workshop.prompts.values_list("pk", flat=True))[:10]
    asked = Comparison.objects.filter(participant__workshop=workshop)
    asked.filter(prompt__in=half).update(stage=stages[0])
    asked.exclude(prompt__in=half).update(stage=stages[1])
    return workshop


def test_preferences_of_two_stages_are_compared_by_person(mill: Workshop) -> None:
    _turn_some(mill)
    found = section(mill)["preferences"]["communities"]["millers"]
    (length,) = [one for one in found["effects"] if one["feature"] == "length"]
    assert found["people"] == 12
    assert length["before"] < 0 < length["after"]
    assert length["low"] > 0
    assert "judged other pairs after than before" in found["sentence"]


def _turn_some(mill: Workshop) -> None:
    """Early on most choose the short answer, later most the long one; now and then they do not."""
    chosen = Comparison.objects.filter(participant__seat__community__slug="millers")
    for number, comparison in enumerate(chosen.order_by("pk").select_related("stage")):
        if number % 3 == 0:
            sides = {"left": comparison.right, "right": comparison.left}
            Comparison.objects.filter(pk=comparison.pk).update(**sides)
        early = comparison.stage.position == 0
        left = (early != (number % 7 == 0)) != (number % 3 == 0)
        said = PreferenceSaid(
            comparison.participant, comparison, "left" if left else "right", key=f"again {number}"
        )
        record_preferences([said])


def test_fewer_than_ten_people_in_both_stages_are_too_few(mill: Workshop) -> None:
    few = Participant.objects.filter(workshop=mill, seat__community__slug="anglers")
    later = Comparison.objects.filter(participant__in=few[:3], stage__position=1)
    later.update(stage=None)
    found = section(mill)["preferences"]["communities"]["anglers"]
    assert (found["people"], found["effects"]) == (9, [])
