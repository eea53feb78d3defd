import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from policy.methods.plane_clusters import (
    BASE_CLUSTERS,
    adjusted_rand,
    base_clusters,
    k_means,
    silhouettes,
)


def clouds(seed: int, sizes: tuple[int, ...] = (150, 100, 60), apart: float = 3.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(apart * rng.normal(size=2), 1.0, (size, 2)) for size in sizes]
    return np.vstack(parts)


def squares(points: np.ndarray, labels: np.ndarray) -> float:
    parts = (points[labels == one] for one in np.unique(labels))
    return float(sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts))


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_no_worse_a_clustering_is_found_than_by_scikit_learn(number: int):
    for seed in range(6):
        points = clouds(seed)
        ours = squares(points, k_means(points, (number,), seed=seed)[number])
        theirs = KMeans(number, n_init=10, random_state=seed).fit(points).inertia_
        assert ours <= theirs * 1.005


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**16))
def test_the_order_of_points_changes_nothing(seed: int):
    points = clouds(seed)
    order = np.random.default_rng(seed).permutation(len(points))
    one, other = (k_means(some, (3,), seed=1)[3] for some in (points, points[order]))
    assert (one[order] == other).all()


def test_a_point_of_weight_two_is_two_points():
    points = clouds(4, sizes=(40, 30))
    weights = np.random.default_rng(0).integers(1, 4, len(points)).astype(float)
    heavy = k_means(points, (2,), seed=0, weights=weights)[2]
    many = k_means(np.repeat(points, weights.astype(int), axis=0), (2,), seed=0)[2]
    assert (np.repeat(heavy, weights.astype(int)) == many).all()


def test_base_clusters_keep_all_the_weight_and_the_middle():
    points = clouds(1, sizes=(3000, 2000))
    bases, masses = base_clusters(points, np.ones(5000))
    assert len(bases) == BASE_CLUSTERS
    assert masses.sum() == 5000
    np.testing.assert_allclose(masses @ bases / 5000, points.mean(axis=0))


def test_indices_are_those_of_scikit_learn():
    points, rng = clouds(2), np.random.default_rng(2)
    one, other = rng.integers(3, size=310), rng.integers(4, size=310)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other))
    found = silhouettes(points, {3: one}, seed=0)[3]
    assert found == pytest.approx(silhouette_score(points, one))


def test_fewer_spots_than_clusters_part_into_none():
    points = np.repeat([[0.0, 0.0], [1.0, 1.0]], 20, axis=0)
    assert k_means(points, (2, 3), seed=0) == {}
    assert adjusted_rand(np.zeros(5, dtype=int), np.zeros(5, dtype=int)) == 1.0
