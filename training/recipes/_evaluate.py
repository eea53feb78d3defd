"""Asking base and tuned model about held-out pairs, and putting their answers into a report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from training.methods.evaluation import PairScores, evaluation_report
from training.recipes._files import read_json_lines, write_json, write_json_lines
from training.recipes._rows import (
    HELD_OUT,
    HELD_OUT_PEOPLE,
    Messages,
    PreferenceRow,
    read_preferences,
)
from training.recipes._run import Run
from training.recipes._tokens import Encoder, completion_log_probs, pad_batch


@dataclass(frozen=True)
class Measured:
    """One pair under one model: summed natural-log probabilities and token counts, each
    (chosen, rejected). counted: tokens the sums run over. lengths: tokens before any cut."""

    log_probs: tuple[float, float]
    counted: tuple[int, int]
    lengths: tuple[int, int]


def log_probs_of(
    run: Run,
    model: Any,
    encoder: Encoder,
    rows: Sequence[PreferenceRow],
    phase: str,
    sentence: str,
    known: dict[str, float] | None = None,
) -> dict[str, Measured]:
    """Row id → what the model makes of its pair.

    Each completion of a prompt is computed once, however many communities judged it and in
    whatever order, in batches of similar length. known: completions computed before, added to.
    """
    values = {} if known is None else known
    texts = {
        key: (row.prompt, completion)
        for row in rows
        for key, completion in zip(_keys_of(row), (row.chosen, row.rejected), strict=True)
    }
    encoded = {key: encoder.pair(*text) for key, text in texts.items()}
    size, new = run.config.eval_batch_size, [key for key in encoded if key not in values]
    keys = sorted(new, key=lambda key: (len(encoded[key][0]) + len(encoded[key][1]), key))
    batches = [keys[start : start + size] for start in range(0, len(keys), size)]
    done = 0
    for batch in run.in_part(phase, batches, [_cost(encoded[key] for key in b) for b in batches]):
        run.say(phase, done, len(keys), f"{sentence}: {done} of {len(keys)}")
        found = _log_probs(model, encoder, [encoded[key][:2] for key in batch])
        values.update(zip(batch, found, strict=True))
        done += len(batch)
    if run.trial:
        values.update({key: 0.0 for key in keys if key not in values})

    def measure(row: PreferenceRow) -> Measured:
        first, second = _keys_of(row)
        return Measured(
            (values[first], values[second]),
            (len(encoded[first][1]), len(encoded[second][1])),
            (encoded[first][2], encoded[second][2]),
        )

    return {row.id: measure(row) for row in rows}


def remembered_log_probs(
    run: Run, model: Any, encoder: Encoder, rows: Sequence[PreferenceRow], name: str, sentence: str
) -> dict[str, Measured]:
    """The base model's log-probabilities, kept in a file so that a run continued later uses the
    very same numbers. name: of the file in the run directory."""
    path = run.folder / name
    if path.is_file():
        kept = {row["id"]: _measured(row) for _, row in read_json_lines(path)}
        if set(kept) == {row.id for row in rows}:
            for row in rows:
                run.base_values.update(zip(_keys_of(row), kept[row.id].log_probs, strict=True))
            return kept
    found = log_probs_of(run, model, encoder, rows, "base", sentence, run.base_values)
    write_json_lines(
        path,
        [
            {"id": key, "log_probs": m.log_probs, "counted": m.counted, "lengths": m.lengths}
            for key, m in found.items()
        ],
    )
    return found


def desensitised_reference(
    run: Run,
    model: Any,
    encoder: Encoder,
    rows: Sequence[PreferenceRow],
    whole: dict[str, Measured],
) -> dict[str, Measured]:
    """The base model's log-probabilities with what is beyond the shorter completion's length
    counting `ld_alpha`. whole: what it makes of whole completions."""
    alpha, path = run.config.ld_alpha, run.folder / "reference_openings.jsonl"
    if not path.is_file():
        write_json_lines(path, _openings(run, model, encoder, rows))
    openings = {row["id"]: row["log_probs"] for _, row in read_json_lines(path)}
    found = {}
    for row in rows:
        parts = zip(whole[row.id].log_probs, openings[row.id], strict=True)
        chosen, rejected = [alpha * all_of_it + (1 - alpha) * start for all_of_it, start in parts]
        found[row.id] = replace(whole[row.id], log_probs=(chosen, rejected))
    return found


def _openings(
    run: Run, model: Any, encoder: Encoder, rows: Sequence[PreferenceRow]
) -> list[dict[str, Any]]:
    """Each pair's log-probabilities of as many tokens as the shorter completion has."""
    lines: list[dict[str, Any]] = []
    size = max(1, run.config.eval_batch_size // 2)
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    for batch in run.in_part("base", batches, [float(len(batch)) for batch in batches]):
        run.say("base", len(lines), len(rows), "The base model on the openings of training pairs")
        sequences = []
        for row in batch:
            pair = [encoder.pair(row.prompt, text)[:2] for text in (row.chosen, row.rejected)]
            shorter = min(len(tail) for _, tail in pair)
            sequences += [(head, tail[:shorter]) for head, tail in pair]
        found = _log_probs(model, encoder, sequences)
        for i, row in enumerate(batch):
            lines.append({"id": row.id, "log_probs": found[2 * i : 2 * i + 2]})
    if run.trial:
        known = {line["id"] for line in lines}
        lines += [{"id": row.id, "log_probs": (0.0, 0.0)} for row in rows if row.id not in known]
    return lines


@dataclass
class HeldOut:
    """The rows a run is tested on, and what its base made of them before training."""

    rows: dict[str, list[PreferenceRow]]
    before: dict[str, dict[str, Measured]]
    prompts: list[Messages]
    said_before: list[str]

    @classmethod
    def prepare(cls, run: Run, model: Any, encoder: Encoder) -> "HeldOut":
        """Read the held-out files and ask the base, once."""
        rows = read_held_out(run.folder)
        before = {
            name: remembered_log_probs(
                run, model, encoder, part, f"before.{name}", "The base model on held-out pairs"
            )
            for name, part in rows.items()
        }
        prompts = sample_prompts(rows[HELD_OUT], run.config.samples)
        path = run.folder / "before.samples.jsonl"
        if not path.is_file():
            texts = [{"text": text} for text in say(run, model, encoder, prompts, "base")]
            write_json_lines(path, texts)
        return cls(rows, before, prompts, [row["text"] for _, row in read_json_lines(path)])

    def report(self, run: Run, model: Any, encoder: Encoder) -> dict[str, Any]:
        """Ask the trained model the same, and compare. Returns the content of report.json."""
        parts = {}
        for name, rows in self.rows.items():
            after = log_probs_of(
                run, model, encoder, rows, "evaluating", "The trained model on held-out pairs"
            )
            scores = [_scores(row, self.before[name][row.id], after[row.id]) for row in rows]
            parts[name] = evaluation_report(scores, run.config.level)
        after_texts = say(run, model, encoder, self.prompts, "evaluating")
        samples = [
            {"prompt": list(prompt), "base": base, "tuned": tuned}
            for prompt, base, tuned in zip(self.prompts, self.said_before, after_texts, strict=True)
        ]
        return {
            "recipe": run.config.recipe,
            "base": run.config.base,
            "data_hash": run.data_hash,
            **parts[HELD_OUT],
            "held_out_people": parts.get(HELD_OUT_PEOPLE),
            "samples": samples,
        }


def without_pairs(run: Run) -> dict[str, Any]:
    """The content of report.json where no pair is held out: nothing of it is measured."""
    return {
        "recipe": run.config.recipe,
        "base": run.config.base,
        "data_hash": run.data_hash,
        **evaluation_report([], run.config.level),
    }


def read_held_out(folder: Path) -> dict[str, list[PreferenceRow]]:
    """Held-out rows by file name; the file of held-out people may be absent."""
    found = {HELD_OUT: read_preferences(folder / HELD_OUT, labelled=False)}
    if (folder / HELD_OUT_PEOPLE).is_file():
        found[HELD_OUT_PEOPLE] = read_preferences(folder / HELD_OUT_PEOPLE, labelled=False)
    return found


def write_report(run: Run, report: dict[str, Any]) -> None:
    """Put report.json in place."""
    write_json(run.folder / "report.json", report)


def sample_prompts(rows: Sequence[PreferenceRow], count: int) -> list[Messages]:
    """The first prompts by row id, each once."""
    seen: dict[str, Messages] = {}
    for row in rows:
        seen.setdefault(repr(row.prompt), row.prompt)
    return list(seen.values())[:count]


def say(
    run: Run, model: Any, encoder: Encoder, prompts: Sequence[Messages], phase: str
) -> list[str]:
    """What a model answers, greedily, so that base and tuned differ by training alone."""
    import torch

    texts = []
    was_training = model.training
    model.eval()
    for i, prompt in enumerate(run.in_part("samples", prompts, [1.0] * len(prompts))):
        run.say(phase, i, len(prompts), f"Writing sample {i + 1} of {len(prompts)}")
        ids = torch.tensor([encoder.prompt(prompt)], device=model.device)
        with torch.no_grad():
            made = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=run.config.sample_tokens,
                pad_token_id=encoder.tokenizer.pad_token_id,
                eos_token_id=encoder.tokenizer.eos_token_id,
            )
        new = made[0, ids.shape[1] :]
        texts.append(encoder.tokenizer.decode(new, skip_special_tokens=True))
    model.train(was_training)
    return texts + [""] * (len(prompts) - len(texts))  # in a dry run not all were written


