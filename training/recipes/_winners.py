"""The best of several completions of each prompt, by a run's rewards."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.methods.choosing import best_of
from training.methods.rewards import Scores
from training.recipes._model import choose_device, load_base, load_tokenizer
from training.recipes._online_rewards import (
    Reward,
    Rewards,
    Written,
    across_of,
    make_rewards,
    named_apart,
)
from training.recipes._rows import PromptRow
from training.recipes._run import Run
from training.recipes._sampling import Drawn, drawn_for
from training.recipes._tokens import Encoder


class Sampled:
    """A model's completions of some prompts, and what each is rewarded with."""

    def __init__(
        self, run: Run, rows: Sequence[PromptRow], rewards: Sequence[Reward] | None = None
    ) -> None:
        self.run, self.rows = run, rows
        self.device = choose_device(run.config)
        self.encoder = Encoder(load_tokenizer(run.config), run.config)
        self.model: Any = load_base(run.config, self.device).eval()
        self.rewards: Rewards = (
            make_rewards(run, rows, self.device)
            if rewards is None
            else named_apart(rewards, across_of(run))
        )
        run.record_start()
        self.drawn: dict[str, Drawn] = drawn_for(run, self.model, self.encoder, rows)
        self.scores: dict[str, Scores] = {
            row.id: self.rewards.score(written(row, self.drawn[row.id]))[0]
            for row in rows
            if row.id in self.drawn
        }

    def best(self, row: PromptRow) -> tuple[str, float]:
        """The best completion of a prompt and its reward (NaN counts as the worst)."""
        scores = self.scores[row.id]
        i = best_of(np.asarray(scores, float).tolist())
        return self.drawn[row.id][i][0], float(scores[i])


def written(row: PromptRow, drawn: Drawn) -> list[Written]:
    """Completions of one prompt, as rewards read them."""
    return [Written(row.prompt, text, n, row.community, row.answer) for text, n in drawn]
