"""What the import commands share: the workshop, progress, and a report in words."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from elicitation.errors import Refused
from elicitation.kernel.tabular import write_jsonl
from elicitation.models import ImportedFile, Workshop
from elicitation.services import open_workshop

REJECTIONS_SHOWN = 5
ROWS_BETWEEN_REPORTS = 20_000


class ImportCommand(BaseCommand):
    """Brings a file into a workshop, which is made where there is none."""

    told = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the answers go, and where they come from."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--workshop", required=True, metavar="SLUG")
        parser.add_argument("--title", default="", help="of the workshop, where it is new")
        parser.add_argument(
            "--provenance", choices=Workshop.Provenance.values, default=Workshop.Provenance.REAL
        )
        parser.add_argument("--provenance-note", default="", help="where the answers come from")
        parser.add_argument("--attribution", default="", help="source and licence")
        parser.add_argument("--rejections", type=Path, help="write rejected rows there, as JSONL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and report what came in and what did not."""
        known = set(ImportedFile.objects.values_list("pk", flat=True))
        try:
            # One transaction: a file that is refused leaves no empty workshop behind.
            with transaction.atomic():
                imported = self.bring_in(self.workshop(options), options)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if imported.pk in known:
            self.stdout.write(f"{imported.name} is already imported; nothing changed.")
        self.tell(imported)
        if options["rejections"]:
            self.write_rejections(imported, options["rejections"])

    def bring_in(self, workshop: Workshop, options: dict[str, Any]) -> ImportedFile:
        """Call the service that imports."""
        raise NotImplementedError

    def workshop(self, options: dict[str, Any]) -> Workshop:
        """The workshop of this name."""
        return open_workshop(
            slug=options["workshop"],
            title=options["title"],
            provenance=options["provenance"],
            provenance_note=options["provenance_note"],
            attribution=options["attribution"],
            content_warning=options.get("warning", ""),
        )

    def progress(self, done: int, of: int | None, say: str) -> None:
        """A line now and then, on a terminal only."""
        if done - self.told >= ROWS_BETWEEN_REPORTS and self.stdout.isatty():
            self.told = done
            self.stdout.write(f"{say}: {done:,} rows")

    def tell(self, imported: ImportedFile) -> None:
        """Counts, notices, and the first rows that were turned away."""
        self.stdout.write(
            f"{imported.name}: {imported.rows_read:,} rows read, {imported.rows_stored:,} stored, "
            f"{imported.rows_known:,} known already, {imported.rows_rejected:,} turned away."
        )
        for name, count in imported.counts.items():
            self.stdout.write(f"  {name}: {count:,}")
        for notice in imported.notices:
            self.stdout.write(f"  note: {notice}")
        for rejection in imported.rejections.all()[:REJECTIONS_SHOWN]:
            field = f", {rejection.field}" if rejection.field else ""
            self.stdout.write(
                f"  turned away: {rejection.file}, line {rejection.line}{field}: {rejection.reason}"
            )

    def write_rejections(self, imported: ImportedFile, path: Path) -> None:
        """Every row that was turned away, one JSON object a line."""
        rows = imported.rejections.values("file", "line", "field", "reason").iterator()
        try:
            with path.open("w", encoding="utf-8") as file:
                count = write_jsonl(file, rows)
        except OSError as error:
            raise CommandError(f"The rejections could not be written to {path}.") from error
        self.stdout.write(f"  {count:,} rejected rows are in {path}.")