def _keys_of(row: PreferenceRow) -> tuple[str, str]:
    """What tells two completions of prompts apart, for chosen and rejected."""
    return repr((row.prompt, row.chosen)), repr((row.prompt, row.rejected))


def _cost(encoded: Iterable[tuple[list[int], list[int], int]]) -> float:
    """Tokens of a batch with its padding."""
    lengths = [len(head) + len(tail) for head, tail, _ in encoded]
    return float(max(lengths) * len(lengths))


def _log_probs(
    model: Any, encoder: Encoder, sequences: Sequence[tuple[list[int], list[int]]]
) -> list[float]:
    import torch

    was_training = model.training
    model.eval()
    batch = pad_batch(sequences, encoder.tokenizer.pad_token_id)
    with torch.no_grad():
        placed = {name: tensor.to(model.device) for name, tensor in batch.items()}
        values: list[float] = completion_log_probs(model, placed).tolist()
    model.train(was_training)
    return values


def _measured(row: dict[str, Any]) -> Measured:
    chosen, rejected = row["log_probs"]
    return Measured((chosen, rejected), tuple(row["counted"]), tuple(row["lengths"]))


def _scores(row: PreferenceRow, before: Measured, after: Measured) -> PairScores:
    return PairScores(
        community=row.community,
        base=before.log_probs,
        tuned=after.log_probs,
        counted=after.counted,
        lengths=after.lengths,
        answers=[(j.participant, j.answer) for j in row.judgements],
        item=repr(sorted(_keys_of(row))),
    )
