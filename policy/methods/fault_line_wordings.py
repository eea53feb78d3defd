"""Words that some labels use more than others do when all have chosen the same thing.

Log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words",
Political Analysis 16:372), with two changes. What a label is expected to say is what everybody says
who chose the same in the same place, so that a word is not counted twice: once as the choice and
once as its reason. And people, not words, are the unit: one who writes much is still one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from policy.methods.fault_line_items import Draws, FaultItem, Kind, resampled_people
from policy.methods.fault_line_texts import TextTable, Wording, text_table
from policy.methods.label_sets import checked_labels
from policy.methods.words import terms

Numbers = NDArray[np.float64]
LEVEL = 0.05
# The prior weighs as much as this many words of everybody's.
PRIOR_WORDS = 50.0
FEWEST_PEOPLE = 5
FIRST_DRAWS, ALL_DRAWS = 999, 9999
BLOCK = 500


@dataclass(frozen=True)
class WordUse:
    """How labels use words; arrays are (labels, words) unless they say otherwise.

    people: how many of each label wrote where another label did too, (labels,). share: of a label's
    texts, how many would hold the word if all had chosen alike; error: its standard error,
    clustered by person. log_odds: of the word in a label's words against what is expected, and z,
    the same over its error. p: (words,) that no label differs, by permuting people.
    """

    words: tuple[str, ...]
    labels: NDArray[np.int64]
    people: NDArray[np.int64]
    share: Numbers
    error: Numbers
    log_odds: Numbers
    z: Numbers
    p: Numbers


def compare_words(
    wordings: Sequence[Wording], labels: ArrayLike, *, seed: int, fewest: int = FEWEST_PEOPLE
) -> WordUse:
    """Compare the words of labels, choice by choice.

    labels: (participants,) int, -1 for none. Words that fewer than `fewest` people wrote are left
    out, and of the rest all but the 150 that most people wrote. Where nothing can be compared
    there are no words. The order of texts and people changes nothing but the draws of p.
    """
    marks = checked_labels(labels, len(np.asarray(labels)))
    table = text_table(wordings, marks, fewest)
    names = np.unique(marks[marks >= 0])
    if not table.words:
        nothing = np.zeros((len(names), 0))
        people = np.zeros(len(names), dtype=np.int64)
        return WordUse((), names, people, *(nothing,) * 4, np.zeros(0))
    share, error = _shares(table)
    log_odds, z = _log_odds(table)
    people = np.array([np.unique(table.person[table.label == g]).size for g in range(len(names))])
    p = _permuted(table, seed)
    return WordUse(table.words, names, people, share, error, log_odds, z, p)


def items_from_wordings(
    kind: Kind,
    wordings: Sequence[Wording],
    labels: ArrayLike,
    *,
    names: Mapping[int, str],
    seed: int,
    resamples: int = 200,
) -> list[FaultItem]:
    """Words as items: the share of texts that hold them, with what else those texts say.

    names: label → name. q is left open, to be adjusted together with other items. People are
    resampled as they are for votes. Raises ValueError where a label has no name.
    """
    used = compare_words(wordings, labels, seed=seed)
    called = [names[int(label)] for label in used.labels]
    if not used.words:
        return []
    table = text_table(wordings, np.asarray(labels), FEWEST_PEOPLE)
    likely = np.flatnonzero(used.p <= LEVEL)
    drawn = _resampled(table, np.asarray(labels), likely, called, seed, resamples)
    about = _abouts(used.words, wordings)
    return [
        FaultItem(
            key=f"{kind}:{word}",
            text=word,
            kind=kind,
            values=dict(zip(called, used.share[:, column].tolist(), strict=True)),
            n=dict(zip(called, used.people.tolist(), strict=True)),
            errors=dict(zip(called, used.error[:, column].tolist(), strict=True)),
            q=float("nan"),
            draws=drawn.get(column, {}),
            p=float(used.p[column]),
            about=about[word],
            log_odds=dict(zip(called, used.log_odds[:, column].tolist(), strict=True)),
        )
        for column, word in enumerate(used.words)
    ]


def _shares(table: TextTable) -> tuple[Numbers, Numbers]:
    """(labels, words) standardised shares and their errors.

    A label's difference from the others is Mantel and Haenszel's: over choices, each weighing as
    much as it can tell about both.
    """
    everybody = np.asarray(table.there.mean(axis=0)).ravel()
    share = np.empty((table.n_labels, len(table.words)))
    error = np.empty_like(share)
    for g in range(table.n_labels):
        inside = (table.label == g).astype(np.float64)
        away, weight = _balanced(table, inside)
        rest = 1.0 - inside.mean()
        if weight <= 0:
            share[g], error[g] = np.nan, np.nan
            continue
        share[g] = everybody + rest * (away @ table.there) / weight
        parts = _by_person(table, sparse.diags(away) @ _residuals(table, None))
        error[g] = rest * _clustered(parts) / weight
    return np.clip(share, 0.0, 1.0), np.maximum(error, 1e-6)


def _balanced(table: TextTable, inside: Numbers) -> tuple[Numbers, float]:
    """(texts,) a label's texts less its part of each choice, and how much that can tell."""
    n = np.bincount(table.stratum)
    part = (np.bincount(table.stratum, inside) / n)[table.stratum]
    away = inside - part
    return away, float((away * inside).sum())


