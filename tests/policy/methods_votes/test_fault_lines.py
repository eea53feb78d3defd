from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from policy.methods.embeddings import word_embedder
from policy.methods.fault_line_items import FaultItem, items_from_votes
from policy.methods.fault_lines import FaultLine, find_fault_lines
from tests.policy.methods_votes import planted
from tests.policy.methods_votes.polis import Conversation

NAMES = {0: "Ash", 1: "Birch", 2: "Cedar"}
KEYS = [f"s{number}" for number in range(len(planted.TEXTS))]


def items(seed: int = 0, **more: object) -> list[FaultItem]:
    truth = planted.votes(seed, **more)
    return items_from_votes(
        truth.votes,
        truth.labels,
        names=NAMES,
        keys=KEYS,
        texts=planted.TEXTS,
        seed=seed,
        resamples=40,
    )


def item(
    key: str, *, q: float = 0.001, text: str = "Boats may stay.", **values: float
) -> FaultItem:
    counts, errors = dict.fromkeys(values, 30), dict.fromkeys(values, 0.05)
    return FaultItem(key, text, "statement", values, counts, errors, q)


def as_sets(lines: tuple[FaultLine, ...]) -> set[frozenset[str]]:
    return {frozenset(item.key for item in line.items) for line in lines}


def test_planted_lines_are_recovered_and_the_subject_of_agreement_is_not_one():
    agreement = []
    for seed in range(10):
        found = find_fault_lines(items(seed), embedder=word_embedder(), seed=seed)
        place = {one.key: number for number, line in enumerate(found.lines) for one in line.items}
        truth = np.where(planted.SUBJECT == 1, -1, planted.SUBJECT)
        agreement.append(adjusted_rand_score(truth, [place.get(key, -1) for key in KEYS]))
    assert np.mean(agreement) >= 0.8
    assert np.median(agreement) >= 0.9


def test_where_communities_differ_on_nothing_there_is_no_line():
    none = 0
    for seed in range(400):
        truth = planted.votes(seed, gap=0.0, people=80)
        found = find_fault_lines(
            items_from_votes(
                truth.votes,
                truth.labels,
                names=NAMES,
                keys=KEYS,
                texts=planted.TEXTS,
                seed=seed,
                resamples=2,
            ),
            embedder=word_embedder(),
            seed=seed,
        )
        none += not found.lines
        assert found.lines or found.sentence.startswith("No difference found on any of 15 items")
    assert none >= 0.95 * 400


def test_a_line_says_who_about_what_and_how_far():
    found = find_fault_lines(items(), embedder=word_embedder(), seed=0)
    medicine = next(line for line in found.lines if "medicine" in line.name)
    assert {*medicine.sides[0], *medicine.sides[1]} == {"Ash", "Birch"}
    assert medicine.low < medicine.size < medicine.high
    assert 0.4 < medicine.size < 0.8
    assert medicine.stability > 0.8
    assert medicine.items[0].difference == max(one.difference for one in medicine.items)
    assert medicine.items[0].key == medicine.exemplars[0][0]
    assert medicine.items[0].text in medicine.summary


def test_the_interval_holds_the_planted_difference():
    held = []
    for seed in range(20):
        for line in find_fault_lines(items(seed), embedder=word_embedder(), seed=seed).lines:
            held.append(line.low <= 0.6 * 0.95 + 0.05 and line.high >= 0.6 * 0.95 - 0.05)
    assert np.mean(held) >= 0.9


def test_every_word_of_a_name_is_in_the_items():
    for line in find_fault_lines(items(1), embedder=word_embedder(), seed=0).lines:
        said = " ".join(one.text for one in line.items).lower()
        assert all(word in said for word in line.name.split(", "))


def test_names_and_order_of_labels_and_items_change_nothing():
    first = items(2, communities=3, people=150)
    other = {"Ash": "Zelkova", "Birch": "Yew", "Cedar": "Alder"}

    def renamed(one: FaultItem) -> FaultItem:
        values, n, errors = (
            {other[name]: part[name] for name in reversed(part)}
            for part in (one.values, one.n, one.errors)
        )
        drawn = {other[name]: draws for name, draws in one.draws.items()}
        return replace(one, values=values, n=n, errors=errors, draws=drawn)

    plain = find_fault_lines(first, embedder=word_embedder(), seed=4)
    moved = find_fault_lines(
        [renamed(one) for one in first[::-1]], embedder=word_embedder(), seed=4
    )
    assert as_sets(plain.lines) == as_sets(moved.lines)
    for one, two in zip(plain.lines, moved.lines, strict=True):
        assert {other[name] for name in one.sides[0]} == set(two.sides[0])
        assert (one.name, one.exemplars) == (two.name, two.exemplars)
        assert (one.size, one.low, one.stability) == pytest.approx(
            (two.size, two.low, two.stability)
        )


