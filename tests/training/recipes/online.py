"""Prompts, settings and planted rewards for tests of recipes that learn from their own words."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.training.recipes.directories import make_run, pair
from training.recipes._online_rewards import Reward, Written

KEPT = ("id", "prompt", "community", "weight")


def prompt(name: str, community: str = "upstream", **more: Any) -> dict[str, Any]:
    """One prompt that the model answers itself."""
    row = pair(name, community)
    return {**{key: row[key] for key in KEPT}, **more}


def prompts(count: int) -> list[dict[str, Any]]:
    """Prompts of two communities in turn."""
    return [prompt(f"t{i:02d}", ("upstream", "downstream")[i % 2]) for i in range(count)]


def make_online(
    folder: Path,
    base: Path,
    recipe: str,
    rows: list[dict[str, Any]],
    *,
    online: dict[str, Any] | None = None,
    **config: Any,
) -> Path:
    """A run directory of an online recipe, small and quick; every weight is trained."""
    settings = {"generations": 8, "new_tokens": 8, **(online or {})}
    values = {"batch_size": 16, "max_steps": 12, "lora": None, "learning_rate": 3e-3, **config}
    return make_run(folder, base, rows, [], recipe=recipe, online=settings, **values)


def share_of(letters: str) -> Callable[[Sequence[Written]], Any]:
    """A reward: how much of a completion is made of these letters."""

    def score(written: Sequence[Written]) -> Any:
        texts = [one.completion for one in written]
        return np.array([sum(c in letters for c in t) / max(len(t), 1) for t in texts])

    return score


def wants(letters: str, community: str = "", weight: float = 1.0) -> Reward:
    """A planted reward for letters, of a community."""
    return Reward(f"wants {letters}", share_of(letters), weight, community)
