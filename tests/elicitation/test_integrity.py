"""What one person's answers, phone and company say; and that agreeing says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from elicitation.methods.integrity import Answer, Finding, Person, Side, check
from tests.elicitation import integrity_workshops as simulated
from tests.elicitation.integrity_workshops import Hall, workshop


def person(
    name: str, *, ms: float = 5000.0, install: str = "", side: Side = "", joined: float = 0.0
) -> Person:
    """Forty answers, one after the other."""
    answers = [
        Answer(str(i), str(i % 2), joined + (i + 1) * max(ms / 1000, 3), ms, side)
        for i in range(40)
    ]
    return Person(name, "River", joined, tuple(answers), (install,), ())


def finding(h: Hall, *, of: str, number: int = 0) -> Finding:
    found = check(h.seats).people
    return [one for one, kind in zip(found, h.kinds, strict=True) if kind == of][number]


def share_flagged(h: Hall, kind: str) -> float:
    found = check(h.seats).people
    return float(np.mean([f.flagged for f, at in zip(found, h.kinds, strict=True) if at == kind]))


def sentences(one: Finding) -> list[str]:
    return [signal.sentence for signal in one.signals]


def among_others(*planted: Person) -> Sequence[Finding]:
    """What is found of them among sixty honest people."""
    h = simulated.hall(5)
    simulated.add_honest(h, 60)
    return check([*planted, *h.seats]).people[: len(planted)]


def test_too_few_answers_for_a_test_are_not_spoken_of():
    one = person("brief", ms=300, side="left")
    assert sentences(among_others(replace(one, answers=one.answers[:4]))[0]) == []


def test_forty_answers_within_a_second_are_flagged_and_told():
    quick = among_others(person("quick", ms=400))[0]
    assert quick.flagged
    assert "Answered 40 of 40 within a second." in sentences(quick)


def test_answers_that_all_come_soon_after_joining_are_hasty_without_a_phones_clock():
    one = person("posted", ms=5000)
    answers = tuple(
        replace(a, arrived=float(i) / 2, looked_ms=float("nan")) for i, a in enumerate(one.answers)
    )
    assert "Answered 40 of 40 within a second." in sentences(
        among_others(replace(one, answers=answers))[0]
    )


def test_a_phone_that_was_offline_and_sends_its_queue_at_once_is_not_hasty():
    one = person("offline", ms=5000)
    late = tuple(replace(a, arrived=900 + a.arrived / 1000) for a in one.answers)
    assert not among_others(replace(one, answers=late))[0].flagged


def test_the_left_side_every_time_is_flagged_and_told():
    one = among_others(person("left", side="left"))[0]
    assert one.flagged
    assert "Chose the left answer 40 of 40 times." in sentences(one)


def test_a_lean_to_the_left_is_not_flagged():
    one = person("leaning")
    sides: list[Side] = ["left"] * 26 + ["right"] * 14
    answers = tuple(replace(a, side=s) for a, s in zip(one.answers, sides, strict=True))
    assert not among_others(replace(one, answers=answers))[0].flagged


def test_a_shared_phone_is_a_note_that_names_the_other():
    first, second = person("amber-heron-412", install="phone"), person("b", install="phone")
    second = replace(
        second, answers=tuple(replace(a, choice=str(i % 3)) for i, a in enumerate(second.answers))
    )
    one = among_others(first, second)[1]
    assert "The same phone joined as amber-heron-412." in sentences(one)
    assert not one.flagged


def test_six_people_on_one_phone_are_flagged_unless_it_was_declared_shared():
    h = simulated.hall(6)
    simulated.add_honest(h, 80)
    simulated.random_bots(h, 6)
    found = check(h.seats).people[-6:]
    assert all(one.flagged for one in found)
    assert not any(
        one.flagged for one in check(h.seats, shared_installs=frozenset({"bots"})).people[-6:]
    )


def test_a_phone_that_claims_more_time_than_there_was_is_a_note():
    one = person("boastful", ms=60_000)
    soon = tuple(replace(a, arrived=2.0 * (i + 1)) for i, a in enumerate(one.answers))
    found = among_others(replace(one, answers=soon))[0]
    noted = [signal for signal in found.signals if signal.name == "claimed time"]
    assert [signal.decides for signal in noted] == [False]


@pytest.mark.parametrize("seed", [2, 3])
def test_a_cohesive_minority_is_not_flagged_by_bus_or_on_foot(seed: int):
    h = workshop(seed)
    assert share_flagged(h, "minority") == 0
    assert share_flagged(h, "family") == 0


def test_perfect_agreement_alone_is_never_coordination():
    h = simulated.hall(8)
    simulated.add_honest(h, 200)
    told = simulated.orders(h)
    for _ in range(15):
        looked, came = simulated.reading(h), simulated.arrival(h)
        h.take("choir", simulated.seat(h, 0, told, looked, came, skip=0))
    assert share_flagged(h, "choir") == 0


def test_all_the_evidence_without_agreement_is_no_coordination():
    """Same seconds, same kind of phone, no reader's times; but each says something else."""
    h = simulated.hall(9)
    simulated.add_honest(h, 200)
    for _ in range(12):
        looked, said = simulated.reading(h, follows=0), simulated.opinions(h, 1)
        h.take("company", simulated.seat(h, 1, said, looked, 300 + h.rng.uniform(0, 5), agent="x"))
    assert share_flagged(h, "company") == 0


