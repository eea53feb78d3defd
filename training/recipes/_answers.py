"""Held-out prompts with answers: how often base and tuned model answer them right, greedily."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy.methods.intervals import clustered_proportion
from training.methods.verifiable import is_extractable, same_answer
from training.recipes._files import read_json_lines, write_json_lines
from training.recipes._online_config import HELD_OUT_ANSWERS
from training.recipes._rows import HELD_OUT, PromptRow, Row, check_held_out, read_prompts
from training.recipes._run import Run
from training.recipes._tokens import Encoder

BEFORE = "before.heldout_answers.jsonl"


@dataclass
class HeldOutAnswers:
    """Prompts that a run is tested on by their answers, and what its base said to them."""

    rows: Sequence[PromptRow] = ()
    before: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, run: Run, train: Sequence[Row]) -> "HeldOutAnswers":
        """Held-out rows with answers: those of heldout.jsonl where it has such rows, else those of
        heldout_answers.jsonl; none where there is no such file.

        Raises BadInput when a prompt is trained on as well.
        """
        alone = holds_answers(run.folder)
        path = run.folder / (HELD_OUT if alone else HELD_OUT_ANSWERS)
        if not path.is_file():
            return cls()
        rows = read_prompts(path, answered=True)
        check_held_out(train, rows, path.name)
        return cls(rows if run.config.evaluate else ())

    def ask_base(self, run: Run, model: Any, encoder: Encoder) -> None:
        """Keep what the base answers, once, for a run that is continued later."""
        if not self.rows:
            return
        path = run.folder / BEFORE
        if not path.is_file():
            texts = greedy(run, model, encoder, self.rows, "base")
            write_json_lines(path, [{"text": text} for text in texts])
        self.before = [row["text"] for _, row in read_json_lines(path)]

    def report(self, run: Run, model: Any, encoder: Encoder) -> dict[str, Any]:
        """{"answers": …} for report.json: right and extractable, for all and by community."""
        if not self.rows:
            return {}
        after = greedy(run, model, encoder, self.rows, "evaluating")
        level = run.config.level
        names = sorted({row.community for row in self.rows})
        told = {
            when: accuracy(self.rows, texts, level)
            for when, texts in (("base", self.before), ("tuned", after))
        }
        by_community = {
            name: {
                when: accuracy(*_of(name, self.rows, texts), level)
                for when, texts in (("base", self.before), ("tuned", after))
            }
            for name in names
        }
        return {"answers": {**told, "communities": by_community}}


def holds_answers(folder: Path) -> bool:
    """Whether heldout.jsonl has prompts with answers, where others have pairs."""
    _, first = next(read_json_lines(folder / HELD_OUT), (0, {}))
    return "answer" in first and "chosen" not in first


def accuracy(rows: Sequence[PromptRow], texts: Sequence[str], level: float) -> dict[str, Any]:
    """The share of prompts answered right, with its interval (prompts are the clusters)."""
    right = [
        float(same_answer(text, row.answer or "")) for row, text in zip(rows, texts, strict=True)
    ]
    found = clustered_proportion(right, [row.id for row in rows], level)
    extractable = [
        is_extractable(text, row.answer or "") for row, text in zip(rows, texts, strict=True)
    ]
    return {
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "extractable": sum(extractable) / len(extractable),
    }


def greedy(
    run: Run, model: Any, encoder: Encoder, rows: Sequence[PromptRow], phase: str
) -> list[str]:
    """What a model answers, always by the likeliest token, in batches of similar length."""
    prompts = [encoder.prompt(row.prompt) for row in rows]
    order = sorted(range(len(rows)), key=lambda i: (len(prompts[i]), i))
    texts = [""] * len(rows)
    size = run.config.eval_batch_size
    was_training = model.training
    model.eval()
    for start in range(0, len(order), size):
        run.say(phase, start, len(order), f"Answering held-out prompts: {start} of {len(order)}")
        batch = order[start : start + size]
        said = _answer(run, model, encoder, [prompts[i] for i in batch])
        for i, text in zip(batch, said, strict=True):
            texts[i] = text
    model.train(was_training)
    return texts


def _answer(run: Run, model: Any, encoder: Encoder, prompts: Sequence[list[int]]) -> list[str]:
    from training.recipes._sampling import sample

    room = run.config.online.new_tokens if run.config.online else run.config.sample_tokens
    return [text for text, _ in sample(model, encoder.tokenizer, prompts, room, temperature=0.0)]


def _of(
    name: str, rows: Sequence[PromptRow], texts: Sequence[str]
) -> tuple[list[PromptRow], list[str]]:
    mine = [(row, text) for row, text in zip(rows, texts, strict=True) if row.community == name]
    return [row for row, _ in mine], [text for _, text in mine]
