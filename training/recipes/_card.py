"""The model card: what a checkpoint was made from and what it is not good for.

TRL's own card does not know a local base model and never our data, so ours is written instead.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from training.recipes._config import as_json
from training.recipes._files import write_json, write_text
from training.recipes._rows import Row
from training.recipes._run import Run
from training.recipes._tokens import Cuts

LIMITS = (
    "It learned from the communities named here and speaks for nobody else.",
    "It was tested on the held-out prompts of its own dataset only; safety was not tested.",
    "Weights that were trained on someone's answers cannot unlearn them: a withdrawal marks this "
    "model stale, it does not change it.",
)
LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate")


def write_card(run: Run, rows: Sequence[Row], cuts: Cuts, device: str) -> None:
    """card.json for machines and card.md for people, from the same facts."""
    facts = card_facts(run, rows, cuts, device)
    write_json(run.folder / "card.json", facts)
    write_text(run.folder / "card.md", card_text(facts))


def card_facts(run: Run, rows: Sequence[Row], cuts: Cuts, device: str) -> dict[str, Any]:
    """Everything the card says, as JSON."""
    config = run.config
    principles = [p for row in rows for p in row.principles]  # type: ignore[attr-defined]
    return {
        "recipe": config.recipe,
        "base": config.base,
        "snapshot": config.snapshot,
        "data_hash": run.data_hash,
        "constitution_version": config.constitution_version,
        "parameters": as_json(config),
        "rows": len(rows),
        "communities": dict(sorted(Counter(row.community for row in rows).items())),
        "principles": {str(k): n for k, n in sorted(Counter(principles).items())},
        "cut": {"prompts": cuts.prompts, "completions": cuts.completions, "of": cuts.seen},
        "device": device,
        "seconds": round(time.monotonic() - run.started, 1),
        "processor_seconds": round(time.process_time() - run.started_processor, 1),
        "peak_memory_mb": peak_memory_mb(),
        "peak_gpu_memory_mb": peak_gpu_memory_mb(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "limits": list(LIMITS),
        "about": config.about,
    }


def card_text(facts: dict[str, Any]) -> str:
    """The card as Markdown."""
    parameters = facts["parameters"]
    kind = "every weight" if parameters["lora"] is None else f"LoRA, rank {parameters['lora']['r']}"
    cut = facts["cut"]
    lines = [
        f"# Model card: {facts['recipe']} on {facts['base']}",
        "",
        f"- Base model: {facts['base']}",
        f"- Constitution: {facts['constitution_version'] or 'none was given'}",
        f"- Dataset snapshot: {facts['snapshot'] or 'none was given'}",
        f"- Data hash (SHA-256): {facts['data_hash']}",
        f"- Trained: {kind}; {parameters['max_steps']} steps of "
        f"{parameters['batch_size'] * parameters['gradient_accumulation']} rows, learning rate "
        f"{parameters['learning_rate']:g}, seed {parameters['seed']}, on {facts['device']}",
        f"- Cut to size: {cut['prompts']} prompts and {cut['completions']} completions of "
        f"{cut['of']} texts",
        *(f"- {name}: {text}" for name, text in facts["about"].items()),
        "",
        "## Communities",
        "",
        *(f"- {name}: {count} rows" for name, count in facts["communities"].items()),
        "",
        "## Limits",
        "",
        *(f"- {sentence}" for sentence in facts["limits"]),
        "",
    ]
    return "\n".join(lines)


def peak_memory_mb() -> int:
    """The most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20) if sys.platform == "darwin" else peak / 1024)


def peak_gpu_memory_mb() -> int:
    """The most memory this process has held on a GPU, in MB; 0 without one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0
    peak: int = torch.cuda.max_memory_allocated()
    return round(peak / (1 << 20))
