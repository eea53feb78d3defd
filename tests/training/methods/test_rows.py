"""Rows: what people said becomes shares, splits and principles, and nothing is flipped."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from training.methods.rows import (
    Answer,
    Judgement,
    Measure,
    Pair,
    Rows,
    build_preference_rows,
)
from training.methods.rows_demonstrations import build_demonstration_rows
from training.methods.selection import Selection
from training.methods.splits import Person, Sides, draw_sides

BREVITY = Measure(number=1, feature="words", direction=-1)


def words(prompt: str, completion: str) -> Mapping[str, float]:
    return {"words": float(len(completion.split()))}


def pair(number: int, first: str = "Short.", second: str = "A longer answer.") -> Pair:
    messages = ({"role": "user", "content": f"Question {number}?"},)
    return Pair(number, messages, "", 2 * number, 2 * number + 1, first, second)


def said(answer: Answer, who: str = "p", where: Pair | None = None, **more: str) -> Judgement:
    where = where or pair(0)
    event = hash((answer, who, where.prompt_id)) % 10**9
    return Judgement(event, who, more.get("community", "river"), "fair", answer, where)


def sides_of(
    judgements: Iterable[Judgement], prompts_out: float = 0.0, people_out: float = 0.0
) -> Sides:
    people: dict[str, set[Person]] = defaultdict(set)
    for one in judgements:
        people[one.community].add((one.workshop, one.participant))
    return draw_sides(
        [one.pair.messages for one in judgements],
        people,
        seed=1,
        held_out_prompts=prompts_out,
        held_out_people=people_out,
    )


def build(
    *judgements: Judgement,
    held_out_prompts: float = 0.0,
    held_out_people: float = 0.0,
    **asked: Any,
) -> Rows:
    sides = sides_of(judgements, held_out_prompts, held_out_people)
    return build_preference_rows(
        list(judgements), [BREVITY], features=words, sides=sides, selection=Selection(**asked)
    )


def test_a_share_counts_about_equal_as_half() -> None:
    rows = build(said("first", "a"), said("first", "b"), said("second", "c"), said("equal", "d"))
    (row,) = rows.splits["train"]
    assert (row["chosen"], row["share"], row["n"]) == ("Short.", 2.5 / 4, 4)


def test_the_majority_decides_which_completion_is_chosen() -> None:
    (row,) = build(said("second", "a"), said("second", "b"), said("first", "c")).splits["train"]
    assert (row["chosen"], row["share"]) == ("A longer answer.", 2 / 3)
    assert row["against"] == [1]


def test_each_community_has_its_own_row() -> None:
    rows = build(said("first", "a"), said("second", "b", community="harbour"))
    shown = {row["community"]: row["chosen"] for row in rows.splits["train"]}
    assert shown == {"river": "Short.", "harbour": "A longer answer."}


def test_ties_alone_and_neither_make_no_row() -> None:
    assert build(said("equal")).left_out == {"pairs with ties alone": 1}
    assert build(said("neither")).left_out == {"pairs that nobody found acceptable": 1}


def test_neither_is_not_a_judgement_of_the_pair() -> None:
    (row,) = build(said("first", "a"), said("neither", "b")).splits["train"]
    assert (row["share"], row["n"]) == (1.0, 1)
    assert [judged["participant"] for judged in row["judgements"]] == ["fair/a"]


def test_a_row_names_its_principles_or_is_left_out() -> None:
    same_length = pair(0, "Yes.", "No.")
    rows = build(said("first", where=same_length), said("first", where=pair(1)))
    assert [row["principles"] for row in rows.splits["train"]] == [[1]]
    assert rows.left_out == {"pairs that no principle bears on": 1}


def test_a_principle_of_one_community_does_not_select_anothers_rows() -> None:
    theirs = Measure(2, "words", 1, communities=frozenset({"harbour"}))
    judgements = [said("first", "a"), said("first", "b", community="harbour")]
    rows = build_preference_rows(judgements, [theirs], features=words, sides=sides_of(judgements))
    assert [row["community"] for row in rows.splits["train"]] == ["harbour"]


def test_whole_prompts_are_held_out() -> None:
    judgements = [said("first", who, pair(n)) for n in range(40) for who in "abc"]
    rows = build(*judgements, held_out_prompts=0.3)
    trained = {json.dumps(row["prompt"]) for row in rows.splits["train"]}
    held_out = {json.dumps(row["prompt"]) for row in rows.splits["heldout"]}
    assert len(trained) + len(held_out) == 40
    assert not trained & held_out
    assert 4 <= len(held_out) <= 20


def test_people_held_out_appear_in_no_training_row_and_crossings_are_counted() -> None:
    people = [f"p{i}" for i in range(30)]
    judgements = [said("first", who, pair(n)) for n in range(20) for who in people]
    rows = build(*judgements, held_out_prompts=0.3, held_out_people=0.3)

    def judges(split: str) -> set[str]:
        return {j["participant"] for row in rows.splits[split] for j in row["judgements"]}  # type: ignore[index]

    assert not judges("heldout_people") & (judges("train") | judges("heldout"))
    kept = sum(len(line["answers"]) for line in rows.lineage)
    assert kept + rows.left_out["answers of held-out people to held-out prompts"] == 600


def test_three_raters_are_too_few_to_hold_one_out() -> None:
    rows = build(*[said("first", who, pair(n)) for n in range(9) for who in "abc"],
                 held_out_people=0.5)  # fmt: skip
    assert not rows.splits["heldout_people"]
    assert "No people are held out: a community needs 10 of them." in rows.sentences


def test_communities_weigh_the_same_in_all() -> None:
    large = [said("first", "a", pair(n)) for n in range(9)]
    small = [said("first", "b", pair(n), community="harbour") for n in range(3)]
    rows = build(*large, *small).splits["train"]
    totals = {
        c: sum(r["weight"] for r in rows if r["community"] == c) for c in ("river", "harbour")
    }
    assert totals["river"] == pytest.approx(totals["harbour"], rel=1e-4)
    assert sum(row["weight"] for row in rows) == pytest.approx(len(rows), rel=1e-4)


def test_the_order_of_answers_changes_nothing() -> None:
    judgements = [said("first", f"p{n % 7}", pair(n % 11)) for n in range(60)]
    shuffled = random.Random(5).sample(judgements, len(judgements))
    assert build(*judgements, held_out_prompts=0.2) == build(*shuffled, held_out_prompts=0.2)


def test_lineage_names_every_answer_behind_a_row() -> None:
    judgements = [said("first", "a"), said("equal", "b"), said("neither", "c")]
    rows = build(*judgements)
    (line,) = rows.lineage
    assert line["row"] == rows.splits["train"][0]["id"]
    assert {answer["event"] for answer in line["answers"]} == {j.event for j in judgements}
    assert [answer["answer"] for answer in line["answers"]] == [1.0, 0.5, None]


def test_demonstrations_are_what_a_community_clearly_chose() -> None:
    clear = [said("first", who, pair(1)) for who in "abcd"]
    close = [said("first", "a", pair(2)), said("second", "b", pair(2))]
    rows = build_demonstration_rows(build(*clear, *close))
    (row,) = rows.splits["train"]
    assert (row["completion"], row["share"]) == ("Short.", 1.0)
    assert rows.left_out["pairs too close to show as a demonstration"] == 1


def test_an_empty_completion_is_left_out() -> None:
    rows = build(said("first", where=pair(1, "  ", "Something.")))
    assert rows.left_out == {"pairs with an empty completion": 1}


def test_a_held_out_share_of_everything_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lies in \[0, 1\)"):
        Selection(held_out_prompts=1.0)


def test_a_demonstration_that_was_not_kept_leaves_no_lineage() -> None:
    clear = [said("first", who, pair(1)) for who in "abcd"]
    close = [said("first", "a", pair(2)), said("second", "b", pair(2))]
    rows = build_demonstration_rows(build(*clear, *close))
    assert [line["row"] for line in rows.lineage] == [row["id"] for row in rows.splits["train"]]
    assert any("too close to show" in sentence for sentence in rows.sentences)


def test_one_system_turn_for_all_does_not_hold_out_all_or_nothing() -> None:
    system = {"role": "system", "content": "You are a helpful assistant."}
    pairs = [pair(number) for number in range(40)]
    with_system = [replace(one, messages=(system, *one.messages)) for one in pairs]
    plain, same = (
        build(*(said("first", where=one) for one in ones), held_out_prompts=0.25)
        for ones in (pairs, with_system)
    )
    assert 0 < len(plain.splits["heldout"]) < 40
    assert len(same.splits["heldout"]) == len(plain.splits["heldout"])


def test_the_same_words_from_two_sources_are_one_row() -> None:
    again = replace(pair(1), first_id=8, second_id=9)
    (row,) = build(said("first", "a", pair(1)), said("first", "b", again)).splits["train"]
    assert (row["share"], row["n"]) == (1.0, 2)


def test_a_person_counts_once_by_their_latest_answer() -> None:
    early = replace(said("first", "a"), event=1)
    late = replace(said("second", "a"), event=2)
    rows = build(late, early)
    (row,) = rows.splits["train"]
    assert (row["chosen"], row["n"]) == ("A longer answer.", 1)
    assert rows.left_out == {"earlier answers of the same person about the same pair": 1}


def test_the_numbering_of_answers_leaves_no_trace_in_rows() -> None:
    answers = [replace(said("first", "a"), workshop=name) for name in ("fair", "mill")]
    numbered = [replace(answer, event=event) for event, answer in enumerate(answers)]
    renumbered = [replace(answer, event=9 - event) for event, answer in enumerate(answers)]
    assert build(*numbered).splits == build(*renumbered).splits
