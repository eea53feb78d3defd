"""`export_constitution ID --format {json,yaml,md}`: a version with its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policy.errors import PolicyRefused
from policy.exports import FORMATS, export_constitution, write
from policy.models import ConstitutionVersion


class Command(BaseCommand):
    """Write one version of a constitution to standard output or a file."""

    help = "Export a constitution: its newest version, or --number."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("constitution", type=int, metavar="ID")
        parser.add_argument("--number", type=int)
        parser.add_argument("--format", choices=FORMATS, default="json")
        parser.add_argument("--to", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        versions = ConstitutionVersion.objects.filter(constitution=options["constitution"])
        if options["number"]:
            versions = versions.filter(number=options["number"])
        version = versions.first()
        if version is None:
            raise CommandError(
                f"There is no such version of constitution {options['constitution']}."
            )
        text = export_constitution(version, options["format"])
        if options["to"]:
            _write(options["to"], text)
            self.stdout.write(f"Wrote {version} to {options['to']}.")
        else:
            self.stdout.write(text, ending="")


def _write(path: Path, text: str) -> None:
    try:
        write(path, text)
    except PolicyRefused as error:
        raise CommandError(str(error)) from error
