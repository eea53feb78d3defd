"""`train --snapshot HASH --recipe NAME [--base PATH] [--dry-run]`: train, evaluate, report."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicitation.kernel.work import run_inline
from training.errors import TrainingRefused
from training.models import DatasetSnapshot, EvaluationReport, TrainingRun
from training.reading import report_lines
from training.services import prepare_run, start_training
from training.tasks import try_out


class Command(BaseCommand):
    """Train on a snapshot and print the report per community."""

    help = "Train a model on a snapshot and measure it on held-out answers, per community."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("--snapshot", required=True, metavar="HASH")
        parser.add_argument("--recipe", choices=TrainingRun.Recipe.values, required=True)
        parser.add_argument("--base", default="", metavar="PATH", help="a folder or a hub id")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=JSON",
            help='a field of the recipe, such as max_steps=40 or group_robust={"eta":0.1}',
        )
        parser.add_argument("--enqueue", action="store_true", help="hand it to the worker")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="make the run and say how long it would take and how much memory; do not train",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, showing progress, and print what was measured."""
        snapshots = DatasetSnapshot.objects.filter(hash__startswith=options["snapshot"])
        if snapshots.count() != 1:
            raise CommandError(f"{snapshots.count()} snapshots are named {options['snapshot']}.")
        asked = {
            "snapshot": snapshots.get(),
            "recipe": options["recipe"],
            "base": options["base"],
            "overrides": dict(_field(text) for text in options["set"]),
        }
        try:
            if options["enqueue"]:
                run = start_training(**asked)
                self.stdout.write(f"{run} waits for the worker.")
                return
            run = prepare_run(**asked)
            if options["dry_run"]:
                self.stdout.write(try_out(run))
                self.stdout.write(f"{run} is made; its page starts it. Files: {run.folder}")
                return
            run_inline(
                "training.tasks.train", subject=run.subject, on_progress=self._show, run_id=run.pk
            )
        except TrainingRefused as error:
            raise CommandError(str(error)) from error
        report = EvaluationReport.objects.filter(checkpoint__run=run).first()
        for line in report_lines(report) if report else ["Nothing was measured."]:
            self.stdout.write(line)
        self.stdout.write(f"Files: {run.folder}")

    def _show(self, progress: Any) -> None:
        self.stderr.write(str(progress.get("say", "")))


def _field(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise CommandError(f"--set wants FIELD=JSON, such as max_steps=40; it got {text!r}.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
