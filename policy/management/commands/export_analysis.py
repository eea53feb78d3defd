"""`export_analysis SLUG --to FILE.json`: the stored result with what it rests on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policy.errors import PolicyRefused
from policy.exports import analysis_as_json, write
from policy.models import Analysis


class Command(BaseCommand):
    """Write an analysis as JSON; docs/analysis-export.md describes every field."""

    help = "Export a workshop's newest analysis (or --analysis ID) as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("slug")
        parser.add_argument("--analysis", type=int, metavar="ID")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it."""
        found = Analysis.objects.filter(workshop__slug=options["slug"])
        if options["analysis"]:
            found = found.filter(pk=options["analysis"])
        analysis = found.first()
        if analysis is None:
            raise CommandError(f"There is no such analysis of {options['slug']}.")
        text = json.dumps(analysis_as_json(analysis), indent=1, ensure_ascii=False)
        _write(options["to"], text + "\n")
        self.stdout.write(f"Wrote {analysis} to {options['to']}.")


def _write(path: Path, text: str) -> None:
    try:
        write(path, text)
    except PolicyRefused as error:
        raise CommandError(str(error)) from error