def test_the_same_subject_with_other_people_on_each_side_is_another_line():
    one = item("a", Ash=0.9, Birch=0.3, Cedar=0.3)
    two = item("b", Ash=0.5, Birch=0.2, Cedar=0.8)
    lines = find_fault_lines([one, two], embedder=word_embedder(), seed=0).lines
    assert {line.pattern for line in lines} == {"Ash against Birch, Cedar", "Cedar against Birch"}
    assert {line.between for line in lines} == {(), ("Ash",)}


def test_a_certain_but_small_difference_is_no_fault_line():
    found = find_fault_lines(
        [item("a", q=1e-9, Ash=0.55, Birch=0.45)], embedder=word_embedder(), seed=0
    )
    assert (found.lines, found.tested, found.credible) == ((), ("a",), ())


def test_features_and_statements_share_a_line_and_each_kind_has_its_minimum():
    statement = item("a", text="Answers should be short", Ash=0.9, Birch=0.2)
    feature = replace(item("b", text="short answers", Ash=0.7, Birch=0.5), kind="feature")
    both = find_fault_lines([statement, feature], embedder=word_embedder(), seed=0)
    minimum = {"statement": 0.15, "feature": 0.3}
    one = find_fault_lines(
        [statement, feature], embedder=word_embedder(), seed=0, minimum_difference=minimum
    )
    assert set(both.credible) == {"a", "b"}
    assert one.credible == ("a",)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [item("a", Ash=0.9)],
        [item("a", q=float("nan"), Ash=0.9, Birch=0.1)],
        [item("a", Ash=float("nan"), Birch=0.1)],
        [replace(item("a", Ash=0.9, Birch=0.1), n={"Ash": 1, "Birch": 30})],
    ],
)
def test_too_few_answers_are_said_to_be_too_few(given: list[FaultItem]):
    found = find_fault_lines(given, embedder=word_embedder(), seed=0)
    assert (found.lines, found.sentence) == ((), "Too few answers to say.")


@pytest.mark.parametrize("text", ["", "!!! 123", "是的", "We should"])
def test_an_item_without_a_telling_word_is_named_by_itself(text: str):
    found = find_fault_lines(
        [item("a", text=text, Ash=0.9, Birch=0.1)], embedder=word_embedder(), seed=0
    )
    assert found.lines[0].name in (text, "(no text)")


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_all_passes_and_all_unseen_make_no_line(fill: float):
    votes = np.full((20, 3), fill)
    made = items_from_votes(
        votes, np.arange(20) % 2, names=NAMES, keys="abc", texts=["x", "y", "z"], seed=0
    )
    assert find_fault_lines(made, embedder=word_embedder(), seed=0).lines == ()


def test_communities_that_judged_different_statements_cannot_be_compared():
    votes = np.full((20, 2), np.nan)
    votes[:10, 0], votes[10:, 1] = 1.0, -1.0
    made = items_from_votes(
        votes, np.repeat([0, 1], 10), names=NAMES, keys="ab", texts=["x", "y"], seed=0
    )
    found = find_fault_lines(made, embedder=word_embedder(), seed=0)
    assert found.sentence == "Too few answers to say."


def test_the_uber_conversation_has_lines_named_in_its_own_words(taiwan: Conversation):
    kept = ~taiwan.moderated_out
    texts = [text for text, keep in zip(taiwan.texts, kept, strict=True) if keep]
    made = items_from_votes(
        taiwan.votes[:, kept],
        taiwan.groups,
        names=NAMES,
        keys=[str(number) for number in range(len(texts))],
        texts=texts,
        seed=0,
        resamples=20,
    )
    found = find_fault_lines(made, embedder=word_embedder(), seed=0)
    assert 5 <= len(found.lines) <= 25
    said = "\n".join(texts).lower()
    assert all(word in said for line in found.lines for word in line.name.split(", "))
    assert "計程車" in {word for line in found.lines for word in line.name.split(", ")}


def test_two_items_of_one_key_are_refused():
    with pytest.raises(ValueError, match="key of its own"):
        find_fault_lines([item("a", Ash=1.0)] * 2, embedder=word_embedder(), seed=0)


def test_an_item_without_draws_or_errors_is_refused():
    bare = replace(item("a", Ash=0.9, Birch=0.1), errors={})
    with pytest.raises(ValueError, match="neither resamples nor standard errors"):
        find_fault_lines([bare], embedder=word_embedder(), seed=0)
