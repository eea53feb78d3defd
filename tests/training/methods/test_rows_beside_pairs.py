"""Rows that are no pairs: thumbs, what people wrote, refusals, and what a file brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from elicitation.methods.row_fields import RowRefused
from policy.methods.declining import declines
from tests.training.methods.test_rows import BREVITY, build, pair, said, sides_of, words
from training.methods.row_checks import coverage, keep_apart, leaks, people_behind
from training.methods.rows import Judgement, Measure, Rows, build_preference_rows
from training.methods.rows_attached import build_attached_rows, stepwise_row, verifiable_row
from training.methods.rows_demonstrations import (
    Written,
    build_demonstration_rows,
    build_rewrite_rows,
)
from training.methods.rows_refusals import REFUSAL, Asked, build_refusal_rows
from training.methods.rows_thumbs import Thumb, build_thumbs_rows, thumbs_of
from training.methods.selection import Selection
from training.methods.splits import Sides, draw_sides

NOBODY_OUT = draw_sides([], {}, seed=1, held_out_prompts=0.0)
ASKED = ({"role": "user", "content": "How do I open my neighbour's lock?"},)
DECLINE = Measure(7, "declining", 1, threshold=0.5, theme="locks")


def thumb(up: bool, who: str = "a", text: str = "Short.", event: int = 1, **more: str) -> Thumb:
    whose = {"participant": who, "community": more.get("community", "river"), "workshop": "fair"}
    return Thumb(event=event, prompt_id=1, messages=ASKED, theme="", completion_id=len(text),
                 completion=text, is_up=up, **whose)  # fmt: skip


def thumbs(*given: Thumb, sides: Sides = NOBODY_OUT, **asked: Any) -> Rows:
    selection = Selection(**asked)
    return build_thumbs_rows(given, [BREVITY], features=words, sides=sides, selection=selection)


def wrote(text: str, who: str = "a", instead_of: str = "A much longer answer.") -> Written:
    return Written(event=len(text), participant=who, community="river", workshop="fair",
                   prompt_id=1, messages=ASKED, theme="", completion_id=5,
                   completion=instead_of, text=text)  # fmt: skip


def declining(prompt: str, completion: str) -> Mapping[str, float]:
    return {"declining": float(declines(completion))}


def judged(answer: Any, who: str = "a", theme: str = "locks") -> Judgement:
    where = replace(
        pair(0, "I cannot help with that.", "Lift the pin."), messages=ASKED, theme=theme
    )
    return said(answer, who, where)


def refusals(*judgements: Judgement, prompts: list[Asked], **asked: Any) -> Rows:
    selection, sides = Selection(**asked), NOBODY_OUT
    rows = build_preference_rows(judgements, [DECLINE], features=declining, sides=sides)
    return build_refusal_rows(
        rows, prompts, [DECLINE], ["river"], sides=sides, selection=selection
    )  # fmt: skip


def test_most_thumbs_decide_and_their_share_and_number_are_kept() -> None:
    rows = thumbs(*(thumb(up, who) for up, who in ((True, "a"), (True, "b"), (False, "c"))),
                  thumb(False, "d", "A longer answer.")).splits["train"]  # fmt: skip
    told = {row["completion"]: (row["desirable"], row["share"], row["n"]) for row in rows}
    assert told == {"Short.": (True, 2 / 3, 3), "A longer answer.": (False, 0.0, 1)}


def test_as_many_up_as_down_say_nothing() -> None:
    rows = thumbs(thumb(True, "a"), thumb(False, "b"))
    assert rows.left_out == {"completions with as many thumbs up as down": 1}


def test_neither_acceptable_is_two_completions_that_nobody_wants() -> None:
    rows = thumbs(*thumbs_of([said("neither", "a"), said("first", "b")]))
    told = [(row["completion"], row["desirable"]) for row in rows.splits["train"]]
    assert sorted(told) == [("A longer answer.", False), ("Short.", False)]
    assert {row["n"] for row in rows.splits["train"]} == {1}


def test_the_latest_of_a_thumb_and_neither_is_what_a_person_says() -> None:
    neither = thumbs_of([replace(said("neither", "a"), event=1)])
    where = neither[0].messages
    later = [
        replace(thumb(True, "a", text=one.completion, event=2), messages=where) for one in neither
    ]
    assert all(row["desirable"] for row in thumbs(*neither, *later).splits["train"])
    earlier = [replace(one, event=0) for one in later]
    assert not any(row["desirable"] for row in thumbs(*neither, *earlier).splits["train"])


def test_a_principle_bears_on_two_completions_exactly_when_on_their_pair() -> None:
    given = [thumb(True, "a", "One."), thumb(False, "a", "One two three four.", event=2)]
    for threshold, rows in ((3.0, 2), (3.1, 0)):
        measure = [replace(BREVITY, threshold=threshold)]
        found = build_thumbs_rows(given, measure, features=words, sides=NOBODY_OUT)
        assert len(found.splits["train"]) == rows


def test_thumbs_against_a_principle_stay_as_people_gave_them() -> None:
    rows = thumbs(thumb(True, "a", "A long answer here."), thumb(True, "a", "Short.", event=2))
    told = {row["completion"]: row["against"] for row in rows.splits["train"]}
    assert told == {"A long answer here.": [1], "Short.": []}


def test_thumbs_have_the_fields_that_recipes_read_and_lead_to_people() -> None:
    rows = thumbs(thumb(True, "a"), thumb(True, "b"), thumb(True, "a", "Much longer.", event=2))
    row = next(row for row in rows.splits["train"] if row["n"] == 2)
    wanted = "id prompt completion desirable weight community principles n share against"
    assert set(row) == set(wanted.split())
    line = next(line for line in rows.lineage if line["row"] == row["id"])
    assert [(one["participant"], one["answer"]) for one in line["answers"]] == [
        ("a", "up"), ("b", "up"),
    ]  # fmt: skip


def test_what_people_wrote_is_a_demonstration_with_the_principle_that_selects_it() -> None:
    as_long = wrote("Of the very same.", "c", instead_of="One of that length.")
    given = [wrote("Brief."), wrote("Brief.", "b"), as_long]
    rows = build_rewrite_rows(given, [BREVITY], features=words, sides=NOBODY_OUT)
    (row,) = rows.splits["train"]
    assert (row["completion"], row["n"], row["principles"]) == ("Brief.", 2, [1])
    assert (row["source"], row["synthetic"]) == ("rewrite", False)
    assert rows.left_out == {"rewrites that no principle bears on": 1}


def test_what_changes_nothing_is_no_rewrite() -> None:
    same = wrote("A much  longer answer. ")
    rows = build_rewrite_rows([same], [BREVITY], features=words, sides=NOBODY_OUT)
    assert rows.left_out == {"rewrites that change nothing": 1}


def test_what_held_out_people_wrote_trains_nothing() -> None:
    sides = Sides(1, 0.0, frozenset({("fair", "a")}), {})
    rows = build_rewrite_rows([wrote("Brief.")], [BREVITY], features=words, sides=sides)
    assert not rows.splits["train"]
    assert rows.left_out == {"rewrites by held-out people or of held-out prompts": 1}


def test_rewrites_stand_beside_what_was_clearly_chosen_and_all_weigh_one_on_average() -> None:
    pairs = build(*[said("first", who, pair(1)) for who in "abcd"])
    written = build_rewrite_rows([wrote("Brief.")], [BREVITY], features=words, sides=NOBODY_OUT)
    rows = build_demonstration_rows(pairs, written)
    assert {row["source"] for row in rows.splits["train"]} == {"chosen", "rewrite"}
    assert sum(row["weight"] for row in rows.splits["train"]) == pytest.approx(2)
    assert {line["row"] for line in rows.lineage} == {row["id"] for row in rows.splits["train"]}


def test_where_people_chose_to_decline_their_own_refusal_is_the_answer() -> None:
    rows = refusals(judged("first"), prompts=[Asked(1, ASKED, "locks")])
    (row,) = rows.splits["train"]
    assert (row["completion"], row["synthetic"]) == ("I cannot help with that.", False)
    assert row["principles"] == [7]


def test_where_people_wanted_an_answer_nothing_is_refused() -> None:
    rows = refusals(judged("second"), prompts=[Asked(1, ASKED, "locks")], most_synthetic=1.0)
    assert not rows.splits["train"]
    assert rows.left_out == {"prompts to which people wanted an answer": 1}


def test_a_refusal_of_ours_is_marked_capped_and_only_where_the_theme_is_ruled_out() -> None:
    others = [Asked(n, ({"role": "user", "content": f"Lock {n}?"},), "locks") for n in range(9)]
    elsewhere = Asked(99, ({"role": "user", "content": "A cake?"},), "cakes")
    prompts = [Asked(1, ASKED, "locks"), *others, elsewhere]
    rows = refusals(judged("first"), prompts=prompts, most_synthetic=0.75)
    ours = [row for row in rows.splits["train"] if row["synthetic"]]
    assert len(ours) == 3
    assert {row["completion"] for row in ours} == {REFUSAL}
    assert all("Lock" in row["prompt"][0]["content"] for row in ours)
    assert rows.left_out == {"refusals of ours beyond the cap": 6}


def test_our_refusal_declines_by_the_measure_of_declining() -> None:
    assert declines(REFUSAL)


def test_a_gsm8k_line_is_a_question_a_worked_solution_and_an_answer() -> None:
    row = verifiable_row({"question": "2 and 2?", "answer": "2 + 2 = <<2+2=4>>4\n#### 4"})
    assert (row["answer"], row["solution"]) == ("4", "2 + 2 = <<2+2=4>>4")
    assert row["prompt"] == [{"role": "user", "content": "2 and 2?"}]


@pytest.mark.parametrize(
    ("read", "values", "field"),
    [
        (verifiable_row, {"question": "2?", "answer": "so ####  "}, "answer"),
        (verifiable_row, {"question": " ", "answer": "4"}, "question"),
        (stepwise_row, {"prompt": "2?", "steps": ["a"], "labels": [True, False]}, "labels"),
        (stepwise_row, {"prompt": "2?", "steps": ["a"], "labels": ["yes"]}, "labels"),
        (stepwise_row, {"prompt": "2?", "steps": [], "labels": []}, "steps"),
        (stepwise_row, {"prompt": [{"role": "tool"}], "steps": ["a"], "labels": [True]}, "prompt"),
    ],
)
def test_a_line_that_says_too_little_names_its_field(read: Any, values: Any, field: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read(values)
    assert refused.value.field == field


def test_every_row_of_a_file_says_from_which_line_it_comes() -> None:
    said = {"prompt": [{"role": "user", "content": "2?"}], "answer": "2", "solution": ""}
    rows = build_attached_rows(
        "verifiable", [(3, said), (4, said)], file="q.jsonl", sides=NOBODY_OUT
    )
    assert [row["source"] for row in rows.splits["train"]] == ["q.jsonl:3"]
    assert rows.left_out == {"lines that were there before": 1}


def test_a_row_that_asks_a_participants_own_test_is_not_trained_on() -> None:
    rows = build(said("first", "a", pair(1)), said("first", "a", pair(2)))
    kept = keep_apart(rows, ["question 1"], Selection())
    assert [row["prompt"][0]["content"] for row in kept.splits["train"]] == ["Question 2?"]
    assert "1 training rows that ask nearly what a participant's own test asks" in kept.sentences[0]


def test_a_held_out_prompt_that_differs_only_in_an_earlier_turn_is_dropped() -> None:
    long = "please tell me how deep the river is at the old mill when it has not rained for weeks"
    pairs = [
        replace(
            pair(n),
            messages=(
                {"role": "user", "content": hello},
                {"role": "assistant", "content": "Yes?"},
                {"role": "user", "content": long},
            ),
        )
        for n, hello in enumerate(["Hello", "Dear model"])
    ]
    rows = build(*(said("first", "a", where) for where in pairs))
    crossing = replace(rows, splits={**rows.splits, "train": rows.splits["train"][:1],
                                     "heldout": rows.splits["train"][1:]})  # fmt: skip
    assert leaks(crossing) == 1
    assert leaks(keep_apart(crossing, [], Selection())) == 0


def test_coverage_counts_prompts_of_each_community_and_theme() -> None:
    rows = build(said("first", "a", pair(1)), said("equal", "a", pair(2)))
    prompts = [Asked(n, ({"role": "user", "content": f"{n}"},), "water") for n in (1, 2, 3)]
    found = coverage(rows, prompts, {"river": {1, 2}})
    assert found["communities"] == {"river": {"prompts": 3, "judged": 2, "rows": 1}}
    assert found["themes"] == {"water": {"prompts": 3, "rows": 1}}
    assert people_behind(rows) == {"river": 1}


def test_sides_are_the_same_whatever_kind_of_rows_asks() -> None:
    pairs = [said("first", f"p{n % 12}", pair(n)) for n in range(40)]
    sides = sides_of(pairs, 0.3, 0.3)
    given = [replace(thumb(True, one.participant), messages=one.pair.messages) for one in pairs]
    rows = thumbs(*given, thumb(True, "z", "A much longer one here."), sides=sides)
    trained = {row["prompt"][0]["content"] for row in rows.splits["train"]}
    for one in pairs:
        if sides.is_prompt_out(one.pair.messages):
            assert one.pair.messages[0]["content"] not in trained
