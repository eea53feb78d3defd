"""What an analysis stores of preferences: per community, leaning on others, with examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from policy.computing.preferences import fit_all, preference_section
from policy.inputs import Judged, WorkshopAnswers
from policy.methods.vote_table import vote_table

WORDS = "one two six ten red oak elm ash fig bay cat dog hen cow pig ant bee fly owl fox".split()
SOURCES = ("ash", "birch", "cedar")


def workshop(
    sizes: tuple[int, ...], pulls: tuple[float, ...], *, pairs: int = 30, seed: int = 1
) -> WorkshopAnswers:
    """Communities whose people differ in how much they like a long answer; all judge all pairs."""
    rng = np.random.default_rng(seed)
    people = [
        {"id": 100 * place + row, "pseudonym": f"p{place}{row}", "community": f"c{place}",
         "identity": ""}
        for place, size in enumerate(sizes)
        for row in range(size)
    ]  # fmt: skip
    completions = _completions(rng, pairs)
    length = np.array([len(completions[pk]["text"].split()) for pk in range(2 * pairs)])
    gap = np.log1p(length[::2]) - np.log1p(length[1::2])
    own = np.concatenate([rng.normal(pull, 0.3, n) for n, pull in zip(sizes, pulls, strict=True)])
    chance = 1 / (1 + np.exp(-own[:, None] * gap / gap.std()))
    answers = (rng.random(chance.shape) < chance).astype(float)
    return _answers(people, completions, answers, len(sizes))


def _completions(rng: np.random.Generator, pairs: int) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for pk in range(2 * pairs):
        words = rng.choice(WORDS, rng.integers(3, 60)).tolist()
        found[pk] = {
            "text": f"{' '.join(words)} {pk}",
            "source": SOURCES[(pk + pk // 2) % 3],
            "prompt": pk // 2,
            "hash": f"{pk:04}",
            "screening": "cleared",
        }
    return found


def _answers(
    people: list[dict[str, Any]],
    completions: dict[int, dict[str, Any]],
    answers: NDArray[np.float64],
    communities: int,
) -> WorkshopAnswers:
    n, pairs = answers.shape
    place = np.tile(np.arange(pairs), n)
    judged = Judged(
        people=np.repeat(np.arange(n), pairs),
        pairs=np.column_stack([2 * place, 2 * place + 1]),
        prompts=place,
        answers=answers.ravel(),
    )
    prompt = {"text": "Why?", "theme": "", "hash": "", "warning": "", "severe": False}
    return WorkshopAnswers(
        participants=people,
        communities=[{"slug": f"c{k}", "name": f"Community {k}"} for k in range(communities)],
        statements=[],
        cast=vote_table(np.zeros((n, 0))),
        judged=judged,
        prompts={number: {**prompt, "hash": f"{number:04}"} for number in range(pairs)},
        completions=completions,
        label_sets={},
        without_raters=False,
    )


def section(answers: WorkshopAnswers, identified: bool = True) -> dict[str, Any]:
    alike = [{"identified": identified}]
    return preference_section(answers, fit_all(answers), alike, seed=3)


def length_of(found: dict[str, Any] | None) -> dict[str, Any]:
    assert found is not None
    effects = found["themes"][""]["effects"]
    return next(one for one in effects if one["feature"] == "length")


def test_a_community_of_four_leans_on_the_others_and_says_so() -> None:
    found = section(workshop((40, 40, 4), (1.0, 1.0, 1.0)))["communities"]
    small, large = length_of(found["c2"]), length_of(found["c0"])
    assert small["shrunken"]["own"] < 0.5 < large["shrunken"]["own"]
    width = small["shrunken"]["high"] - small["shrunken"]["low"]
    assert width < 0.7 * (small["high"] - small["low"])
    assert small["shrunken"]["sentence"].startswith("Community 2 alone: chosen ")
    assert "leaning on the other communities" in small["shrunken"]["sentence"]


def test_everyone_together_is_pooled_where_all_judged_the_same() -> None:
    answers = workshop((30, 30), (1.5, -0.5))
    found = section(answers)
    assert found["pooled"]["people"] == 60
    ends = [length_of(found["communities"][slug])["log_odds"] for slug in ("c0", "c1")]
    assert min(ends) < length_of(found["pooled"])["log_odds"] < max(ends)


def test_communities_that_judged_other_pairs_do_not_lean_on_one_another() -> None:
    found = section(workshop((30, 30), (1.0, 1.0)), identified=False)
    assert found["pooled"] is None
    assert length_of(found["communities"]["c0"])["shrunken"] is None
    assert "judged different pairs" in found["notes"][0]


def test_drawing_people_again_gives_about_the_same_interval() -> None:
    effect = length_of(section(workshop((50,), (0.8,)))["communities"]["c0"])
    assert effect["boot_low"] < effect["log_odds"] < effect["boot_high"]
    ratio = (effect["boot_high"] - effect["boot_low"]) / (effect["high"] - effect["low"])
    assert 0.6 < ratio < 1.2


def test_examples_are_pairs_that_differ_in_it_and_were_answered_that_way() -> None:
    answers = workshop((30,), (1.0,))
    found = length_of(section(answers)["communities"]["c0"])["examples"]
    ours, other = found["for"], found["against"]
    assert ours["more"]["measure"] > ours["less"]["measure"]
    assert ours["chose_more"] > ours["chose_less"]
    assert other is None or other["chose_more"] < other["chose_less"]
    text = answers.completions[ours["more"]["completion"]]["text"]
    assert text.startswith(ours["more"]["quote"].rstrip("…"))


def test_severe_answers_are_named_and_not_quoted_and_withheld_ones_left_out() -> None:
    answers = workshop((30,), (1.0,))
    first = length_of(section(answers)["communities"]["c0"])["examples"]["for"]
    asked: Any = answers.prompts[first["prompt"]]
    asked["severe"] = True
    again = length_of(section(answers)["communities"]["c0"])["examples"]["for"]
    assert (again["prompt"], again["severe"]) == (first["prompt"], True)
    assert again["more"]["quote"] == again["less"]["quote"] == ""
    shown: Any = answers.completions[first["more"]["completion"]]
    shown["screening"] = "withheld"
    other = length_of(section(answers)["communities"]["c0"])["examples"]["for"]
    assert other["prompt"] != first["prompt"]


def test_sources_are_placed_over_all_and_by_community() -> None:
    found = section(workshop((30, 30, 5), (1.0, 1.0, 1.0)))["sources"]
    assert [one["source"] for one in found["strengths"]] != []
    assert set(found["communities"]) == {"c0", "c1", "c2"}
    small = found["communities"]["c2"]["strengths"][0]
    assert small["shrunken"]["own"] < 0.6
    beside = {one["source"]: one for one in found["beside_features"]["strengths"]}
    assert all(one["low"] < 0 < one["high"] for one in beside.values())


def test_the_numbers_of_completions_change_nothing() -> None:
    answers = workshop((20, 20), (0.7, 0.2))
    before = section(answers)
    renamed = {500 - pk: one for pk, one in answers.completions.items()}
    judged = answers.judged
    other = WorkshopAnswers(
        **{
            **{name: getattr(answers, name) for name in answers.__dataclass_fields__},
            "completions": renamed,
            "judged": Judged(judged.people, 500 - judged.pairs, judged.prompts, judged.answers),
        }
    )
    after = section(other)
    for slug in ("c0", "c1"):
        one, two = (length_of(found["communities"][slug]) for found in (before, after))
        assert one["log_odds"] == pytest.approx(two["log_odds"])
        assert one["examples"]["for"]["prompt"] == two["examples"]["for"]["prompt"]
