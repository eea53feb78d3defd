"""What every import shares: one record of it, its counts, and each row that was turned away.

An import is one transaction. It locks its workshop, so two imports into one workshop take turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from elicitation.errors import ImportRefused, SeatTaken
from elicitation.models import (
    Community,
    ImportedFile,
    ImportRejection,
    User,
    Workshop,
)

Report = Callable[[int, int | None, str], None]
BATCH = 2000
MOST_REJECTIONS = 100_000
REPEATED = "rows repeat an earlier row of the file exactly and were stored once."


@dataclass
class Intake:
    """One import under way: what was read so far, and where it is told."""

    imported: ImportedFile
    report: Report | None = None
    counts: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    _rejections: list[ImportRejection] = field(default_factory=list)

    def turn_away(self, file: str, line: int, reason: str, column: str = "") -> None:
        """Note a row that is not stored, and why."""
        self.imported.rows_read += 1
        self.imported.rows_rejected += 1
        if self.imported.rows_rejected > MOST_REJECTIONS:
            raise ImportRefused(
                f"{file}: more than {MOST_REJECTIONS:,} rows were turned away, the last at line "
                f"{line}: {reason} Nothing was stored."
            )
        self.remarks[f"rows were turned away: {reason}"] += 1
        self._rejections.append(
            ImportRejection(
                imported_file=self.imported,
                file=file[:255],
                line=line,
                field=column[:80],
                reason=reason[:300],
            )
        )
        if len(self._rejections) >= BATCH:
            self._store_rejections()

    def read(self, rows: int) -> None:
        """Count rows that were read and not turned away."""
        self.imported.rows_read += rows
        self.say()

    def stored(self, rows: int) -> None:
        """Count rows that are new; the others that were read are known already."""
        self.imported.rows_stored += rows

    def say(self, words: str = "") -> None:
        """Tell whoever watches how far the import is."""
        if self.report is not None:
            self.report(self.imported.rows_read, None, words or f"Reading {self.imported.name}")

    def finish(self) -> ImportedFile:
        """Close the record. Raises ImportRefused where the file held nothing to keep."""
        imported = self.imported
        imported.rows_known = imported.rows_read - imported.rows_rejected - imported.rows_stored
        if imported.rows_read == imported.rows_rejected:
            raise ImportRefused(self._nothing_kept())
        if imported.rows_known and not self._follows_another():
            self.remarks[REPEATED] = imported.rows_known
        self._store_rejections()
        imported.counts = {**dict(self.counts), "rows stored": imported.rows_stored}
        told = [f"{count:,} {remark}" for remark, count in self.remarks.most_common(40)]
        imported.notices = [*imported.notices, *told]
        imported.save()
        return imported

    def notice(self, sentence: str) -> None:
        """Note something that readers of the report should know."""
        self.imported.notices = [*self.imported.notices, sentence]

    def _follows_another(self) -> bool:
        """Whether rows may be known from an earlier import."""
        earlier = ImportedFile.objects.filter(workshop=self.imported.workshop_id)
        return earlier.exclude(pk=self.imported.pk).exists()

    def _nothing_kept(self) -> str:
        name = self.imported.name
        if not self.imported.rows_rejected:
            return f"{name} holds no rows."
        stored = self.imported.rejections.first()
        first = stored or self._rejections[0]
        column = f", field {first.field}" if first.field else ""
        return (
            f"No row of {name} could be used, so nothing was stored. The first, {first.file} line "
            f"{first.line}{column}: {first.reason}"
        )

    def _store_rejections(self) -> None:
        ImportRejection.objects.bulk_create(self._rejections)
        self._rejections.clear()


def begin_import(
    *,
    workshop: Workshop,
    community: Community | None,
    name: str,
    kind: str,
    sha256: str,
    size: int,
    by: User | None,
    report: Report | None,
) -> Intake | ImportedFile:
    """Open the record of an import; the record itself where this very file was imported before.

    Call it within the transaction of the import.
    """
    Workshop.objects.select_for_update().get(pk=workshop.pk)
    identity = {"workshop": workshop, "community": community, "format": kind, "sha256": sha256}
    before = ImportedFile.objects.filter(**identity).first()
    if before is None:
        _refuse_for_another(workshop, community, name, sha256)
        made = ImportedFile.objects.create(**identity, name=name[:255], bytes=size, imported_by=by)
        return Intake(made, report)
    if report is not None:
        report(before.rows_read, before.rows_read, f"{name} is already imported; nothing changed.")
    return before


def _refuse_for_another(
    workshop: Workshop, community: Community | None, name: str, sha256: str
) -> None:
    others = ImportedFile.objects.filter(workshop=workshop, sha256=sha256)
    other = others.exclude(community=community).exclude(community=None).first()
    if other is not None:
        raise SeatTaken(
            f"{name} was imported into this workshop for {other.community} already; its people "
            f"belong to one community of a workshop, so it cannot be imported for {community} too."
        )
