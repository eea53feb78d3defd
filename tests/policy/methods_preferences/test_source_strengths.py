import numpy as np
import pytest
from scipy.special import expit

from policy.methods.source_strengths import strengths


def play(rng, true, n, people=40, tie=0.4):
    first = rng.integers(0, len(true), n)
    second = (first + rng.integers(1, len(true), n)) % len(true)
    gap = true[first] - true[second]
    left, right = np.exp(gap / 2), np.exp(-gap / 2)
    drawn = rng.random(n) * (left + right + tie)
    answers = np.where(drawn < left, 1.0, np.where(drawn < left + right, 0.0, 0.5))
    return first, second, answers, rng.integers(0, people, n)


def values(found):
    return np.array([s.strength for s in found.strengths])


def test_planted_strengths_are_found_again():
    true = np.array([1.0, 0.3, -0.3, -1.0])
    found = strengths(*play(np.random.default_rng(1), true, 12000), 4)
    assert np.allclose(values(found), true, atol=0.12)
    assert found.tie == pytest.approx(0.4, abs=0.05)
    assert all(s.low < t < s.high for s, t in zip(found.strengths, true, strict=True))


def test_two_sources_with_ties_can_be_worked_by_hand():
    answers = [1.0] * 9 + [0.0] * 4 + [0.5] * 3
    found = strengths([0] * 16, [1] * 16, answers, np.arange(16), 2, ridge=1e-9)
    assert values(found) == pytest.approx([np.log(9 / 4) / 2, -np.log(9 / 4) / 2])
    assert found.tie == pytest.approx(3 / 6)


def test_every_source_is_expected_to_win_as_often_as_it_did():
    first, second, answers, people = play(np.random.default_rng(2), np.zeros(5), 300)
    found = strengths(first, second, answers, people, 5, ridge=1e-9)
    gap = values(found)[first] - values(found)[second]
    share = np.exp(gap / 2) + 0.5 * found.tie
    expected = share / (np.exp(gap / 2) + np.exp(-gap / 2) + found.tie)
    for source in range(5):
        ours = [*answers[first == source], *(1 - answers[second == source])]
        theirs = [*expected[first == source], *(1 - expected[second == source])]
        assert sum(ours) == pytest.approx(sum(theirs), abs=1e-3)


def test_renaming_the_sources_or_swapping_the_sides_changes_nothing():
    first, second, answers, people = play(np.random.default_rng(3), np.arange(4) / 2, 400)
    name = np.array([2, 0, 3, 1])
    one = strengths(first, second, answers, people, 4)
    renamed = strengths(name[first], name[second], answers, people, 4)
    swapped = strengths(second, first, 1 - answers, people, 4)
    assert np.allclose(values(one), values(renamed)[name])
    assert np.allclose(values(one), values(swapped))
    assert one.strengths[0].low == pytest.approx(renamed.strengths[2].low)


def test_sources_that_were_never_joined_are_not_compared():
    names = ["ash", "birch", "cedar", "doum", "elm"]
    found = strengths([0, 1, 2, 3], [1, 0, 3, 2], [1, 1, 0, 0.5], [1, 2, 3, 4], 5, names=names)
    assert not found.connected
    assert np.isnan(values(found)).all()
    assert found.notes == (
        "Not comparable: no comparison joins the sources {ash, birch} and {cedar, doum} and {elm}.",
    )


def test_strengths_without_people_are_the_same_and_have_no_intervals():
    first, second, answers, people = play(np.random.default_rng(8), np.zeros(4), 400)
    alone = strengths(first, second, answers, None, 4)
    assert np.allclose(values(alone), values(strengths(first, second, answers, people, 4)))
    assert all(np.isnan(one.low) for one in alone.strengths)
    assert alone.n_clusters == 0


def test_a_source_that_always_won_is_finite_without_an_interval():
    first, second, answers, people = play(np.random.default_rng(4), np.zeros(3), 300)
    first, second = np.append(first, [3, 3, 3]), np.append(second, [0, 1, 2])
    answers, people = np.append(answers, [1, 1, 1]), np.append(people, [1, 2, 3])
    found = strengths(first, second, answers, people, 4)
    champion = found.strengths[3]
    assert 2 < champion.strength < 12
    assert np.isnan(champion.low)
    assert "won, or lost, all" in champion.note
    assert all(s.high - s.low < 1.5 for s in found.strengths[:3])


def test_two_sources_of_which_one_always_won_are_placed_evenly_without_intervals():
    found = strengths([0, 0, 1], [1, 1, 0], [1, 1, 0], [1, 2, 3], 2)
    assert values(found)[0] == pytest.approx(-values(found)[1])
    assert values(found)[0] > 1
    assert all(np.isnan(s.low) and s.note for s in found.strengths)


