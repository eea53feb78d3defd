"""Which rewards a run learns from that writes its own completions, where nobody named them."""

from __future__ import annotations

from typing import Any

from training.errors import TrainingRefused
from training.models import Checkpoint, DatasetSnapshot

# These are told by numbers what is good; the others have a judge, or an answer to imitate.
BY_REWARD = ("grpo", "rloo", "maxmin", "ppo", "rejection")


def rewards_for(snapshot: DatasetSnapshot, recipe: str) -> dict[str, Any]:
    """The part "online" of a configuration: the latest reward models of this dataset.

    Empty where the dataset has answers that can be checked. maxmin takes models of one community
    each. Raises TrainingRefused when there are none yet.
    """
    if recipe not in BY_REWARD or snapshot.kind == DatasetSnapshot.Kind.VERIFIABLE:
        return {}
    done = Checkpoint.objects.filter(run__snapshot=snapshot, run__recipe="reward").order_by("-pk")
    for checkpoint in done.select_related("run"):
        each = bool((checkpoint.run.config.get("reward") or {}).get("per_community"))
        if each or recipe != "maxmin":
            return {"rewards": [{"kind": "model", "folder": checkpoint.folder}]}
    models = "reward models of each community" if recipe == "maxmin" else "reward models"
    raise TrainingRefused(
        f"The recipe {recipe} needs {models}: train the recipe reward on this dataset first."
    )
