"""import_statements FILE --workshop SLUG"""

from __future__ import annotations

from typing import Any

from deliberation.services import import_statement_file
from elicitation.management.import_command import ImportCommand
from elicitation.models import ImportedFile, Workshop


class Command(ImportCommand):
    """Imports statements."""

    help = "Import statements (csv, jsonl), or claims with quotes (json), into a workshop."

    def bring_in(self, workshop: Workshop, options: dict[str, Any]) -> ImportedFile:
        """Import the file."""
        return import_statement_file(path=options["path"], workshop=workshop, report=self.progress)
