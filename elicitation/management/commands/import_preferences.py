"""import_preferences FILE --format … --workshop SLUG --community NAME"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from elicitation.management.import_command import ImportCommand
from elicitation.models import ImportedFile, Workshop
from elicitation.services import PREFERENCE_FORMATS, import_preference_file, name_community


class Command(ImportCommand):
    """Imports preferences between completions."""

    help = "Import people's preferences between completions, from a file, into a workshop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose answers these are, and what the file does not say of them."""
        super().add_arguments(parser)
        parser.add_argument("--format", required=True, choices=PREFERENCE_FORMATS)
        parser.add_argument("--community", required=True, metavar="NAME")
        parser.add_argument("--theme", default="", help="of prompts that have none")
        parser.add_argument("--warning", default="", help="content warning for these prompts")
        parser.add_argument("--source", default="", help="tells these raters' ids from others")

    def bring_in(self, workshop: Workshop, options: dict[str, Any]) -> ImportedFile:
        """Import the file."""
        return import_preference_file(
            path=options["path"],
            format=options["format"],
            workshop=workshop,
            community=name_community(name=options["community"]),
            theme=options["theme"],
            content_warning=options["warning"],
            source=options["source"],
            report=self.progress,
        )
