"""import_polis DIR --workshop SLUG --community NAME"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from deliberation.services import import_polis_folder
from elicitation.management.import_command import ImportCommand
from elicitation.models import ImportedFile, Workshop
from elicitation.services import name_community


class Command(ImportCommand):
    """Imports an exported Polis conversation."""

    help = "Import a Polis conversation (a folder with comments.csv and votes.csv) into a workshop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose votes these are."""
        super().add_arguments(parser)
        parser.add_argument("--community", required=True, metavar="NAME")
        parser.add_argument("--source", default="", help="names the conversation's people")

    def bring_in(self, workshop: Workshop, options: dict[str, Any]) -> ImportedFile:
        """Import the folder."""
        return import_polis_folder(
            folder=options["path"],
            workshop=workshop,
            community=name_community(name=options["community"]),
            source=options["source"],
            report=self.progress,
        )
