"""Named changes of training: freeze a snapshot, start a run, stop it, record what came out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from elicitation.kernel.hashing import file_hash, plain
from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel, enqueue
from elicitation.models import Community, User, Withdrawal, Workshop
from policy.models import ConstitutionVersion
from training.building import Attached, build_rows
from training.errors import TrainingRefused
from training.kinds import kinds_for
from training.methods.rows import EVERYTHING
from training.methods.selection import Selection, as_plain, from_plain
from training.methods.splits import SPLITS
from training.models import Checkpoint, DatasetSnapshot, EvaluationReport, TrainingRun
from training.recipes._config import OWN, as_json, parse_config
from training.recipes._errors import BadInput
from training.rewarding import rewards_for
from training.snapshots import summary_of, write_snapshot

BASE_MODEL_FOLDER = "smollm2-135m-instruct"


def freeze_snapshot(
    *,
    version: ConstitutionVersion,
    kind: str,
    seed: int = 7,
    selection: Selection = EVERYTHING,
    attached: Attached | None = None,
    by: User | None = None,
) -> DatasetSnapshot:
    """Freeze the rows that a constitution version's answers make now; the same rows, once.

    attached: the file that rows of kind verifiable or stepwise come from. Builds rows in numeric
    code: call it from a command or the worker. Raises TrainingRefused.
    """
    _check_request(version, kind)
    before = _times_taken_back(version)
    built = build_rows(version, kind, seed, selection, attached)
    name, folder, summary = write_snapshot(built, version, kind, seed, selection, attached)
    with transaction.atomic():
        # Whoever takes answers back locks the workshop too: one of us sees the other.
        list(Workshop.objects.select_for_update(no_key=True).filter(pk__in=_workshops(version)))
        if _times_taken_back(version) != before:
            _forget_folder(name, folder)
            raise TrainingRefused(
                "Somebody took answers back while this was being frozen. Freeze it again."
            )
        snapshot, _ = DatasetSnapshot.objects.get_or_create(
            hash=name,
            defaults={
                "kind": kind,
                "constitution_version": version,
                "folder": str(folder),
                "rows": sum(summary["splits"].values()),
                "summary": summary,
                "created_by": by,
            },
        )
    if "destroyed" in snapshot.summary:
        raise TrainingRefused(
            "The same rows were frozen before, and destroyed when somebody took answers back. "
            "Freeze them with another seed."
        )
    return snapshot


def preview_snapshot(
    *,
    version: ConstitutionVersion,
    kind: str,
    seed: int = 7,
    selection: Selection = EVERYTHING,
    attached: Attached | None = None,
) -> dict[str, Any]:
    """What a dataset would say of itself, with nothing written. Raises TrainingRefused."""
    _check_request(version, kind)
    built = build_rows(version, kind, seed, selection, attached)
    return summary_of(built, version, selection, attached)


def _check_request(version: ConstitutionVersion, kind: str) -> None:
    if version.stale_because:
        raise TrainingRefused(f"{version} is stale: {version.stale_because}")
    if kind not in DatasetSnapshot.Kind.values:
        known = ", ".join(DatasetSnapshot.Kind.values)
        raise TrainingRefused(f"A snapshot is of kind {known}, not {kind}.")


def _workshops(version: ConstitutionVersion) -> list[int]:
    return list(version.constitution.workshops.order_by("pk").values_list("pk", flat=True))


def _times_taken_back(version: ConstitutionVersion) -> int:
    """How often people of these workshops have taken back answers or their use in training."""
    touching = (Withdrawal.Scope.ALL, Withdrawal.Scope.ANSWERS, Withdrawal.Scope.TRAINING)
    return Withdrawal.objects.filter(
        participant__workshop__in=_workshops(version), scope__in=touching
    ).count()


def _forget_folder(name: str, folder: Path) -> None:
    """Remove rows that nothing records."""
    if not DatasetSnapshot.objects.filter(hash=name).exists():
        shutil.rmtree(folder, ignore_errors=True)


def ask_for_snapshot(
    *,
    version: ConstitutionVersion,
    kind: str,
    seed: int = 7,
    selection: Selection = EVERYTHING,
    only_look: bool = False,
    by: User | None = None,
) -> Work:
    """Hand the freezing to the worker, as a page does. only_look: say what it would be, no more."""
    return enqueue(
        "training.tasks.freeze",
        subject=f"snapshot:{version.pk}",
        version_id=version.pk,
        kind=kind,
        seed=seed,
        selection=as_plain(selection),
        only_look=only_look,
        by_id=by.pk if by else None,
    )


def prepare_run(
    *,
    snapshot: DatasetSnapshot,
    recipe: str,
    base: str = "",
    overrides: Mapping[str, Any] | None = None,
    held_out_rows: int | None = None,
    by: User | None = None,
) -> TrainingRun:
    """Make a run and its directory: configuration and rows, ready for the recipe's program.

    base: a path or hub id; empty for the installation's own small model. overrides: fields of the
    recipe's configuration. held_out_rows: measure on this many rows of each held-out split at most,
    shared equally among communities. Raises TrainingRefused, leaving nothing behind.
    """
    config = _settled(snapshot, recipe, base, overrides, held_out_rows)
    with transaction.atomic():
        # Rows that are being destroyed at this moment must not be copied once more.
        snapshot = DatasetSnapshot.objects.select_for_update(no_key=True).get(pk=snapshot.pk)
        _must_be_fresh(snapshot)
        run = TrainingRun.objects.create(
            snapshot=snapshot,
            recipe=recipe,
            base=config["base"],
            config=config,
            folder="",
            created_by=by,
        )
        run.folder = str(_make_run_directory(run, config, held_out_rows))
        run.save(update_fields=["folder"])
    return run


@transaction.atomic
def start_training(
    *,
    snapshot: DatasetSnapshot,
    recipe: str,
    base: str = "",
    overrides: Mapping[str, Any] | None = None,
    held_out_rows: int | None = None,
    by: User | None = None,
) -> TrainingRun:
    """Prepare a run and hand it to the worker; the same asked twice at once is one run.

    Raises TrainingRefused.
    """
    # A second click waits here, and then finds the first one's run.
    DatasetSnapshot.objects.select_for_update(no_key=True).get(pk=snapshot.pk)
    config = _settled(snapshot, recipe, base, overrides, held_out_rows)
    for earlier in TrainingRun.objects.filter(snapshot=snapshot, recipe=recipe):
        work = Work.objects.latest_for(earlier.subject)
        if work is not None and work.is_open and earlier.config == config:
            return earlier
    run = prepare_run(
        snapshot=snapshot,
        recipe=recipe,
        base=base,
        overrides=overrides,
        held_out_rows=held_out_rows,
        by=by,
    )
    enqueue("training.tasks.train", subject=run.subject, max_attempts=5, run_id=run.pk)
    return run


def _settled(
    snapshot: DatasetSnapshot,
    recipe: str,
    base: str,
    overrides: Mapping[str, Any] | None,
    held_out_rows: int | None,
) -> dict[str, Any]:
    """The whole configuration of a run, defaults and base spelled out. Raises TrainingRefused."""
    _check_snapshot(snapshot, recipe)
    chosen = dict(overrides or {})
    if held_out_rows is not None:
        chosen["about"] = {"held out": f"at most {held_out_rows} rows of each held-out split"}
    if "online" in OWN.get(recipe, ()):
        named = dict(chosen.get("online") or {})
        chosen["online"] = named if "rewards" in named else named | rewards_for(snapshot, recipe)
    base = base or settings.BASE_MODEL or str(base_model_folder())
    return _config(snapshot, recipe, base, chosen)


def cancel_training(run: TrainingRun) -> bool:
    """Stop a run; its directory stays and can be continued. False when it had ended already."""
    work = Work.objects.latest_for(run.subject)
    return work is not None and cancel(work)


@transaction.atomic
def continue_training(run: TrainingRun) -> Work:
    """Take up a stopped run from its last complete checkpoint. Raises TrainingRefused."""
    # Two workers would write one run directory if it were asked twice at once.
    TrainingRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if Checkpoint.objects.filter(run=run).exists():
        raise TrainingRefused(f"{run} is done; start a new run instead.")
    work = Work.objects.latest_for(run.subject)
    if work is not None and work.status in (Work.Status.QUEUED, Work.Status.RUNNING):
        raise TrainingRefused(f"{run} is under way already.")
    _check_snapshot(run.snapshot, run.recipe)
    return enqueue("training.tasks.train", subject=run.subject, max_attempts=5, run_id=run.pk)


def record_outcome(
    run: TrainingRun, *, folder: Path, weights_hash: str, step: int, report: Any, charts: Any
) -> EvaluationReport | None:
    """Store a finished run's weights and, where it was evaluated, its report. Once per run."""
    checkpoint, _ = Checkpoint.objects.get_or_create(
        run=run,
        defaults={"folder": str(folder), "weights_hash": weights_hash, "step": step},
    )
    if report is None:
        return None
    worst = ((report.get("worst") or {}).get("community")) or ""
    stored, _ = EvaluationReport.objects.get_or_create(
        checkpoint=checkpoint,
        defaults={
            "result": report,
            "charts": charts,
            "worst_community": Community.objects.filter(slug=worst).first(),
        },
    )
    return stored


