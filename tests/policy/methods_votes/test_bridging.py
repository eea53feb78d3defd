import numpy as np
import pytest

from policy.methods.bridging import FACTOR_PENALTY, INTERCEPT_PENALTY, bridging_scores
from policy.methods.consensus import group_informed_consensus
from tests.policy.methods_votes.polis import Conversation


def two_sides(seed: int = 0, people: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Statements 0-4 one side likes, 5-9 the other; 10 and 11 both like, 12 nobody."""
    rng = np.random.default_rng(seed)
    side = rng.integers(2, size=people)
    first = np.where(side == 0, 0.9, 0.1)[:, None].repeat(5, axis=1)
    alike = np.tile([0.85, 0.85, 0.1], (people, 1))
    votes = np.where(rng.random((people, 13)) < np.hstack([first, 1 - first, alike]), 1.0, -1.0)
    votes[rng.random(votes.shape) < 0.4] = np.nan
    return votes, side


def test_what_both_sides_like_scores_above_what_one_side_loves():
    votes, _ = two_sides()
    found = bridging_scores(votes, seed=0)
    assert set(np.argsort(-found.score)[:2]) == {10, 11}
    assert np.argmin(found.score) == 12
    assert (np.sign(found.side[:5]) != np.sign(found.side[5:10])).all()
    assert np.abs(found.side[10:]).max() < np.abs(found.side[:10]).min()


def test_a_larger_side_does_not_make_its_statements_bridge():
    votes, side = two_sides(people=400)
    kept = (side == 0) | (np.arange(400) % 8 == 0)
    found = bridging_scores(votes[kept], seed=0)
    assert found.score[10:12].min() > found.score[:5].max()


def test_scores_are_where_the_penalised_error_is_least():
    votes, _ = two_sides(people=60)
    found = bridging_scores(votes, seed=0)
    rows, columns = np.nonzero(~np.isnan(votes))
    said = (votes[rows, columns] + 1) / 2

    def cost(score: np.ndarray) -> float:
        # People's own terms are solved for, given the statements'.
        total = 0.0
        for person in range(len(votes)):
            mine = rows == person
            side = found.side[columns[mine]]
            design = np.column_stack([np.ones(mine.sum()), side])
            left = said[mine] - found.mean - score[columns[mine]]
            ridge = np.diag([INTERCEPT_PENALTY, FACTOR_PENALTY]) * len(said) / len(votes)
            own = np.linalg.solve(design.T @ design + ridge, design.T @ left)
            total += float(((left - design @ own) ** 2).sum() + own @ ridge @ own)
        return total / len(said) + INTERCEPT_PENALTY * float((score**2).mean())

    least = cost(found.score)
    assert found.settled
    for step in (0.02, -0.02):
        for place in (0, 6, 10):
            assert cost(found.score + step * (np.arange(13) == place)) > least


def test_order_and_names_change_nothing():
    votes, _ = two_sides()
    rng = np.random.default_rng(1)
    people, statements = rng.permutation(200), rng.permutation(13)
    one = bridging_scores(votes, seed=0)
    other = bridging_scores(votes[np.ix_(people, statements)], seed=0)
    np.testing.assert_allclose(one.score[statements], other.score, atol=2e-3)


def test_the_uber_conversations_bridges_are_its_common_ground(taiwan: Conversation):
    found = bridging_scores(taiwan.votes, seed=0, moderated_out=taiwan.moderated_out)
    consensus = group_informed_consensus(taiwan.votes, taiwan.groups)
    assert np.isnan(found.score[taiwan.moderated_out]).all()
    best = np.argsort(-np.nan_to_num(found.score, nan=-9.0))[:3]
    assert {taiwan.statements[column] for column in best} == {40, 7, 16}
    kept = ~np.isnan(found.score)
    assert np.corrcoef(found.score[kept], consensus[kept])[0, 1] > 0.5


@pytest.mark.parametrize(
    ("votes", "words"),
    [
        (np.zeros((0, 0)), "Too few people"),
        (np.full((20, 4), np.nan), "Too few people"),
        (np.array([[1.0, -1.0, 0.0]]), "Too few people"),
        (np.zeros((20, 4)), "Everyone voted alike"),
        (np.where(np.arange(20)[:, None] < 10, [[1.0, np.nan]], [[np.nan, -1.0]]), "Too few"),
    ],
)
def test_where_nothing_can_be_bridged_a_sentence_says_so(votes: np.ndarray, words: str):
    found = bridging_scores(votes, seed=0)
    assert np.isnan(found.score).all()
    assert found.note.startswith(words)
