"""`freeze_snapshot --constitution ID --kind {sft,preference}`: freeze rows named by content."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policy.models import Constitution
from training.errors import TrainingRefused
from training.models import DatasetSnapshot
from training.services import freeze_snapshot


class Command(BaseCommand):
    """Freeze the rows of a constitution's newest version (or the one asked for)."""

    help = "Freeze a dataset from a constitution version and its workshops' answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("--constitution", type=int, required=True, metavar="ID")
        parser.add_argument("--number", type=int, help="version number (default: the newest)")
        parser.add_argument("--kind", choices=DatasetSnapshot.Kind.values, required=True)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, **options: Any) -> None:
        """Freeze and print the hash, the counts and what was left out."""
        try:
            constitution = Constitution.objects.get(pk=options["constitution"])
        except Constitution.DoesNotExist:
            raise CommandError(f"There is no constitution {options['constitution']}.") from None
        versions = constitution.versions.all()
        if options["number"]:
            versions = versions.filter(number=options["number"])
        version = versions.first()
        if version is None:
            raise CommandError(f"{constitution} has no version {options['number'] or 'yet'}.")
        try:
            snapshot = freeze_snapshot(version=version, kind=options["kind"], seed=options["seed"])
        except TrainingRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Snapshot {snapshot.hash}")
        for split, count in snapshot.summary["splits"].items():
            self.stdout.write(f"  {split}: {count} rows")
        for sentence in snapshot.summary["sentences"]:
            self.stdout.write(f"  {sentence}")
        self.stdout.write(f"  Files: {snapshot.folder}")
