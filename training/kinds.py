"""Which recipe learns from which kind of dataset."""

from __future__ import annotations

from training.models import DatasetSnapshot, TrainingRun

Kind = DatasetSnapshot.Kind
# Made from a file that somebody brings, not from what people said here.
FROM_A_FILE = (Kind.VERIFIABLE, Kind.STEPWISE)
# Recipes that are not here learn from preference pairs.
LEARNS_FROM: dict[str, tuple[str, ...]] = {
    "sft": (Kind.SFT, Kind.REFUSALS),
    "kto": (Kind.THUMBS,),
    "reft": (Kind.VERIFIABLE,),
    "stepwise": (Kind.STEPWISE,),
    **dict.fromkeys(("grpo", "rloo", "ppo", "rejection"), (Kind.PREFERENCE, Kind.VERIFIABLE)),
}


def kinds_for(recipe: str) -> tuple[str, ...]:
    """The kinds of dataset that a recipe can be trained on."""
    return LEARNS_FROM.get(recipe, (Kind.PREFERENCE,))


def recipes_for(kind: str) -> list[tuple[str, str]]:
    """The recipes that can learn from a kind of dataset, as (value, label)."""
    return [
        (value, label) for value, label in TrainingRun.Recipe.choices if kind in kinds_for(value)
    ]
