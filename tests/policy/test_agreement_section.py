"""What an analysis stores of agreement: alpha, across communities, and along every other line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from policy.computing.agreement import agreement_section
from policy.inputs import Judged, WorkshopAnswers
from policy.methods.agreement import krippendorff_alpha
from policy.methods.vote_table import vote_table


def answers_of(votes: NDArray[np.float64], towns: list[str], judged: Judged) -> WorkshopAnswers:
    people = [
        {"id": n, "pseudonym": f"p{n}", "community": town, "identity": ""}
        for n, town in enumerate(towns)
    ]
    return WorkshopAnswers(
        participants=people,
        communities=[{"slug": name, "name": name.title()} for name in sorted(set(towns))],
        statements=[{"id": n} for n in range(votes.shape[1])],
        cast=vote_table(votes),
        judged=judged,
        prompts={},
        completions={n: {"source": "s", "hash": f"{n:04}"} for n in range(200)},
        label_sets={},
        without_raters=False,
    )


NOBODY = Judged(*(np.zeros(shape, dtype) for shape, dtype in (
    (0, np.intp), ((0, 2), np.int64), (0, np.int64), (0, float))))  # fmt: skip


def voted(seed: int = 1) -> NDArray[np.float64]:
    """(24 people, 40 statements): two halves that see things the other way round."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([-1.0, 1.0], 40)
    own = np.repeat([1.0, -1.0], 12)[:, None] * truth
    return np.where(rng.random((24, 40)) < 0.8, own, rng.choice([-1.0, 0.0, 1.0], (24, 40)))


def section(**label_sets: Any) -> dict[str, Any]:
    towns = ["hill", "river"] * 12
    return agreement_section(answers_of(voted(), towns, NOBODY), 7, label_sets)


def test_alpha_is_stored_with_an_interval_over_people() -> None:
    found = section()["votes"]
    assert found["all"]["alpha"] == pytest.approx(krippendorff_alpha(voted().T).value)
    assert found["all"]["low"] < found["all"]["alpha"] < found["all"]["high"]
    assert found["all"]["n_people"] == 24
    assert set(found["communities"]) == {"hill", "river"}
    pair = found["across"][0]
    assert pair["xrr_low"] < pair["xrr"] < pair["xrr_high"]


def test_every_label_set_is_a_line_and_so_is_its_crossing_with_communities() -> None:
    halves = (np.repeat([0, 1], 12), ["first", "second"])
    axes = {one["axis"]: one for one in section(halves=halves)["votes"]["axes"]}
    assert set(axes) == {"communities", "halves", "communities × halves"}
    assert axes["halves"]["q"] < 0.02
    assert axes["communities"]["p"] > 0.05
    names = {group["name"] for group in axes["communities × halves"]["groups"]}
    assert "hill × first" in names


def test_groups_made_of_the_votes_are_not_tested_on_them() -> None:
    groups = (np.repeat([0, 1], 12), ["0", "1"])
    axes = {one["axis"]: one for one in section(opinion_groups=groups)["votes"]["axes"]}
    for name in ("opinion_groups", "communities × opinion_groups"):
        assert np.isnan(axes[name]["p"])
        assert "by construction" in axes[name]["note"]


def test_people_without_a_label_are_left_out_and_counted() -> None:
    some = (np.array([0] * 8 + [1] * 8 + [-1] * 8), ["a", "b"])
    axes = {one["axis"]: one for one in section(some=some)["votes"]["axes"]}
    assert (axes["some"]["n_people"], axes["some"]["left_out"]) == (16, 8)


def test_who_was_asked_twice_counts_once_with_the_later_answer() -> None:
    people = np.repeat(np.arange(12), 20)
    pairs = np.tile(np.arange(40).reshape(20, 2), (12, 1))
    rng = np.random.default_rng(3)
    said = (rng.random(240) < 0.7).astype(float)
    judged = Judged(people, pairs, pairs[:, 0], said)
    first = (people, pairs, pairs[:, 0], 1 - said)
    again = (people, pairs, pairs[:, 0], said)
    twice = Judged(*(np.concatenate(both) for both in zip(first, again, strict=True)))
    votes = np.full((12, 1), np.nan)
    towns = ["hill"] * 6 + ["river"] * 6
    one, other = (agreement_section(answers_of(votes, towns, j), 7) for j in (judged, twice))
    assert one["preferences"]["all"] == other["preferences"]["all"]
    assert one["votes"]["note"] == "Nobody voted."
