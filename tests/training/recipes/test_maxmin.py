"""MaxMin on a planted truth of two communities: what the worse-off gains and the mean pays."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recipes.directories import metrics, read
from tests.training.recipes.online import make_online, prompts, wants
from training.recipes import grpo, maxmin
from training.recipes._online_rewards import Rewards, Written
from training.recipes._run import execute

pytestmark = pytest.mark.training
LETTERS = "abcdefghijklmnopqrstuvwxyz"
STRANGE = "\ufffd"  # bytes that are no letter of any alphabet
# No character is both, so what one community gains the other loses: shares sum to 1 at most.
MANY, FEW = wants(STRANGE, "many", 0.8), wants(LETTERS, "few", 0.2)
SETTINGS: dict[str, Any] = {"max_steps": 24, "learning_rate": 0.02}


def rewards_after(
    folder: Path, base: Path, recipe: Any, online: dict[str, Any]
) -> tuple[float, ...]:
    """Mean reward of many and of few over the last steps."""
    name = recipe.__name__.rpartition(".")[2]
    run = make_online(folder, base, name, prompts(24), online={"kl": 0.0, **online}, **SETTINGS)
    assert execute(name, lambda run: recipe.work(run, [MANY, FEW]), [str(run)]) == 0
    last = [row["rewards"] for row in metrics(run)[-4:]]
    return tuple(float(np.mean([row[part.name] for row in last])) for part in (MANY, FEW))


def test_the_least_rises_and_the_mean_pays_what_the_truth_says(tmp_path: Path, base: Path) -> None:
    summed = rewards_after(tmp_path / "sum", base, grpo, {})
    least = rewards_after(tmp_path / "least", base, maxmin, {})
    # In theory the sum goes to (1, 0), of mean .8, and MaxMin to (½, ½), of mean ½.
    assert min(summed) < 0.15
    assert min(least) > 0.35
    mean_of_people = [0.8 * many + 0.2 * few for many, few in (summed, least)]
    assert mean_of_people[0] > 0.65
    assert mean_of_people[1] == pytest.approx(0.5, abs=0.15)


def test_over_a_step_the_community_worst_off_decides_alone() -> None:
    written = [Written((), text, 1, "few", None) for text in (STRANGE, STRANGE, "ab")]
    for across, expected in (
        ("completion", [0, 0, 0]),
        ("mean", [0, 0, 1]),
        (None, [0.8, 0.8, 0.2]),
    ):
        totals, parts = Rewards([MANY, FEW], across).score(written)
        assert totals.tolist() == pytest.approx(expected)
        assert parts[MANY.name].tolist() == [1, 1, 0]


def test_maxmin_needs_rewards_of_two_communities(tmp_path: Path, base: Path) -> None:
    online = {"rewards": [{"kind": "length", "community": "many"}]}
    run = make_online(tmp_path, base, "maxmin", prompts(4), online=online)
    assert maxmin.main([str(run)]) == 2
    assert "at least two communities" in read(run, "error.json")["sentence"]