def test_one_bystander_of_a_burst_of_scripts_is_left_alone():
    h = workshop(5, simulated.careful_script)
    came = h.seats[-1].joined
    simulated.add_minority(h, people=1)
    h.seats[-1] = replace(h.seats[-1], joined=came, agents=("script",))
    assert not check(h.seats).people[-1].flagged


@pytest.mark.parametrize("name", simulated.STRATEGIES)
def test_planted_seats_are_found(name: str):
    shares = [share_flagged(workshop(seed, simulated.STRATEGIES[name]), "sybil") for seed in (1, 2)]
    assert np.mean(shares) >= 0.9


def test_seats_that_share_nothing_but_their_votes_cannot_be_found():
    h = workshop(4, simulated.LIMITS["shares nothing"])
    assert share_flagged(h, "sybil") <= 0.02


def test_the_same_long_texts_link_people_who_agree_and_short_ones_do_not():
    h = workshop(3)
    choir = [i for i, kind in enumerate(h.kinds) if kind == "minority"]

    def flagged_with(text: str) -> int:
        people = list(h.seats)
        for i in choir:
            answers = people[i].answers
            said = [replace(a, text=f"{text} {a.item}") for a in answers[:20]]
            people[i] = replace(people[i], answers=(*said, *answers[20:]))
        found = check(people).people
        return sum(found[i].flagged for i in choir)

    assert flagged_with("Yes") == 0
    assert flagged_with("The committee asks for the strictest wording") == len(choir)


def test_names_and_order_of_people_change_nothing():
    h = workshop(7, simulated.replay_script, people=120)
    turned = [replace(one, pseudonym=f"x-{i}") for i, one in enumerate(h.seats)][::-1]
    found, again = check(h.seats).people, check(turned).people[::-1]
    assert [one.flagged for one in found] == [one.flagged for one in again]
    assert [one.p for one in found] == pytest.approx([one.p for one in again], rel=1e-3, abs=1e-9)


def test_a_changed_mind_counts_once_and_as_it_is_now():
    one = person("left", side="left")
    changed = tuple(replace(a, arrived=a.arrived + 999, side="") for a in one.answers)
    found = among_others(replace(one, answers=one.answers + changed))[0]
    assert not [signal for signal in found.signals if signal.name == "one side"]


def test_people_who_said_nothing_and_empty_workshops_are_no_trouble():
    silent = [Person(name, "River", 0.0, ()) for name in "abc"]
    assert [one.p for one in check(silent).people] == [1.0, 1.0, 1.0]
    assert not check([]).people
    assert not check([person("alone")]).people[0].flagged


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([person("a"), person("a")], "pseudonym of their own"),
        ([replace(person("a"), joined=float("nan"))], "its time"),
    ],
)
def test_what_cannot_be_judged_is_refused(people: list[Person], words: str):
    with pytest.raises(ValueError, match=words):
        check(people)


def test_a_community_is_told_how_many_would_be_there_by_chance():
    river = next(
        one for one in check(workshop(2, simulated.always_left).seats).communities if one.flagged
    )
    assert 0 < river.false_alarms <= 0.02 * river.flagged
    assert f"{river.flagged} of {river.people} people are worth a look" in river.sentence
