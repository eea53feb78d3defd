import numpy as np
import pytest

from policy.methods.fault_line_items import FaultItem, items_from_votes, resampled_people
from policy.methods.vote_table import vote_table

NAMES = {0: "Ash", 1: "Birch", 2: "Cedar"}


def some_votes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    votes = rng.choice([-1.0, 0.0, 1.0, np.nan, np.nan], (60, 8))
    return votes, rng.integers(-1, 3, 60)


def items(votes: object, labels: np.ndarray, resamples: int = 40) -> list[FaultItem]:
    texts = [f"Say {number}." for number in range(8)]
    more = {"names": NAMES, "keys": texts, "texts": texts, "seed": 3, "resamples": resamples}
    return items_from_votes(votes, labels, **more)


@pytest.mark.parametrize("seed", range(6))
def test_resampled_shares_are_those_of_the_whole_table_weighted_by_hand(seed: int):
    votes, labels = some_votes(seed)
    found = items(vote_table(votes), labels)
    agreed, seen = (votes == 1).astype(float), (~np.isnan(votes)).astype(float)
    for label, (people, weights) in enumerate(resampled_people(labels, 3, 40)):
        counted = agreed[people].sum(axis=0) / np.maximum(seen[people].sum(axis=0), 1)
        voted = weights @ seen[people]
        shares = np.where(voted > 0, weights @ agreed[people] / np.maximum(voted, 1), counted)
        wider = counted + np.sqrt(len(people) / (len(people) - 1)) * (shares - counted)
        drawn = np.stack([item.draws[NAMES[label]] for item in found], axis=1)
        np.testing.assert_array_equal(drawn, np.clip(wider, 0, 1))


def test_items_are_the_same_from_a_table_with_gaps_and_from_votes_one_by_one():
    votes, labels = some_votes(9)
    for one, other in zip(items(votes, labels), items(vote_table(votes), labels), strict=True):
        np.testing.assert_equal(one.draws, other.draws)
        assert (one.values, one.n, one.q) == (other.values, other.n, other.q)


def test_a_person_who_is_drawn_brings_all_her_votes():
    votes = np.where(np.arange(30)[:, None] % 2 == 0, 1.0, -1.0) * np.ones(8)
    found = items(votes, np.zeros(30, dtype=int))
    first = found[0].draws["Ash"]
    assert np.ptp(first) > 0
    assert all((item.draws["Ash"] == first).all() for item in found)
