"""Lines within lines: planted subjects of two topics each are found on both levels."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from policy.methods.embeddings import Embedder, load_embedder, unit_rows
from policy.methods.fault_line_items import FaultItem, items_from_votes
from policy.methods.fault_lines import FaultLines, find_fault_lines
from policy.methods.joint_clusters import two_levels
from tests.policy.methods_votes.planted_levels import levels

NAMES = {0: "A", 1: "B", 2: "C"}


@pytest.fixture(scope="module")
def embedder():
    return load_embedder()


def items(truth, seed: int) -> list[FaultItem]:
    keys = [str(number) for number in range(len(truth.texts))]
    return items_from_votes(
        truth.votes, truth.labels, names=NAMES, keys=keys, texts=truth.texts, seed=seed, resamples=9
    )


def placed(found: FaultLines, total: int) -> tuple[np.ndarray, np.ndarray]:
    """(items,) line and broad line; a line that lies in no broad one is one by itself."""
    narrow = np.full(total, -1)
    for number, line in enumerate(found.lines):
        narrow[[int(one.key) for one in line.items]] = number
    broad = np.where(narrow < 0, -1, 100 + narrow)
    for number, one in enumerate(found.broad):
        broad[np.isin(narrow, one.lines)] = number
    return narrow, broad


def test_both_levels_are_recovered_in_words_that_nothing_was_set_on(embedder):
    scores = []
    for seed in range(3):
        truth = levels(seed, bank="town", people=240)
        found = find_fault_lines(items(truth, seed), embedder=embedder, seed=seed)
        narrow, broad = placed(found, len(truth.texts))
        scores.append(
            (adjusted_rand_score(truth.narrow, narrow), adjusted_rand_score(truth.broad, broad))
        )
    assert np.median(scores, axis=0) == pytest.approx([0.86, 0.91], abs=0.1)


def test_a_broad_line_says_whether_the_same_people_differ_throughout(embedder):
    truth = levels(1, bank="town", people=240)
    found = find_fault_lines(items(truth, 1), embedder=embedder, seed=1)
    for one in found.broad:
        sides = {frozenset(map(frozenset, found.lines[place].sides)) for place in one.lines}
        assert one.same_sides == (len(sides) == 1) == bool(one.pattern)
        assert one.low < one.size < one.high
        assert 0 < one.stability <= 1


def test_lines_on_one_subject_are_one_broad_line_though_sides_change():
    about = {"a": (1.0, 0.0), "b": (1.0, 0.1), "c": (1.0, 0.05), "d": (0.0, 1.0), "e": (0.1, 1.0)}
    alone = {"a": "A", "b": "A", "c": "C", "d": "A", "e": "A"}
    counts, errors = dict.fromkeys("ABC", 40), dict.fromkeys("ABC", 0.05)
    made = [
        FaultItem(
            *(key, key, "statement"),
            {name: 0.8 if name == alone[key] else 0.2 for name in "ABC"},
            *(counts, errors, 0.001),
        )
        for key in about
    ]
    embedder = Embedder("by hand", lambda texts: unit_rows(np.array([about[t] for t in texts])))
    found = find_fault_lines(made, embedder=embedder, seed=0)
    (one,) = found.broad
    assert (one.same_sides, one.pattern) == (False, "")
    assert {line.pattern for line in (found.lines[place] for place in one.lines)} == {
        "A against B, C",
        "C against A, B",
    }


def test_no_line_lies_in_two_broad_ones():
    rng = np.random.default_rng(3)
    for _ in range(30):
        values, vectors = rng.random((12, 3)), rng.random((12, 12))
        topic = (vectors + vectors.T) / 2
        np.fill_diagonal(topic, 0.0)
        narrow, broad = two_levels(values, topic, np.ones(12), 0.5, 0.4, 0.7)
        assert len(set(zip(narrow, broad, strict=True))) == len(set(narrow))
        assert len(set(broad)) <= len(set(narrow))


def test_one_line_alone_has_no_broad_one(embedder):
    truth = levels(0, bank="town", people=90, items=2)
    some = [one for one in items(truth, 0) if "bus" in one.text.lower()]
    assert find_fault_lines(some, embedder=embedder, seed=0).broad == ()
