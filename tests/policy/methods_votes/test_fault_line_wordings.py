"""Words that communities use differently for the same choice, and chance that is not called so."""

import numpy as np
import pytest

from policy.methods.embeddings import word_embedder
from policy.methods.fault_line_items import FaultItem, adjusted_together
from policy.methods.fault_line_texts import Wording
from policy.methods.fault_line_wordings import WordUse, compare_words, items_from_wordings
from policy.methods.fault_lines import find_fault_lines

NAMES = {0: "Ash", 1: "Birch"}
WORDS = [f"word{first}{second}" for first in "abcdef" for second in "abcde"]
PEOPLE = 40


def wordings(
    seed: int, *, planted: str = "", verbose: tuple[int, int] = (3, 3), agree: bool = True
) -> tuple[list[Wording], np.ndarray]:
    """Everybody has habits of their own; a choice has its words; Ash may add a word to its reasons.

    agree: whether both communities choose alike, or Ash mostly one answer and Birch the other.
    """
    rng = np.random.default_rng(seed)
    common = np.random.default_rng(5).dirichlet(np.full(len(WORDS), 0.8))
    labels = np.arange(PEOPLE) % 2
    said = []
    for person in range(PEOPLE):
        habits = rng.dirichlet(30 * common)
        for prompt in range(6):
            takes = rng.random() < (0.5 if agree else (0.2, 0.8)[labels[person]])
            wish = habits * np.where(np.arange(len(WORDS)) < 6, 5.0 if takes else 0.2, 1.0)
            number = 1 + rng.poisson(verbose[labels[person]])
            text = list(rng.choice(WORDS, size=number, p=wish / wish.sum()))
            if planted and labels[person] == 0 and rng.random() < 0.5:
                text.append(planted)
            said.append(Wording(person, f"{prompt} {takes}", ", ".join(text)))
    return said, labels


def use(seed: int, **more: object) -> WordUse:
    return compare_words(*wordings(seed, **more), seed=seed)


def test_a_word_that_one_community_gives_as_a_reason_is_found():
    found = use(0, planted="dosage")
    place = found.words.index("dosage")
    assert found.p[place] == found.p.min() < 0.001
    assert found.share[:, place] == pytest.approx([0.5, 0.0], abs=0.12)
    assert found.z[0, place] > 1.96
    assert found.log_odds[0, place] > 0 > found.log_odds[1, place]


@pytest.mark.parametrize("uneven", [{}, {"verbose": (2, 7)}, {"agree": False}])
def test_habits_chatter_and_other_choices_are_not_taken_for_reasons(uneven: dict):
    lines = 0
    for seed in range(40):
        said, labels = wordings(seed, **uneven)
        made = items_from_wordings("reason", said, labels, names=NAMES, seed=seed, resamples=2)
        items = adjusted_together(made)
        lines += bool(find_fault_lines(items, embedder=word_embedder(), seed=0).lines)
    assert lines <= 5  # at a rate of 5 %, more than 5 of 40 come once in a hundred times


def test_words_that_follow_from_the_choice_alone_do_not_divide():
    said, labels = wordings(3, agree=False)
    mixed = [Wording(one.person, "any", one.text) for one in said]
    blind, seeing = (compare_words(texts, labels, seed=0) for texts in (mixed, said))
    assert blind.p.min() < 0.01
    assert seeing.p.min() > blind.p.min()


def test_one_person_who_writes_much_is_one_person():
    labels = np.arange(20) % 2
    texts = [Wording(person, "the same", "plain words") for person in range(20)]
    loud = [Wording(0, f"place {n}", "thunder everywhere") for n in range(30)]
    quiet = [Wording(1, f"place {n}", "plain words") for n in range(30)]
    found = compare_words([*texts, *loud, *quiet], labels, seed=0)
    assert "thunder" not in found.words


def test_the_share_is_told_as_if_all_had_chosen_alike():
    rows = [(0, "a")] * 8 + [(0, "b")] * 2 + [(1, "a")] * 2 + [(1, "b")] * 8
    said = [
        Wording(n, choice, "weir" if choice == "a" else "mill")
        for n, (_, choice) in enumerate(rows)
    ]
    found = compare_words(said, [label for label, _ in rows], seed=0)
    weir = found.share[:, found.words.index("weir")]
    assert weir[0] == pytest.approx(weir[1])


def test_swapping_the_communities_swaps_their_numbers_and_leaves_p():
    said, labels = wordings(1, planted="dosage")
    one, other = compare_words(said, labels, seed=2), compare_words(said, 1 - labels, seed=2)
    assert one.words == other.words
    assert one.share == pytest.approx(other.share[::-1])
    assert one.log_odds == pytest.approx(other.log_odds[::-1])
    assert one.p == pytest.approx(other.p, abs=0.03)


def test_words_that_stood_there_before_are_not_the_writers():
    labels = np.arange(12) % 2
    said = [Wording(n, "a", "ask your doctor first", "ask your doctor") for n in range(12)]
    assert "doctor" not in compare_words(said, labels, seed=0).words


@pytest.mark.parametrize(
    "said",
    [
        [],
        [Wording(0, "a", "alone")],
        [Wording(n, f"choice {n}", "word") for n in range(12)],
        [Wording(n, "a", "") for n in range(12)],
    ],
)
def test_where_nothing_can_be_compared_there_are_no_words(said: list[Wording]):
    labels = np.arange(12) % 2
    assert compare_words(said, labels, seed=0).words == ()
    assert items_from_wordings("reason", said, labels, names=NAMES, seed=0) == []


def test_reasons_and_votes_on_the_same_matter_share_a_line():
    said, labels = wordings(4, planted="dosage")
    words = items_from_wordings("reason", said, labels, names=NAMES, seed=0, resamples=20)
    counts, errors = {"Ash": 40, "Birch": 40}, {"Ash": 0.05, "Birch": 0.05}
    shares = {"Ash": 0.9, "Birch": 0.2}
    vote = FaultItem("s", "Name the dosage.", "statement", shares, counts, errors, q=0.001)
    items = [vote, *adjusted_together(words)]
    found = find_fault_lines(items, embedder=word_embedder(), seed=0)
    together = next(line for line in found.lines if line.items[0].key == "s")
    assert "reason:dosage" in {one.key for one in together.items}
