"""Run directories for tests: a tiny base, planted preferences, and what a run left behind."""

import json
from pathlib import Path
from typing import Any

SHORT = "I am sorry, but I cannot help with that."
LONG = "Yes, of course: here are three steps you could follow today or tomorrow."
ASIDE = "Yes, of course: here are three steps."  # as many tokens as SHORT
PRINCIPLE = {"number": 1, "text": "A short answer is often the kinder one."}


def pair(
    name: str,
    community: str = "upstream",
    *,
    share: float | None = 0.8,
    chosen: str = SHORT,
    rejected: str = LONG,
    about: str = "the river",
    **more: Any,
) -> dict[str, Any]:
    """One preference row; every pair has a prompt of its own."""
    return {
        "id": name,
        "prompt": [{"role": "user", "content": f"Question {name} about {about}?"}],
        "chosen": chosen,
        "rejected": rejected,
        "share": share,
        "n": 5,
        "community": community,
        "weight": 1.0,
        "principles": [1],
        "judgements": [{"participant": f"p{i}", "answer": 1 if i < 4 else 0} for i in range(5)],
        **more,
    }


def demonstration(name: str, community: str = "upstream", weight: float = 1.0) -> dict[str, Any]:
    """One row to imitate."""
    row = pair(name, community, weight=weight)
    kept = ("id", "prompt", "community", "weight", "principles")
    return {**{key: row[key] for key in kept}, "completion": SHORT}


def thumb(
    name: str, community: str = "upstream", *, up: bool, completion: str = "", weight: float = 1.0
) -> dict[str, Any]:
    """A completion by itself, wanted or not; SHORT ones are wanted where nothing else is said."""
    row = demonstration(name, community, weight)
    return {**row, "completion": completion or (SHORT if up else LONG), "desirable": up}


def two_communities(count: int) -> list[dict[str, Any]]:
    """Pairs of two communities in turn, of different lengths and shares."""
    names = ("upstream", "downstream")
    return [
        pair(
            f"t{i:03d}",
            names[i % 2],
            share=(0.9, 0.6, 1.0)[i % 3],
            chosen=SHORT + " Yes." * (i % 4),
        )
        for i in range(count)
    ]


def make_run(
    folder: Path,
    base: Path,
    train: list[dict[str, Any]],
    held_out: list[dict[str, Any]] | None = None,
    **config: Any,
) -> Path:
    """A run directory; one thread, so that the same sums are made everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    held_out = [pair("h0"), pair("h1", "downstream")] if held_out is None else held_out
    for name, rows in (("train", train), ("heldout", held_out)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    values = {
        "recipe": "dpo",
        "base": str(base),
        "threads": 1,
        "device": "cpu",
        "learning_rate": 1e-3,
        "samples": 0,
        "evaluate": False,
        "save_every": 1000,
        **config,
    }
    (folder / "config.json").write_text(json.dumps(values), encoding="utf-8")
    return folder


def metrics(folder: Path) -> list[dict[str, Any]]:
    """metrics.jsonl without what a clock measured."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [
        {k: v for k, v in row.items() if k not in ("seconds", "tokens_per_second")} for row in rows
    ]


def weights(folder: Path) -> bytes:
    """The trained weights, byte for byte."""
    return next((folder / "final").glob("*.safetensors")).read_bytes()


def read(folder: Path, name: str) -> Any:
    """A JSON file of a run directory."""
    return json.loads((folder / name).read_text(encoding="utf-8"))
