"""`export_snapshot HASH --format trl --output DIR`: a dataset as files for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from training.errors import TrainingRefused
from training.exporting import FORMATS, export_snapshot
from training.models import DatasetSnapshot


class Command(BaseCommand):
    """Write a dataset with its card into a folder; what may not leave stays, and is counted."""

    help = "Export a frozen dataset in a format of other tools, with a card."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("hash", help="the dataset's hash, or how it begins")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--output", type=Path, required=True, help="a new or empty folder")
        parser.add_argument("--licence", default="", help="name or address, for the card")
        parser.add_argument("--url", default="", help="where it will be found, for croissant")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export, and say what was written and what stayed."""
        found = list(DatasetSnapshot.objects.filter(hash__startswith=options["hash"])[:2])
        if len(found) != 1:
            how = "No dataset is" if not found else "Several datasets are"
            raise CommandError(f"{how} named {options['hash']}.")
        try:
            made = export_snapshot(
                snapshot=found[0],
                format=options["format"],
                output=options["output"],
                licence=options["licence"],
                url=options["url"],
            )
        except TrainingRefused as error:
            raise CommandError(str(error)) from error
        for split, number in made.rows.items():
            self.stdout.write(f"  {split}: {number:,} rows")
        for reason, number in made.stayed.items():
            self.stdout.write(f"  Stayed: {number:,} {reason}")
        self.stdout.write(f"  Files: {options['output']}")
