"""Does a label set explain the votes, or could the labels have been dealt out at random?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.opinion_groups import Labels, split_people
from policy.methods.opinion_space import Votes, checked_votes, fit_opinion_space

STRATA = 5
LEVEL = 0.05


@dataclass(frozen=True)
class LabelSetTest:
    """A permutation test of labels against votes.

    statistic: share of the variance in votes that lies between labels, in [0, 1]. chance: what
    shuffled labels explain on average. p: share of shuffles that explain as much. flagged: the
    labels explain no more than chance. NaN, and flagged, where there is nothing to test.
    """

    statistic: float
    chance: float
    p: float
    people: int
    label_count: int
    permutations: int
    flagged: bool
    sentence: str


def explains_votes(
    votes: ArrayLike, labels: ArrayLike, *, permutations: int = 999, seed: int
) -> LabelSetTest:
    """Test labels that were not computed from these votes.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen. labels: (participants,) int,
    -1 for no label. The statistic pools statements: Σ between-label sum of squares / Σ total, each
    over the people who saw the statement. Labels are shuffled among people who cast about as many
    votes, because how much one votes is no opinion. p = (1 + shuffles as large) / (1 + shuffles).
    Opinion groups computed from the same votes always pass: use `groups_explain_votes` for them.
    Raises ValueError for other votes or shapes. Source: Anderson 2001, Austral Ecology 26:32.
    """
    table = checked_votes(votes)
    marks = checked_labels(labels, len(table))
    seen = (~np.isnan(table)).sum(axis=1)
    kept = (marks >= 0) & (seen > 0)
    table, seen = table[kept], seen[kept]
    names, members = np.unique(marks[kept], return_inverse=True)
    filled, there = _centred(table)
    total = float((filled**2).sum())
    if len(names) < 2 or len(table) <= len(names) or total <= 0:
        return _untested(len(table), len(names), total)
    observed = _between(filled, there, members, len(names)) / total
    rng = np.random.default_rng(seed)
    strata = _strata(seen)
    shuffled = np.array(
        [
            _between(filled, there, members[_shuffle(strata, rng)], len(names)) / total
            for _ in range(permutations)
        ]
    )
    # Sums in another order differ in the last digits; that must not count as smaller.
    p = float(1 + (shuffled >= observed - 1e-12).sum()) / (1 + permutations)
    chance = float(shuffled.mean()) if permutations else float("nan")
    return LabelSetTest(
        observed,
        chance,
        p,
        len(table),
        len(names),
        permutations,
        p > LEVEL,
        _sentence(observed, chance, p),
    )


def groups_explain_votes(
    votes: ArrayLike,
    *,
    seed: int,
    k: int = 2,
    moderated_out: ArrayLike | None = None,
    splits: int = 5,
    permutations: int = 199,
) -> LabelSetTest:
    """Test opinion groups fairly: find them in half of the statements, test on the other half.

    As `explains_votes`; statistic and chance are medians over random halves, and p is twice the
    median p, which holds however the halves depend on one another. Small p: people who vote alike
    on some statements vote alike on others. Source: Meinshausen, Meier and Bühlmann 2009, JASA
    104:1671.
    """
    table = checked_votes(votes)
    if moderated_out is not None:
        table = table[:, ~np.asarray(moderated_out, dtype=bool)]
    rng = np.random.default_rng(seed)
    tests = []
    for _ in range(splits):
        order = rng.permutation(table.shape[1])
        half = table.shape[1] // 2
        labels = split_people(fit_opinion_space(table[:, order[:half]]), k=k, seed=seed)
        other = table[:, order[half:]]
        tests.append(explains_votes(other, labels, permutations=permutations, seed=seed))
    return _combined(tests, len(table))


def checked_labels(labels: ArrayLike, n_people: int) -> Labels:
    """The labels as integers. Raises ValueError unless one per person."""
    marks = np.asarray(labels)
    if marks.shape != (n_people,):
        raise ValueError("There must be one label per person, -1 for none.")
    if marks.size and not np.issubdtype(marks.dtype, np.integer):
        raise ValueError("Labels must be whole numbers, -1 for none.")
    return marks.astype(np.int64)


def _centred(table: Votes) -> tuple[Votes, Votes]:
    """Votes less their statement's mean (0 where unseen), and 1 where seen."""
    there = (~np.isnan(table)).astype(np.float64)
    filled = np.nan_to_num(table)
    filled -= there * filled.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return filled, there


def _between(filled: Votes, there: Votes, members: NDArray[np.intp], n_labels: int) -> float:
    membership = np.zeros((n_labels, len(members)))
    membership[members, np.arange(len(members))] = 1.0
    counts = np.maximum(membership @ there, 1.0)
    return float(((membership @ filled) ** 2 / counts).sum())


def _strata(seen: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    edges = np.unique(np.quantile(seen, np.linspace(0, 1, STRATA + 1)[1:-1]))
    levels = np.searchsorted(edges, seen, side="left")
    return [np.flatnonzero(levels == level) for level in np.unique(levels)]


def _shuffle(strata: Iterable[NDArray[np.intp]], rng: np.random.Generator) -> NDArray[np.intp]:
    parts = list(strata)
    order = np.empty(sum(len(part) for part in parts), dtype=np.intp)
    for part in parts:
        order[part] = rng.permutation(part)
    return order


def _combined(tests: list[LabelSetTest], n_people: int) -> LabelSetTest:
    made = [test for test in tests if not np.isnan(test.p)]
    if len(made) * 2 <= len(tests):
        return _untested(n_people, 0, 1.0)
    p = min(1.0, 2 * float(np.median([test.p for test in made])))
    observed = float(np.median([test.statistic for test in made]))
    chance = float(np.median([test.chance for test in made]))
    middle = made[0]
    fair = "Tested on statements the groups were not computed from."
    return LabelSetTest(
        observed,
        chance,
        p,
        middle.people,
        middle.label_count,
        middle.permutations,
        p > LEVEL,
        f"{fair} {_sentence(observed, chance, p)}",
    )


def _sentence(observed: float, chance: float, p: float) -> str:
    shares = (
        f"{100 * observed:.1f} % of the differences between votes, {100 * chance:.1f} % by chance"
    )
    if p > LEVEL:
        return f"These labels explain no more than chance would: {shares} (p = {p:.3f})."
    return f"These labels explain {shares} (p = {p:.3f})."


def _untested(people: int, label_count: int, total: float) -> LabelSetTest:
    if people and label_count == 1:
        sentence = "Everyone has the same label: there is nothing to compare."
    elif people and total <= 0:
        sentence = "Everyone who saw a statement voted alike: there is nothing to explain."
    else:
        sentence = "Too few people with a label voted to test these labels."
    nan = float("nan")
    return LabelSetTest(nan, nan, nan, people, label_count, 0, True, sentence)
