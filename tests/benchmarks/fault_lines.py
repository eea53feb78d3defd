"""Fault lines against the obvious ways, on planted truth: python -m tests.benchmarks.fault_lines

Three communities. Six lines are planted within three subjects, and a fourth subject divides nobody
(tests/policy/methods_votes/planted_levels.py). The words of the first bank were there when the
thresholds were set; those of the second ("town") were not. Prints Markdown for docs/fault-lines.md.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from policy.methods.embeddings import Embedder, load_embedder, word_embedder
from policy.methods.fault_line_items import FaultItem, adjusted_together, items_from_votes
from policy.methods.fault_line_wordings import items_from_wordings
from policy.methods.fault_lines import FaultLine, find_fault_lines
from policy.methods.joint_clusters import patterns, topic_distances
from tests.policy.methods_votes.planted_levels import Levels, levels
from tests.policy.methods_votes.test_fault_line_wordings import wordings

NAMES = {0: "A", 1: "B", 2: "C"}
LINES, SUBJECTS = 6, 3
Places = NDArray[np.int64]
Found = tuple[Places, Places]
Finder = Callable[[Sequence[FaultItem]], Found]
SIZES = ((6, 240), (6, 120), (6, 60), (6, 30), (3, 240), (3, 120), (2, 240))


@dataclass(frozen=True)
class Case:
    truth: Levels
    items: list[FaultItem]


def case(seed: int, **more: object) -> Case:
    truth = levels(seed, **more)  # type: ignore[arg-type]
    keys = [str(number) for number in range(len(truth.texts))]
    items = items_from_votes(
        truth.votes, truth.labels, names=NAMES, keys=keys, texts=truth.texts, seed=seed, resamples=0
    )
    return Case(truth, items)


def ours(embedder: Embedder, **choices: float) -> Finder:
    def find(items: Sequence[FaultItem]) -> Found:
        found = find_fault_lines(items, embedder=embedder, seed=0, resamples=0, **choices)
        narrow = np.full(len(items), -1)
        for number, line in enumerate(found.lines):
            narrow[[int(one.key) for one in line.items]] = number
        broad = np.where(narrow < 0, -1, 100 + narrow)
        for number, one in enumerate(found.broad):
            broad[np.isin(narrow, one.lines)] = number
        return narrow, broad

    return find


def topics_alone(embedder: Embedder) -> Finder:
    """Every statement by its topic, whether or not it divides anyone; told how many there are."""

    def find(items: Sequence[FaultItem]) -> Found:
        distances = topic_distances(embedder([one.text for one in items]))
        return _cut(distances, LINES + 2), _cut(distances, SUBJECTS + 1)

    return find


def topics_of_what_divides(embedder: Embedder) -> Finder:
    """The same among statements whose difference is certain; told how many there are."""

    def find(items: Sequence[FaultItem]) -> Found:
        kept = np.array([n for n, one in enumerate(items) if one.q <= 0.05], dtype=np.int64)
        distances = topic_distances(embedder([one.text for one in items]))[np.ix_(kept, kept)]
        return _placed(items, kept, _cut(distances, LINES)), _placed(
            items, kept, _cut(distances, SUBJECTS)
        )

    return find


def votes_alone(items: Sequence[FaultItem]) -> Found:
    """Statements whose difference is certain, by who differs, whatever the sign: k-means.

    Told how many ways there are to differ; both levels are the same to it.
    """
    kept = np.array([n for n, one in enumerate(items) if one.q <= 0.05], dtype=np.int64)
    values = np.array([[items[n].values[name] for name in "ABC"] for n in kept])
    who = patterns(values) if len(kept) else np.zeros((0, 3))
    products = np.einsum("ij,ik->ijk", who, who).reshape(len(kept), -1)
    most = min(3, len(np.unique(products.round(9), axis=0))) if len(kept) else 0
    labels = KMeans(most, n_init=10, random_state=0).fit_predict(products) if most else kept
    found = _placed(items, kept, np.asarray(labels, dtype=np.int64))
    return found, found


def _placed(items: Sequence[FaultItem], kept: Places, labels: Places) -> Places:
    place = np.full(len(items), -1)
    place[kept] = labels
    return place


def _cut(distances: NDArray[np.float64], most: int) -> Places:
    if len(distances) < 2:
        return np.zeros(len(distances), dtype=np.int64)
    tree = linkage(squareform(distances, checks=False), method="average")
    return np.asarray(fcluster(tree, most, criterion="maxclust"), dtype=np.int64)


def f1(truth: Places, found: Places) -> float:
    """F1 of whole lines: one is found when a line shares half of their items together with it."""
    planted = [set(np.flatnonzero(truth == n)) for n in np.unique(truth[truth >= 0])]
    lines = [set(np.flatnonzero(found == n)) for n in np.unique(found[found >= 0])]
    hits = sum(any(_same(one, other) for other in lines) for one in planted)
    return 2 * hits / (len(planted) + len(lines))


def _same(one: set[int], other: set[int]) -> bool:
    return len(one & other) > 0.5 * len(one | other)


def compare(bank: str, repeats: int, sizes: Sequence[tuple[int, int]]) -> None:
    model, words = remembered(load_embedder()), word_embedder()
    finders: dict[str, Finder] = {
        "fault lines (sentence model)": ours(model),
        "fault lines (words)": ours(words),
        "topics alone": topics_alone(model),
        "topics of what divides": topics_of_what_divides(model),
        "votes alone": votes_alone,
    }
    print("| items a line | people | way | ARI, lines | ARI, broad | F1 of lines | ms |")
    print("|---|---|---|---|---|---|---|")
    for items, people in sizes:
        cases = [case(seed, bank=bank, items=items, people=people) for seed in range(repeats)]
        for name, find in finders.items():
            start = time.perf_counter()
            found = [find(one.items) for one in cases]
            each = 1000 * (time.perf_counter() - start) / repeats
            scores = [_scores(one, places) for one, places in zip(cases, found, strict=True)]
            narrow, broad, whole = np.mean(scores, axis=0)
            print(
                f"| {items} | {people} | {name} | {narrow:.2f} | {broad:.2f} "
                f"| {whole:.2f} | {each:.0f} |",
                flush=True,
            )


def _scores(one: Case, found: Found) -> tuple[float, float, float]:
    truth = one.truth
    return (
        float(adjusted_rand_score(truth.narrow, found[0])),
        float(adjusted_rand_score(truth.broad, found[1])),
        f1(truth.narrow, found[0]),
    )


def remembered(embedder: Embedder) -> Embedder:
    """The embedder, asked once for each list of texts: so the times are those of clustering."""
    known: dict[tuple[str, ...], NDArray[np.float64]] = {}

    def embed(texts: Sequence[str]) -> NDArray[np.float64]:
        key = tuple(texts)
        if key not in known:
            known[key] = embedder(texts)
        return known[key]

    return Embedder(embedder.name, embed)


def false_lines(repeats: int) -> None:
    """How often there is any line although communities differ on nothing."""
    embedder = word_embedder()
    print("| planted | people | analyses | with a line |\n|---|---|---|---|")
    for people in (240, 60, 30):
        found = [
            find_fault_lines(
                case(seed, people=people, gap=0.0).items, embedder=embedder, seed=0, resamples=0
            )
            for seed in range(repeats)
        ]
        rate = np.mean([bool(one.lines) for one in found])
        print(f"| nothing, votes | {people} | {repeats} | {100 * rate:.1f} % |", flush=True)
    uneven: dict[str, dict[str, object]] = {
        "nothing, reasons": {},
        "nothing, reasons; one writes twice as much": {"verbose": (2, 5)},
        "nothing, reasons; they choose differently": {"agree": False},
    }
    for name, more in uneven.items():
        rate = np.mean([_any_word(seed, more) for seed in range(repeats // 2)])
        print(f"| {name} | 40 | {repeats // 2} | {100 * rate:.1f} % |", flush=True)


def _any_word(seed: int, more: dict[str, object]) -> bool:
    said, labels = wordings(seed, **more)  # type: ignore[arg-type]
    made = items_from_wordings("reason", said, labels, names=NAMES, seed=seed, resamples=1)
    items = adjusted_together(made)
    return bool(find_fault_lines(items, embedder=word_embedder(), seed=0, resamples=0).lines)


def coverage(repeats: int) -> None:
    """How often a line's interval holds the true mean difference of its own items."""
    embedder = remembered(load_embedder())
    print("| people | lines | hold the truth | of one or two items | of more | broad | off by |")
    print("|---|---|---|---|---|---|---|")
    for people in (480, 240, 120, 60):
        held: list[tuple[bool, int, float]] = []
        wide: list[bool] = []
        for seed in range(repeats):
            truth = levels(seed, bank="town", people=people)
            keys = [str(number) for number in range(len(truth.texts))]
            items = items_from_votes(
                *(truth.votes, truth.labels),
                **{"names": NAMES, "keys": keys, "texts": truth.texts, "seed": seed},
            )
            found = find_fault_lines(adjusted_together(items), embedder=embedder, seed=seed)
            true = [_true_size(truth, line) for line in found.lines]
            for line, size in zip(found.lines, true, strict=True):
                # What is truly nothing is computed as nearly nothing.
                size = round(size, 9)
                held.append((line.low <= size <= line.high, len(line.items), line.size - size))
            for one in found.broad:
                sizes = [len(found.lines[place].items) for place in one.lines]
                size = float(np.average([true[place] for place in one.lines], weights=sizes))
                wide.append(one.low <= size <= one.high)
        hits, items_each, off = (np.array(column) for column in zip(*held, strict=True))
        parts = (hits, hits[items_each <= 2], hits[items_each > 2], np.array(wide))
        shares = " | ".join(f"{100 * one.mean():.1f} % of {len(one)}" for one in parts[1:])
        print(
            f"| {people} | {len(held)} | {100 * hits.mean():.1f} % | {shares} "
            f"| {np.mean(off):+.3f} |",
            flush=True,
        )


def _true_size(truth: Levels, line: FaultLine) -> float:
    """How far the line's own sides are apart in truth, on its own items."""
    sides = [[list("ABC").index(name) for name in side] for side in line.sides]
    gaps = []
    for item in line.items:
        shares = truth.shares[:, int(item.key)]
        gap = shares[sides[0]].mean() - shares[sides[1]].mean()
        gaps.append(-gap if item.favoured_by else gap)
    return float(np.mean(gaps))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--only", choices=["compare", "false", "coverage"])
    given = parser.parse_args()
    if given.only in (None, "compare"):
        for bank in ("town", "assistant"):
            print(f"\nWords of the bank {bank}:\n")
            compare(bank, given.repeats, SIZES if bank == "town" else SIZES[:1])
    if given.only in (None, "false"):
        false_lines(20 * given.repeats)
    if given.only in (None, "coverage"):
        coverage(given.repeats)


if __name__ == "__main__":
    main()
