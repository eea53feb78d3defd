"""Fault lines against the obvious ways, on planted truth: python -m tests.benchmarks.fault_lines

Three communities. Three medicine items set A against B and C, two set C against A and B; the
school items set A against B and C, in either wording; the river divides no one.
"""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from policy.methods.embeddings import Embedder, load_embedder, word_embedder
from policy.methods.fault_line_items import FaultItem, items_from_votes
from policy.methods.fault_lines import find_fault_lines
from policy.methods.joint_clusters import topic_distances
from tests.policy.methods_votes.planted import SUBJECT, TEXTS

NAMES = {0: "A", 1: "B", 2: "C"}
TRUTH = np.where(SUBJECT == 1, -1, SUBJECT)
TRUTH[[1, 3]] = 3
Finder = Callable[[Sequence[FaultItem]], NDArray[np.int64]]


def workshop(seed: int, people: int = 180) -> list[FaultItem]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=people)
    lone = np.where(TRUTH == 3, 2, 0)
    toward = rng.choice([-1.0, 1.0], len(TEXTS)) * (TRUTH >= 0)
    shares = 0.5 + 0.3 * toward * np.where(np.arange(3)[:, None] == lone, 1.0, -1.0)
    votes = np.where(rng.random((people, len(TEXTS))) < shares[labels], 1.0, -1.0)
    votes[rng.random(votes.shape) < 0.3] = np.nan
    keys = [str(number) for number in range(len(TEXTS))]
    return items_from_votes(votes, labels, names=NAMES, keys=keys, texts=TEXTS, seed=seed)


def ours(embedder: Embedder, **choices: float) -> Finder:
    def find(items: Sequence[FaultItem]) -> NDArray[np.int64]:
        found = find_fault_lines(items, embedder=embedder, seed=0, resamples=0, **choices)
        place = np.full(len(items), -1)
        for number, line in enumerate(found.lines):
            place[[int(one.key) for one in line.items]] = number
        return place

    return find


def topics_alone(embedder: Embedder) -> Finder:
    """Every statement by its topic, three clusters as planted, whether or not it divides anyone."""
    return lambda items: _cut(topic_distances(embedder([one.text for one in items])), 3)


def votes_alone(items: Sequence[FaultItem]) -> NDArray[np.int64]:
    """Every statement by who agrees, whatever the sign: k-means, three ways (one of them none)."""
    values = np.array([[one.values[name] for name in "ABC"] for one in items])
    centred = values - values.mean(axis=1, keepdims=True)
    products = np.einsum("ij,ik->ijk", centred, centred).reshape(len(items), -1)
    labels = KMeans(3, n_init=20, random_state=0).fit_predict(products)
    return np.asarray(labels, dtype=np.int64)


def _cut(distances: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    tree = linkage(squareform(distances, checks=False), method="average")
    return np.asarray(fcluster(tree, most, criterion="maxclust"), dtype=np.int64)


def main() -> None:
    workshops = [workshop(seed) for seed in range(40)]
    model, words = load_embedder(), word_embedder()
    finders: dict[str, Finder] = {
        "fault lines (sentence model)": ours(model),
        "fault lines (words)": ours(words),
        "fault lines, topic weight 1": ours(model, topic_weight=1.0, threshold=0.8),
        "fault lines, topic weight 0": ours(model, topic_weight=0.0),
        "topics alone": topics_alone(model),
        "votes alone": votes_alone,
    }
    print("| way | median | lowest | highest | seconds each |\n|---|---|---|---|---|")
    for name, find in finders.items():
        start = time.perf_counter()
        found = [adjusted_rand_score(TRUTH, find(items)) for items in workshops]
        each = (time.perf_counter() - start) / len(workshops)
        middle, low, high = np.median(found), min(found), max(found)
        print(f"| {name} | {middle:.2f} | {low:.2f} | {high:.2f} | {each:.2f} |")


if __name__ == "__main__":
    main()
