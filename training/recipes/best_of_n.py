"""Best of n by a reward, over a run directory: python -m training.recipes.best_of_n RUN_DIR

Nothing is trained: each prompt of train.jsonl (with its answer) is answered several times, and
report.json compares the first answer, the majority's, the best by the rewards (Stiennon et al.
2020), and the majority weighted by them (Li et al. 2023); with config.online.search, also a search
by steps (Snell et al. 2024). Leaves what was chosen in chosen.jsonl.
"""

import math
from collections.abc import Sequence
from typing import Any

from training.methods.choosing import Steps, majority, search_by_steps, weighted_majority
from training.methods.choosing import StepScorer as ScoreSteps
from training.methods.verifiable import last_number
from training.recipes._answers import accuracy
from training.recipes._card import write_card
from training.recipes._evaluate import without_pairs, write_report
from training.recipes._files import write_json_lines
from training.recipes._online import settings_of
from training.recipes._online_rewards import Reward, folder_of
from training.recipes._rows import TRAIN, PromptRow, read_prompts
from training.recipes._run import Run, execute
from training.recipes._sampling import sample, seeded
from training.recipes._steps import SEPARATOR, load_step_scorer
from training.recipes._winners import Sampled


def work(run: Run, rewards: Sequence[Reward] | None = None) -> None:
    """Answer, choose, compare, write the card. rewards: for tests."""
    rows = read_prompts(run.folder / TRAIN, answered=True)
    run.say("loading", 0, 1, "Loading the base model")
    sampled = Sampled(run, rows, rewards)
    rows = [row for row in rows if row.id in sampled.drawn]
    chosen = {name: [choose(sampled, row) for row in rows] for name, choose in _WAYS.items()}
    if settings_of(run).search:
        chosen["step_search"] = searched(sampled, rows)
    told = {name: accuracy(rows, texts, run.config.level) for name, texts in chosen.items()}
    lines = [
        {"id": row.id, **{name: texts[i] for name, texts in chosen.items()}}
        for i, row in enumerate(rows)
    ]
    write_json_lines(run.folder / "chosen.jsonl", lines)
    write_report(run, {**without_pairs(run), "n": settings_of(run).generations, "answers": told})
    write_card(run, rows, sampled.encoder.cuts, sampled.device)


def _first(sampled: Sampled, row: PromptRow) -> str:
    return sampled.drawn[row.id][0][0]


def _best(sampled: Sampled, row: PromptRow) -> str:
    return sampled.best(row)[0]


def _majority(sampled: Sampled, row: PromptRow) -> str:
    return majority(_answers(sampled, row)) or ""


def _weighted_majority(sampled: Sampled, row: PromptRow) -> str:
    """Weights are exponentials of rewards, so that each is positive and none of them is lost."""
    weights = [math.exp(score) if score == score else 0.0 for score in sampled.scores[row.id]]
    return weighted_majority(_answers(sampled, row), weights) or ""


_WAYS = {
    "first": _first,
    "majority": _majority,
    "best_of_n": _best,
    "weighted_majority": _weighted_majority,
}


def _answers(sampled: Sampled, row: PromptRow) -> list[str | None]:
    """The answer each completion comes to: its last number, or its last line."""
    return [answer_in(text) for text, _ in sampled.drawn[row.id]]


def answer_in(text: str) -> str | None:
    """What a completion comes to, as one text; None where it says nothing."""
    number = last_number(text)
    if number is not None:
        return str(number)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else None


def searched(sampled: Sampled, rows: Sequence[PromptRow]) -> list[str]:
    """For each prompt the solution that a beam over steps finds."""
    run = sampled.run
    online = settings_of(run)
    part = next(part for part in online.rewards if part.kind == "steps")
    scorer = load_step_scorer(folder_of(run, part), sampled.device)
    settings: Any = online.search
    found = []
    for i, row in enumerate(rows):
        run.say("searching", i, len(rows), f"Searching by steps: prompt {i + 1} of {len(rows)}")
        seeded(f"{run.config.seed} search {row.id}")
        steps = search_by_steps(
            lambda begun, count, row=row: next_steps(sampled, row, begun, count),  # type: ignore[misc]
            _scoring(scorer, row),
            beams=settings.beams,
            branches=settings.branches,
            depth=settings.depth,
        )
        found.append(SEPARATOR.join(steps))
    return found


def _scoring(scorer: Any, row: PromptRow) -> ScoreSteps:
    def score(solutions: Sequence[Steps]) -> list[list[float]]:
        scored: list[list[float]] = scorer.score([(row.prompt, steps) for steps in solutions])
        return scored

    return score


def next_steps(sampled: Sampled, row: PromptRow, begun: Steps, count: int) -> list[str]:
    """Ways to go on after some steps; an empty one where the model ends."""
    online, encoder = settings_of(sampled.run), sampled.encoder
    text = "".join(step + SEPARATOR for step in begun)
    ids = encoder.prompt(row.prompt)
    if text:
        ids = ids + encoder.tokenizer(text, add_special_tokens=False)["input_ids"]
    drawn = sample(
        sampled.model,
        encoder.tokenizer,
        [ids] * count,
        online.new_tokens,
        temperature=online.temperature,
    )
    return [text.split(SEPARATOR, 1)[0].strip() for text, _ in drawn]


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("best_of_n", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
