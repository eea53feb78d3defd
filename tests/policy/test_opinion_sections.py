"""Sections of a result about statements, groups and the map, from answers without a database."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from policy.computing.opinion_groups import label_set_section, polis_consensus_section
from policy.computing.statements import TOO_FEW, bounds, read_votes, statement_section
from policy.inputs import WorkshopAnswers
from tests.policy.methods_votes.test_opinion_groups import two_camps
from tests.policy.workshops import answers_of


def camps(**others: Any) -> tuple[WorkshopAnswers, np.ndarray]:
    votes, camp = two_camps(people=120)
    return answers_of(votes, camp.tolist(), **others), camp


def test_the_analyst_chooses_how_many_groups_and_the_result_says_who_chose() -> None:
    answers, _ = camps()
    suggested = label_set_section(read_votes(answers, 0, resamples=5), 0)["opinion_groups"]
    chosen = label_set_section(read_votes(answers, 0, 3, resamples=5), 0)["opinion_groups"]
    assert (suggested["k"], suggested["chosen_by"]) == (2, "silhouette")
    assert (chosen["k"], chosen["chosen_by"]) == (3, "the analyst")
    assert set(chosen["within"]) == {"0", "1", "2"}


def test_a_group_is_described_by_what_tells_it_apart_in_quotes_with_numbers() -> None:
    answers, camp = camps(unquotable=[0, 1, 2])
    found = label_set_section(read_votes(answers, 0, resamples=0), 0)["communities"]["described"]
    for place, agrees in ((0, True), (1, False)):
        told = found[f"c{place}"]["statements"]
        assert [one["agrees"] for one in told] == [agrees] * 3
        assert all(one["share"] > one["others"] and one["q"] <= 0.05 for one in told)
        assert told[0]["n"] <= (camp == place).sum()
        assert f"“{told[0]['text']}”" in found[f"c{place}"]["sentence"]
    assert not {"0", "1", "2"} & {one["external_id"] for one in found["c0"]["statements"]}


def test_words_too_short_to_take_back_out_of_a_sentence_are_not_put_into_one() -> None:
    answers, _ = camps()
    for statement in answers.statements:
        statement["text"] = f"Ban it {statement['external_id']}"
    found = label_set_section(read_votes(answers, 0, resamples=0), 0)["communities"]["described"]
    told = found["c0"]["statements"][0]
    assert told["text"].startswith("Ban it")
    assert "Ban it" not in found["c0"]["sentence"]
    assert f"statement {told['external_id']}" in found["c0"]["sentence"]


def test_labels_that_nothing_tells_apart_are_said_to_be_so() -> None:
    rng = np.random.default_rng(0)
    votes = np.where(rng.random((40, 6)) < 0.5, 1.0, -1.0)
    answers = answers_of(votes, rng.integers(2, size=40).tolist())
    found = label_set_section(read_votes(answers, 0, resamples=0), 0)["communities"]["described"]
    assert found["c0"] == {
        "statements": [],
        "sentence": "No statement tells it apart from the others at a false discovery rate of 5 %.",
    }


def test_four_votes_are_too_few_to_say_and_polis_numbers_stand_beside() -> None:
    votes = np.ones((24, 2))
    votes[4:20, 0] = np.nan
    votes[20:] = -1.0
    answers = answers_of(votes, [0] * 20 + [1] * 4)
    first, second = statement_section(read_votes(answers, 0), 0)
    few = first["label_sets"]["communities"]["groups"]["c0"]
    assert (few["stance"], few["seen"], few["polis"]["S"]) == (TOO_FEW, 4, 4)
    assert few["polis"]["pat"] > 1.2816
    assert second["label_sets"]["communities"]["groups"]["c0"]["stance"] == "for"
    assert second["label_sets"]["communities"]["least_share"] == 0.0


def test_a_statement_moderated_out_is_on_no_list_and_moves_nobody() -> None:
    answers, _ = camps(out=[3])
    voted = read_votes(answers, 0, resamples=0)
    lists = label_set_section(voted, 0)["communities"]["polis"]
    named = {one["external_id"] for some in lists.values() for one in some}
    consensus = polis_consensus_section(voted)
    assert "3" not in named | {one["external_id"] for some in consensus.values() for one in some}
    assert statement_section(voted, 0)[3]["space"] == {"x": 0.0, "y": 0.0, "extremity": 0.0}


@pytest.mark.parametrize("seen", [1, 5, 12, 40, 300])
def test_of_shares_anywhere_95_of_a_hundred_intervals_hold_the_truth(seen: int) -> None:
    rng = np.random.default_rng(seen)
    truth = rng.random(40_000)
    low, high = bounds(rng.binomial(seen, truth), np.full(40_000, seen))
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.95, abs=0.005)