def read_metrics(run: TrainingRun) -> list[dict[str, Any]]:
    """What a run measured while training, one entry per logged step; empty before the first."""
    path = Path(run.folder) / "metrics.jsonl"
    if not path.is_file():
        return []
    # A line being written has no end yet, and is left for the next look.
    return [json.loads(line) for line in path.read_text().split("\n")[:-1] if line]


def base_model_folder() -> Path:
    """Where the small model that a registry package carries is unpacked, once."""
    return Path(settings.FOLKMOOT_HOME) / "models" / BASE_MODEL_FOLDER


def _must_be_fresh(snapshot: DatasetSnapshot) -> None:
    if snapshot.stale_because:
        raise TrainingRefused(f"{snapshot} is stale: {snapshot.stale_because}")


def _check_snapshot(snapshot: DatasetSnapshot, recipe: str) -> None:
    _must_be_fresh(snapshot)
    if recipe not in TrainingRun.Recipe.values:
        known = ", ".join(TrainingRun.Recipe.values)
        raise TrainingRefused(f"There is no recipe {recipe}. There are: {known}.")
    wanted = kinds_for(recipe)
    if snapshot.kind not in wanted:
        raise TrainingRefused(
            f"The recipe {recipe} needs a snapshot of kind {' or '.join(wanted)}; "
            f"this one is {snapshot.kind}."
        )
    files = [Path(snapshot.folder) / f"{split}.jsonl" for split in SPLITS]
    if not all(file.is_file() for file in files):
        raise TrainingRefused(f"{snapshot} has lost its files in {snapshot.folder}.")
    frozen = snapshot.summary.get("files", {})
    for file in files:
        if frozen and file_hash(file) != frozen[file.name]:
            raise TrainingRefused(
                f"{file.name} of {snapshot} is not what was frozen: it was changed since. "
                "Freeze the dataset again."
            )


