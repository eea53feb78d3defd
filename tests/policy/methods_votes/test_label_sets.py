import numpy as np
import pytest
from scipy import stats

from policy.methods.label_sets import explains_votes, groups_explain_votes
from tests.policy.methods_votes.polis import Conversation
from tests.policy.methods_votes.test_opinion_groups import two_camps


def uneven_votes(rng: np.random.Generator, people: int = 50) -> np.ndarray:
    """No one differs in opinion, only in how much they vote."""
    votes = np.where(rng.random((people, 12)) < rng.beta(2, 2, 12), 1.0, -1.0)
    votes[rng.random(votes.shape) > rng.random(people)[:, None]] = np.nan
    return votes


def test_under_chance_every_p_is_equally_likely():
    rng = np.random.default_rng(11)
    found = [
        explains_votes(uneven_votes(rng), rng.integers(3, size=50), permutations=99, seed=seed).p
        for seed in range(200)
    ]
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) <= 0.09


def test_voting_much_is_no_opinion():
    rng = np.random.default_rng(5)
    flagged = []
    for seed in range(60):
        votes = uneven_votes(rng, people=80)
        eager = (~np.isnan(votes)).sum(axis=1) > 6
        flagged.append(explains_votes(votes, eager.astype(int), permutations=99, seed=seed).flagged)
    assert np.mean(flagged) >= 0.85


def test_labels_that_go_with_opinions_are_found():
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        labels = rng.integers(2, size=60)
        votes = np.where(rng.random((60, 10)) < np.array([0.35, 0.65])[labels][:, None], 1.0, -1.0)
        votes[rng.random(votes.shape) < 0.4] = np.nan
        found.append(explains_votes(votes, labels, permutations=99, seed=seed).p <= 0.05)
    assert np.mean(found) >= 0.95


def test_exported_groups_explain_a_fifth_of_the_votes(taiwan: Conversation):
    test = explains_votes(taiwan.votes, taiwan.groups, permutations=99, seed=0)
    assert test.statistic == pytest.approx(0.208, abs=0.001)
    assert (test.p, test.flagged, test.people) == (0.01, False, 1219)


def test_labels_attached_by_row_after_a_sort_are_flagged(taiwan: Conversation):
    grouped = taiwan.groups >= 0
    votes, groups = taiwan.votes[grouped], taiwan.groups[grouped]
    noise = np.random.default_rng(2).permutation(groups)
    test = explains_votes(votes, noise, permutations=99, seed=0)
    assert test.flagged
    assert "no more than chance" in test.sentence


def test_renaming_labels_and_moving_statements_change_nothing():
    votes, camp = two_camps()
    first = explains_votes(votes, camp, permutations=99, seed=3)
    again = explains_votes(votes[:, ::-1], 7 - camp, permutations=99, seed=3)
    assert first.statistic == pytest.approx(again.statistic)
    assert first.p == again.p


def test_computed_groups_are_tested_on_statements_they_were_not_computed_from():
    votes, _ = two_camps(people=100)
    test = groups_explain_votes(np.hstack([votes, votes]), seed=0)
    assert not test.flagged
    assert test.sentence.startswith("Tested on statements the groups were not computed from.")


def test_groups_computed_from_noise_are_flagged_though_they_fit_their_own_votes():
    rng = np.random.default_rng(8)
    flagged = []
    for seed in range(20):
        votes = np.where(rng.random((60, 20)) < 0.5, 1.0, -1.0)
        flagged.append(groups_explain_votes(votes, seed=seed, splits=3, permutations=99).flagged)
    assert np.mean(flagged) >= 0.9


@pytest.mark.parametrize(
    ("votes", "labels", "words"),
    [
        (np.zeros((0, 3)), np.zeros(0, dtype=int), "Too few people"),
        (np.ones((5, 3)), np.zeros(5, dtype=int), "Everyone has the same label"),
        (np.zeros((6, 3)), np.array([0, 1] * 3), "Everyone who saw a statement voted alike"),
        (np.ones((5, 3)), np.full(5, -1), "Too few people"),
    ],
)
def test_where_nothing_can_be_tested_a_sentence_says_so(votes, labels, words: str):
    test = explains_votes(votes, labels, seed=0)
    assert np.isnan(test.p)
    assert test.flagged
    assert test.sentence.startswith(words)


def test_labels_must_be_one_per_person():
    with pytest.raises(ValueError, match="one label per person"):
        explains_votes(np.ones((3, 2)), [0, 1], seed=0)