def _residuals(table: TextTable, length: Numbers | None) -> Numbers:
    """(texts, words) what each text holds less what its choice's texts hold.

    length: (texts,) words per text, where a word's part of all words counts; None: whether it is
    there.
    """
    size = np.ones(len(table.stratum)) if length is None else length
    strata = table.strata
    totals = np.maximum(np.asarray(strata @ size), 1e-12)
    rate = np.asarray((strata @ table.there).todense()) / totals[:, None]
    return np.asarray(table.there.toarray() - rate[table.stratum] * size[:, None])


def _by_person(table: TextTable, rows: Numbers) -> Numbers:
    """(people, words) sums over each person's texts."""
    _, place = np.unique(table.person, return_inverse=True)
    gather = sparse.csr_matrix((np.ones(len(place)), (place, np.arange(len(place)))))
    return np.asarray(gather @ rows)


def _clustered(parts: Numbers) -> Numbers:
    """(words,) standard error of a sum over people, who count as independent."""
    m = len(parts)
    return np.asarray(np.sqrt((parts**2).sum(axis=0) * m / max(m - 1, 1)))


def _log_odds(table: TextTable) -> tuple[Numbers, Numbers]:
    """(labels, words) Monroe's log-odds against what is expected, and over its clustered error."""
    length = table.length
    residuals = _residuals(table, length)
    counts = np.asarray(table.there.sum(axis=0)).ravel()
    prior = PRIOR_WORDS * counts / max(counts.sum(), 1.0)
    odds = np.zeros((table.n_labels, len(table.words)))
    z = np.zeros_like(odds)
    for g in range(table.n_labels):
        ours = table.label == g
        said = np.asarray(table.there[ours].sum(axis=0)).ravel()
        more = residuals[ours].sum(axis=0)
        total = length[ours].sum() + PRIOR_WORDS
        odds[g] = _logit((said + prior) / total) - _logit((said - more + prior) / total)
        rate = (said + prior) / total
        error = _clustered(_by_person(table, residuals * ours[:, None]))
        error = error / np.maximum(total * rate * (1 - rate), 1e-9)
        z[g] = odds[g] / np.maximum(error, 1e-9)
    return odds, z


def _logit(share: Numbers) -> Numbers:
    clipped = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(clipped / (1 - clipped)))