def _config(
    snapshot: DatasetSnapshot, recipe: str, base: str, overrides: Mapping[str, Any]
) -> dict[str, Any]:
    version = snapshot.constitution_version
    decided = {
        "recipe": recipe,
        "base": base,
        "snapshot": snapshot.hash,
        "constitution_version": f"{version} ({version.content_hash[:12]})",
        "constitution": _articles(snapshot),
    }
    if clashing := sorted(decided.keys() & overrides.keys()):
        raise TrainingRefused(f"A run's own record decides {', '.join(clashing)}.")
    try:
        settled = parse_config(json.loads(json.dumps({**decided, **overrides})))
    except BadInput as error:
        raise TrainingRefused(str(error)) from error
    # As the database will give it back, so that two asked-for runs can be compared.
    configuration: dict[str, Any] = plain(as_json(settled))
    return configuration


def _articles(snapshot: DatasetSnapshot) -> list[dict[str, Any]]:
    """The principles as a judge samples them, by the weights that the dataset was asked with."""
    selection = from_plain(snapshot.summary.get("selection", {}))
    return [
        {"number": p.number, "text": p.text, "status": p.status}
        | {"weight": selection.principle_weight(p.number)}
        for p in snapshot.constitution_version.principles.all()
    ]


def _make_run_directory(
    run: TrainingRun, config: Mapping[str, Any], held_out_rows: int | None
) -> Path:
    """runs/<number>-<recipe>, made beside its place and renamed there."""
    home = Path(settings.FOLKMOOT_HOME) / "runs"
    folder = home / f"{run.pk:04d}-{run.recipe}-{run.snapshot.hash[:8]}"
    workbench = folder.with_name(f".making-{folder.name}")
    for leftover in (folder, workbench):
        # A run that was never recorded can have left a directory under a number given anew.
        shutil.rmtree(leftover, ignore_errors=True)
    workbench.mkdir(parents=True)
    try:
        _fill(workbench, Path(run.snapshot.folder), config, held_out_rows)
        os.replace(workbench, folder)
    finally:
        shutil.rmtree(workbench, ignore_errors=True)
    return folder


def _fill(folder: Path, source: Path, config: Mapping[str, Any], held_out_rows: int | None) -> None:
    """Copy a snapshot's rows, measuring on no more of them than asked."""
    shutil.copyfile(source / "train.jsonl", folder / "train.jsonl")
    for split in ("heldout", "heldout_people"):
        # By line feeds alone: people's words hold other ends of lines.
        lines = (source / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        kept = lines if held_out_rows is None else _in_turn(lines, held_out_rows)
        text = "".join(f"{line}\n" for line in kept)
        (folder / f"{split}.jsonl").write_text(text, encoding="utf-8", newline="\n")
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")


def _in_turn(lines: list[str], limit: int) -> list[str]:
    """At most `limit` rows, communities taking turns; rows come named by hash, so by lot."""
    queues: dict[str, list[str]] = {}
    for line in lines:
        queues.setdefault(json.loads(line).get("community", ""), []).append(line)
    turns = zip_longest(*(queues[name] for name in sorted(queues)))
    return [line for turn in turns for line in turn if line is not None][:limit]
