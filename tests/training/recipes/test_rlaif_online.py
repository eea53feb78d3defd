"""A judge that reads principles rewards completions while the model learns."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.recipes.directories import PRINCIPLE, metrics, read
from tests.training.recipes.online import make_online, prompts
from training.recipes import rlaif_online
from training.recipes._run import execute

pytestmark = pytest.mark.training
JUDGED: dict[str, Any] = {"constitution": [PRINCIPLE], "judge": {"principles_per_pair": 1}}


def likes_e(_conversation: Any, a: str, b: str, _principle: str) -> float:
    """Prefers more of the letter, and whatever stands first: both orders take that out."""
    log_odds = 8 * (a.count("e") / max(len(a), 1) - b.count("e") / max(len(b), 1)) + 2
    return float(1 / (1 + np.exp(-log_odds)))


def test_the_model_comes_to_write_what_the_judge_prefers(tmp_path: Path, base: Path) -> None:
    settings = {"max_steps": 16, "learning_rate": 0.03, "batch_size": 16}
    run = make_online(tmp_path, base, "rlaif_online", prompts(16), **settings, **JUDGED)
    seen: list[str] = []

    def judge(conversation: Any, a: str, b: str, principle: str) -> float:
        seen.append(a)
        return likes_e(conversation, a, b, principle)

    work = lambda run: rlaif_online.work(run, judge)  # noqa: E731
    assert execute("rlaif_online", work, [str(run)]) == 0
    # Siblings share a half of wins whatever the judge says, so what rises is what it likes.
    assert metrics(run)[-1]["reward"] == pytest.approx(0.5)
    first, last = "".join(seen[:100]), "".join(seen[-100:])
    assert last.count("e") / len(last) > 2 * first.count("e") / len(first)


def test_the_base_itself_can_be_asked(tmp_path: Path, base: Path) -> None:
    online = {"generations": 2}
    settings = {"batch_size": 2, "max_steps": 1}
    run = make_online(
        tmp_path, base, "rlaif_online", prompts(1), online=online, **settings, **JUDGED
    )
    assert rlaif_online.main([str(run)]) == 0
    assert metrics(run)[0]["rewards"]["judge"] == pytest.approx(0.5)
    (run / "card.json").unlink()
    assert rlaif_online.main([str(run)]) == 0  # the same command only finishes it


def test_a_judge_needs_principles(tmp_path: Path, base: Path) -> None:
    run = make_online(tmp_path, base, "rlaif_online", prompts(2))
    assert rlaif_online.main([str(run)]) == 2
    assert '"constitution" is empty' in read(run, "error.json")["sentence"]