def _permuted(table: TextTable, seed: int) -> Numbers:
    """(words,) p that no label's words differ, by giving people one another's labels.

    Statistic: squares of labels' sums of residuals, each over its number of people. Words that the
    first 999 draws find unlikely get 9,999, so that they can stand up to many tests.
    """
    residuals = _by_person(table, _residuals(table, table.length))
    _, first = np.unique(table.person, return_index=True)
    label = table.label[first]
    counts = np.maximum(np.bincount(label, minlength=table.n_labels), 1)
    observed = _between(np.eye(table.n_labels)[label], counts, residuals)
    rng = np.random.default_rng(seed)
    p = _exceeding(rng, label, counts, residuals, observed, FIRST_DRAWS)
    again = np.flatnonzero(p <= 2 * LEVEL)
    if again.size:
        few = residuals[:, again]
        p[again] = _exceeding(rng, label, counts, few, observed[again], ALL_DRAWS)
    return p


def _between(member: Numbers, counts: NDArray[np.int64], residuals: Numbers) -> Numbers:
    sums = np.moveaxis(member, -1, -2) @ residuals
    return np.asarray((sums**2 / counts[:, None]).sum(axis=-2))


def _exceeding(
    rng: np.random.Generator,
    label: NDArray[np.int64],
    counts: NDArray[np.int64],
    residuals: Numbers,
    observed: Numbers,
    draws: int,
) -> Numbers:
    """(words,) the share of draws, and the data, that are as large."""
    beyond = np.zeros(residuals.shape[1])
    # Sums that differ in the last digit are the same sum.
    least = observed * (1 - 1e-9)
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        dealt = rng.permuted(np.tile(label, (size, 1)), axis=1)
        total = np.zeros((size, residuals.shape[1]))
        for g, count in enumerate(counts):
            total += ((dealt == g).astype(np.float64) @ residuals) ** 2 / count
        beyond += (total >= least).sum(axis=0)
    return np.asarray((1 + beyond) / (1 + draws))


def _resampled(
    table: TextTable,
    marks: NDArray[np.int64],
    columns: NDArray[np.intp],
    called: Sequence[str],
    seed: int,
    resamples: int,
) -> dict[int, dict[str, Draws]]:
    """Column → label → (resamples,) shares with people resampled."""
    if not columns.size:
        return {}
    weights = np.zeros((resamples, len(marks)))
    for people, drawn in resampled_people(marks, seed, resamples):
        weights[:, people] = drawn
    there = table.there[:, columns].toarray()
    strata = table.strata
    found = np.stack([_weighted(table, there, strata, w[table.person]) for w in weights])
    return {
        int(column): {name: found[:, row, place] for row, name in enumerate(called)}
        for place, column in enumerate(columns)
    }


def _weighted(
    table: TextTable, there: Numbers, strata: sparse.csr_matrix, weight: Numbers
) -> Numbers:
    """(labels, words) standardised shares where texts count so often."""
    everybody = weight @ there / weight.sum()
    n = np.maximum(np.asarray(strata @ weight), 1e-12)
    share = np.empty((table.n_labels, there.shape[1]))
    for g in range(table.n_labels):
        inside = (table.label == g).astype(np.float64)
        away = inside - (np.asarray(strata @ (weight * inside)) / n)[table.stratum]
        tells = float((weight * away * inside).sum())
        rest = 1.0 - float(weight @ inside / weight.sum())
        apart = (weight * away) @ there / tells if tells > 1e-9 else np.zeros(there.shape[1])
        share[g] = everybody + rest * apart
    return np.clip(share, 0.0, 1.0)


def _abouts(words: Sequence[str], wordings: Sequence[Wording]) -> dict[str, str]:
    """What each word is about: itself, and the three shortest texts that hold it."""
    texts = sorted({(len(one.text), one.text) for one in wordings})
    holding: dict[str, list[str]] = {word: [] for word in words}
    for _, text in texts:
        for word in set(terms(text, phrases=True)) & holding.keys():
            if len(holding[word]) < 3:
                holding[word].append(text)
    return {word: ". ".join([word, *found]) for word, found in holding.items()}
