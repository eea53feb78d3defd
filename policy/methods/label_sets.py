"""Does a label set explain the votes, or could the labels have been dealt out at random?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from policy.methods.opinion_groups import Labels, split_people
from policy.methods.opinion_space import fit_opinion_space
from policy.methods.vote_table import VoteTable, vote_table

Sums = NDArray[np.float64]
STRATA = 5
LEVEL = 0.05
# A test on people drawn at random holds its level; beyond so many it gains nothing that is read.
LARGEST = 10_000
# Numbers of one block of shuffled memberships.
BLOCK = 16_000_000


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
    votes: ArrayLike | VoteTable, labels: ArrayLike, *, permutations: int = 999, seed: int
) -> LabelSetTest:
    """Test labels that were not computed from these votes.

    votes: (participants, statements) of -1, 0, 1; NaN where unseen, or a table of votes. labels:
    (participants,) int, -1 for no label; of more than 10,000 people so many are drawn. The
    statistic pools statements: Σ between-label sum of squares / Σ total, each over the people who
    saw the statement. Labels are shuffled among people who cast about as many votes, because how
    much one votes is no opinion. p = (1 + shuffles as large) / (1 + shuffles).
    Opinion groups computed from the same votes always pass: use `groups_explain_votes` for them.
    Raises ValueError for other votes or shapes. Source: Anderson 2001, Austral Ecology 26:32.
    """
    table = vote_table(votes)
    marks = checked_labels(labels, table.shape[0])
    rng = np.random.default_rng(seed)
    kept = np.flatnonzero((marks >= 0) & (table.seen_by > 0))
    if len(kept) > LARGEST:
        kept = np.sort(rng.choice(kept, LARGEST, replace=False))
    table = table.of_people(kept)
    names, members = np.unique(marks[kept], return_inverse=True)
    cast = _Cast(table)
    if len(names) < 2 or len(kept) <= len(names) or cast.total <= 0:
        return _untested(len(kept), len(names), cast.total)
    observed = float(cast.between(members[None], len(names))[0]) / cast.total
    strata = _strata(table.seen_by)
    shuffled = _shuffled_shares(cast, members, strata, rng, permutations)
    # Sums in another order differ in the last digits; that must not count as smaller.
    p = float(1 + (shuffled >= observed - 1e-12).sum()) / (1 + permutations)
    chance = float(shuffled.mean()) if permutations else float("nan")
    return LabelSetTest(
        observed,
        chance,
        p,
        len(kept),
        len(names),
        permutations,
        p > LEVEL,
        _sentence(observed, chance, p),
    )


def groups_explain_votes(
    votes: ArrayLike | VoteTable,
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
    table = vote_table(votes)
    if moderated_out is not None:
        table = table.of_statements(~np.asarray(moderated_out, dtype=bool))
    rng = np.random.default_rng(seed)
    if table.shape[0] > LARGEST:
        table = table.of_people(np.sort(rng.permutation(table.shape[0])[:LARGEST]))
    tests = []
    for _ in range(splits):
        order = rng.permutation(table.shape[1])
        half = table.shape[1] // 2
        one, other = (table.of_statements(np.sort(part)) for part in (order[:half], order[half:]))
        labels = split_people(fit_opinion_space(one), k=k, seed=seed)
        tests.append(explains_votes(other, labels, permutations=permutations, seed=seed))
    return _combined(tests, table.shape[0])


def checked_labels(labels: ArrayLike, n_people: int) -> Labels:
    """The labels as integers. Raises ValueError unless one per person."""
    marks = np.asarray(labels)
    if marks.shape != (n_people,):
        raise ValueError("There must be one label per person, -1 for none.")
    if marks.size and not np.issubdtype(marks.dtype, np.integer):
        raise ValueError("Labels must be whole numbers, -1 for none.")
    return marks.astype(np.int64)


class _Cast:
    """Votes laid out so that many divisions of the same people are summed at once.

    Sums of votes and counts of voters are whole numbers, exact in short floats; so what people add
    up to does not depend on their order.
    """

    def __init__(self, table: VoteTable) -> None:
        there = table.matrix(np.ones(len(table.choices), dtype=np.float32)).toarray()
        said = table.matrix(table.choices.astype(np.float32)).toarray()
        self.both = np.hstack([said, there])
        self.sums = self.both.sum(axis=0, dtype=np.float64)
        said_sum, seen = np.split(self.sums, 2)
        self.means = said_sum / np.maximum(seen, 1)
        squares = float((table.choices != 0).sum())
        self.total = max(0.0, squares - float((said_sum * self.means).sum()))

    def between(self, members: NDArray[np.intp], n_labels: int) -> Sums:
        """(divisions,) sum of squares between labels. members: (divisions, people) of labels."""
        rest = np.repeat(self.sums[None], len(members), axis=0)
        found = np.zeros(len(members))
        for label in range(n_labels - 1):
            inside = ((members == label).astype(np.float32) @ self.both).astype(np.float64)
            rest -= inside
            found += self._squares(inside)
        return found + self._squares(rest)

    def _squares(self, sums: Sums) -> Sums:
        said, seen = np.split(sums, 2, axis=1)
        return np.asarray(((said - seen * self.means) ** 2 / np.maximum(seen, 1)).sum(axis=1))


def _shuffled_shares(
    cast: _Cast,
    members: NDArray[np.intp],
    strata: list[NDArray[np.intp]],
    rng: np.random.Generator,
    permutations: int,
) -> Sums:
    """(permutations,) the share that shuffled labels explain."""
    n_labels = int(members.max()) + 1
    at_once = max(1, BLOCK // (len(members) + 2 * len(cast.sums)))
    found = []
    for start in range(0, permutations, at_once):
        size = min(at_once, permutations - start)
        dealt = np.stack([members[_shuffle(strata, rng)] for _ in range(size)])
        found.append(cast.between(dealt, n_labels) / cast.total)
    return np.concatenate(found) if found else np.zeros(0)


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
