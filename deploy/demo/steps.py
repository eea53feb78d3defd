"""The demo's main job: from answers to a report, one step at a time, each done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from deploy.demo.workshops import DEMO, DemoWorkshop
from elicitation.models import Workshop
from policy.models import Analysis, Constitution, ConstitutionVersion
from policy.services import draft_constitution
from training.models import Checkpoint, DatasetSnapshot, TrainingRun
from training.services import freeze_snapshot, prepare_run

# What two cores do in about two minutes; a GPU takes them in seconds and could do far more.
CAPS: dict[str, Any] = {
    "max_steps": 20,
    "batch_size": 4,
    "max_tokens": 128,
    "max_prompt_tokens": 64,
    "save_every": 10,
    "samples": 2,
    "sample_tokens": 40,
    "learning_rate": 1e-3,
    "group_robust": {"eta": 0.01},
}
HELD_OUT_ROWS = 30
SEED = 7


@dataclass(frozen=True)
class Piece:
    """One piece of background work the demo asks for: what to call and where pages find it."""

    say: str
    task: str
    subject: str
    arguments: dict[str, Any]


def pieces() -> Iterator[Piece]:
    """What is left to do, in order. Ask again after each piece: it depends on the one before."""
    for demo in DEMO:
        workshop = Workshop.objects.get(slug=demo.slug)
        if not Analysis.objects.filter(workshop=workshop).exists():
            yield Piece(
                f"Analysing “{workshop}”",
                "policy.tasks.analyse",
                f"analysis:{workshop.slug}",
                {"workshop_id": workshop.pk, "seed": SEED},
            )
        version = _version(workshop)
        if demo.trains:
            run = _run(version, demo)
            if not Checkpoint.objects.filter(run=run).exists():
                robust = ", group-robust" if run.config["group_robust"] else ""
                yield Piece(
                    f"Training on “{workshop}” ({run.recipe}{robust})",
                    "training.tasks.train",
                    run.subject,
                    {"run_id": run.pk},
                )


def next_piece() -> Piece | None:
    """The next piece of work, or None when the line is complete."""
    return next(pieces(), None)


def _version(workshop: Workshop) -> ConstitutionVersion:
    found = Constitution.objects.filter(workshops=workshop, community=None).first()
    if found is not None:
        return found.versions.latest()
    for seat in workshop.seats.select_related("community"):
        if workshop.seats.count() > 1:
            draft_constitution(workshop=workshop, community=seat.community)
    return draft_constitution(workshop=workshop)


def _run(version: ConstitutionVersion, demo: DemoWorkshop) -> TrainingRun:
    runs = TrainingRun.objects.filter(
        snapshot__constitution_version=version, snapshot__kind=DatasetSnapshot.Kind.PREFERENCE
    )
    found = runs.order_by("id").first()
    if found is not None:
        return found
    snapshot = freeze_snapshot(version=version, kind=DatasetSnapshot.Kind.PREFERENCE, seed=SEED)
    return prepare_run(
        snapshot=snapshot,
        recipe=TrainingRun.Recipe.DPO,
        overrides={**CAPS, "seed": SEED, **demo.overrides},
        held_out_rows=HELD_OUT_ROWS,
    )


Ask = Callable[[Piece], None]


def complete(ask: Ask) -> None:
    """Do every piece that is left, each by `ask`, which returns when it is done or raises."""
    while (piece := next_piece()) is not None:
        ask(piece)