def test_strengths_stay_when_such_a_source_joins():
    first, second, answers, people = play(np.random.default_rng(5), np.array([0.5, 0, -0.5]), 600)
    alone = strengths(first, second, answers, people, 3)
    joined = strengths(
        np.append(first, 3), np.append(second, 0), np.append(answers, 1), np.append(people, 1), 4
    )
    assert np.allclose(values(alone), values(joined)[:3], atol=0.01)


def test_intervals_over_people_cover_planted_strengths():
    rng = np.random.default_rng(6)
    base, covered = np.array([0.6, 0.0, -0.6]), []
    for _ in range(300):
        own = base + rng.normal(0, 0.5, (30, 3))
        people = np.repeat(np.arange(30), 15)
        first = rng.integers(0, 3, 450)
        second = (first + rng.integers(1, 3, 450)) % 3
        gap = own[people, first] - own[people, second]
        found = strengths(first, second, rng.random(450) < expit(gap), people, 3)
        # People who differ flatten the average choice; only the middle source keeps its place.
        covered.append(found.strengths[1].low <= 0 <= found.strengths[1].high)
    assert 0.92 <= np.mean(covered) <= 0.98


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [([], "Nobody answered."), ([0.5, 0.5], "Every answer was about equal")],
)
def test_nothing_to_go_by_is_nan_and_a_sentence(answers, sentence):
    n = len(answers)
    found = strengths([0] * n, [1] * n, answers, range(n), 2)
    assert np.isnan(values(found)).all()
    assert found.notes[0].startswith(sentence)


def test_one_person_gives_strengths_without_intervals():
    first, second, answers, _ = play(np.random.default_rng(7), np.zeros(3), 60)
    found = strengths(first, second, answers, np.zeros(60), 3)
    assert np.isfinite(values(found)).all()
    assert np.isnan(found.strengths[0].low)
    assert "Only one person" in found.notes[0]


def test_a_source_against_itself_says_nothing():
    found = strengths([0, 1, 0], [1, 0, 0], [1, 1, 1], [1, 2, 3], 2)
    assert found.n == 2


def test_unknown_sources_and_answers_are_refused():
    with pytest.raises(ValueError, match="A source must be"):
        strengths([0], [2], [1], [1], 2)
    with pytest.raises(ValueError, match="An answer is"):
        strengths([0], [1], [2], [1], 2)


def test_a_source_that_only_writes_longer_is_no_better_beside_length():
    rng = np.random.default_rng(9)
    n, people = 6000, 60
    first = rng.integers(0, 3, n)
    second = (first + rng.integers(1, 3, n)) % 3
    longer = rng.normal(size=n) + (first == 2) - (second == 2)
    answers = (rng.random(n) < expit(0.9 * longer)).astype(float)
    ids = rng.integers(0, people, n)
    plain = strengths(first, second, answers, ids, 3).strengths[2]
    beside = strengths(first, second, answers, ids, 3, beside=longer[:, None]).strengths[2]
    assert plain.low > 0.2
    assert beside.low < 0 < beside.high
    swapped = strengths(second, first, 1 - answers, ids, 3, beside=-longer[:, None]).strengths[2]
    assert swapped.strength == pytest.approx(beside.strength)


def test_answers_of_which_something_beside_is_unknown_are_left_out():
    first, second, answers, people = play(np.random.default_rng(10), np.zeros(3), 90)
    beside = np.random.default_rng(11).normal(size=(90, 2))
    beside[:5, 1] = np.nan
    assert strengths(first, second, answers, people, 3, beside=beside).n == 85
    with pytest.raises(ValueError, match="finite differences"):
        strengths(first, second, answers, people, 3, beside=beside[:4])


def test_one_who_answers_without_end_moves_strengths_no_more_than_the_cap_lets_them() -> None:
    rng = np.random.default_rng(4)
    people, first = np.repeat(np.arange(30), 10), rng.integers(0, 3, 300)
    second = (first + rng.integers(1, 3, 300)) % 3
    answers = (rng.random(300) < np.where(first < second, 0.75, 0.25)).astype(float)

    def best(again: int) -> float:
        loud = np.tile([[1, 0], [2, 0], [2, 1], [1, 0]], (5 * again, 1))
        told = (np.append(first, loud[:, 0]), np.append(second, loud[:, 1]))
        said = np.append(answers, np.ones(len(loud)))
        found = strengths(*told, said, np.append(people, np.full(len(loud), 30)), 3, cap=2.0)
        return found.strengths[0].strength

    assert best(100) == pytest.approx(best(1), abs=1e-6)
