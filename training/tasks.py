"""What the worker does for training. Each task can be started again after its machine died."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from elicitation.kernel.hashing import content_hash, file_hash
from elicitation.kernel.work import WorkHandle
from elicitation.models import User
from policy.models import ConstitutionVersion
from training.errors import TrainingRefused
from training.methods.selection import from_plain
from training.models import TrainingRun
from training.services import (
    base_model_folder,
    freeze_snapshot,
    preview_snapshot,
    read_metrics,
    record_outcome,
)

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_END = 30.0


def freeze(
    work: WorkHandle,
    *,
    version_id: int,
    kind: str,
    seed: int,
    selection: dict[str, Any] | None = None,
    only_look: bool = False,
    by_id: int | None = None,
) -> dict[str, Any]:
    """Freeze one snapshot: {"snapshot": hash}. only_look: {"preview": what it would say}."""
    work.report(say="Reading answers and building rows")
    version = ConstitutionVersion.objects.get(pk=version_id)
    asked = from_plain(selection or {})
    if only_look:
        found = preview_snapshot(version=version, kind=kind, seed=seed, selection=asked)
        return {"preview": found | {"kind": kind, "seed": seed}}
    by = User.objects.filter(pk=by_id).first() if by_id else None
    snapshot = freeze_snapshot(version=version, kind=kind, seed=seed, selection=asked, by=by)
    return {"snapshot": snapshot.hash}


def train(work: WorkHandle, *, run_id: int) -> dict[str, Any]:
    """Run one recipe's program over its directory, and record what it leaves.

    The program resumes from its last complete checkpoint by itself, so a second attempt is the
    same call. It stays in this process group, so cancelling the work stops it too.
    """
    from training.charts import report_charts
    from training.reading import community_names

    run = TrainingRun.objects.select_related("snapshot").get(pk=run_id)
    if run.snapshot.stale_because:
        raise TrainingRefused(f"{run.snapshot} is stale: {run.snapshot.stale_because}")
    folder = Path(run.folder)
    if run.base == str(base_model_folder()):
        work.report(say="Unpacking the base model (once)")
        _program(work, folder, "base_model", str(base_model_folder()))
    _program(work, folder, run.recipe, str(folder))
    report = _json(folder / "report.json")
    final = folder / "final"
    weights = _weights_hash(final)
    if not weights:
        raise TrainingRefused(f"{run} ended without weights; see {folder / 'log.txt'}.")
    names = community_names(run.snapshot.constitution_version)
    charts = report_charts(read_metrics(run), report, names)
    with work.fenced():
        record_outcome(
            run,
            folder=final,
            weights_hash=weights,
            step=int(run.config["max_steps"]),
            report=report,
            charts=charts,
        )
        work.finish({"run": run.pk})
    return {"run": run.pk}


def try_out(run: TrainingRun) -> str:
    """A sentence on what a run would take, found by its program's dry run; nothing is trained.

    Raises TrainingRefused with the program's own sentence.
    """
    recipe = f"training.recipes.{run.recipe}"
    commands = [[recipe, run.folder, "--dry-run"]]
    if run.base == str(base_model_folder()):
        commands.insert(0, ["training.recipes.base_model", run.base])
    for command in commands:
        done = subprocess.run(  # noqa: S603  our own module, no shell
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise TrainingRefused((done.stderr.strip().splitlines() or [f"{recipe} failed."])[-1])
    sentence: str = _json(Path(run.folder) / "estimate.json")["sentence"]
    return sentence


def _program(work: WorkHandle, folder: Path, recipe: str, argument: str) -> None:
    """Run `python -m training.recipes.<recipe> <argument>` and pass its progress on."""
    with (folder / "log.txt").open("ab") as log:
        program = subprocess.Popen(  # noqa: S603  our own module, no shell
            [sys.executable, "-m", f"training.recipes.{recipe}", argument],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while program.poll() is None:
                _pass_on(work, folder)
                time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            if program.poll() is None:
                _stop(program)
    if program.returncode:
        raise TrainingRefused(_why(folder, recipe, program.returncode))


def _stop(program: subprocess.Popen[bytes]) -> None:
    """End the program, asking first: what it saves last may take a while."""
    program.terminate()
    try:
        program.wait(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _pass_on(work: WorkHandle, folder: Path) -> None:
    progress = _json(folder / "progress.json")
    if progress:
        work.report(progress.get("done"), progress.get("of"), progress.get("say", ""))
    elif work.cancelled():
        raise TrainingRefused("The run was cancelled.")


def _weights_hash(final: Path) -> str:
    """The hash of the weights, of all their files where a large model has several; "" for none."""
    files = sorted(final.rglob("*.safetensors"))
    hashes = {str(path.relative_to(final)): file_hash(path) for path in files}
    return next(iter(hashes.values()), "") if len(hashes) < 2 else content_hash(hashes)


def _why(folder: Path, recipe: str, code: int) -> str:
    """The program's own sentence, or how it ended."""
    error = _json(folder / "error.json")
    if error:
        return str(error["sentence"])
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"The recipe {recipe} {how} and left no sentence; see {folder / 'log.txt'}."


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
