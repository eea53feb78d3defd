"""Importing statements: seeds for a workshop, or what other workshops said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from deliberation.methods.statement_formats import (
    StatementRow,
    table_statement,
    told_apart,
    topic_claims,
)
from deliberation.models import Statement
from elicitation.errors import ImportRefused
from elicitation.kernel.hashing import file_hash
from elicitation.kernel.tabular import BadRow
from elicitation.methods.row_fields import RowRefused
from elicitation.models import ImportedFile, User, Workshop
from elicitation.services.answers import in_batches
from elicitation.services.intake import BATCH, Intake, Report, begin_import
from elicitation.services.reading import checked_file, csv_rows, json_rows, jsonl_rows

STATEMENT_FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".json": "claims"}


@transaction.atomic
def import_statement_file(
    *,
    path: Path,
    workshop: Workshop,
    by: User | None = None,
    report: Report | None = None,
    name: str = "",
) -> ImportedFile:
    """Store the statements of one file; the record of the earlier import where it is known already.

    The name tells the format: .csv or .jsonl with text and, optionally, id, kind, theme, subtheme
    and quote; .json with a tree of topics, subtopics and claims. name: what to call the file, where
    the path does not say. Raises ImportRefused; then nothing is stored.
    """
    name = name or path.name
    format = statement_format(name)
    intake = begin_import(
        workshop=workshop,
        community=None,
        name=name,
        kind=f"statements {format}",
        sha256=file_hash(checked_file(path)),
        size=path.stat().st_size,
        by=by,
        report=report,
    )
    if isinstance(intake, ImportedFile):
        return intake
    rows = _claims(path, intake) if format == "claims" else _table(path, format, intake)
    for batch in in_batches(rows, BATCH):
        _store(batch, intake)
    return intake.finish()


def statement_format(name: str) -> str:
    """The format of a file of this name."""
    suffix = Path(name.removesuffix(".gz")).suffix.lower()
    if suffix not in STATEMENT_FORMATS:
        known = ", ".join(STATEMENT_FORMATS)
        raise ImportRefused(f"{name} is no file of statements: its name ends in none of {known}.")
    return STATEMENT_FORMATS[suffix]


def _table(path: Path, format: str, intake: Intake) -> Iterator[tuple[int, StatementRow]]:
    rows = csv_rows(path, required=("text",)) if format == "csv" else jsonl_rows(path)
    for line, row in rows:
        if isinstance(row, BadRow):
            intake.turn_away(intake.imported.name, line, row.reason, row.field)
            continue
        try:
            yield line, table_statement(row)
        except RowRefused as error:
            intake.turn_away(intake.imported.name, line, error.reason, error.field)


def _claims(path: Path, intake: Intake) -> Iterator[tuple[int, StatementRow]]:
    """Each claim with its position in the tree, counted from 1."""
    position, seen = 0, Counter[str]()
    for _, topic in json_rows(path, "tree"):
        try:
            claims = list(topic_claims(topic))
        except RowRefused as error:
            intake.turn_away(intake.imported.name, position + 1, error.reason, error.field)
            continue
        for claim in claims:
            position += 1
            if isinstance(claim, RowRefused):
                intake.turn_away(intake.imported.name, position, claim.reason, claim.field)
            else:
                yield position, next(told_apart([claim], seen))


def _store(batch: list[tuple[int, StatementRow]], intake: Intake) -> None:
    imported = intake.imported
    here = Statement.objects.filter(
        workshop=imported.workshop_id, external_id__in=[row.external_id for _, row in batch]
    )
    words = dict(here.values_list("external_id", "text"))
    new: list[tuple[int, StatementRow]] = []
    known = 0
    for line, row in batch:
        if row.external_id not in words:
            words[row.external_id] = row.text
            new.append((line, row))
        elif words[row.external_id] == row.text:
            known += 1
        else:
            reason = "Another statement of this workshop has this id."
            intake.turn_away(imported.name, line, reason, "id")
    Statement.objects.bulk_create(_statement(line, row, imported) for line, row in new)
    intake.counts["statements"] += len(new)
    intake.counts["statements with quotes"] += sum(bool(row.quotes) for _, row in new)
    intake.read(len(new) + known)
    intake.stored(len(new))


def _statement(line: int, row: StatementRow, imported: ImportedFile) -> Statement:
    return Statement(
        workshop_id=imported.workshop_id,
        text=row.text,
        kind=row.kind,
        theme=row.theme,
        subtheme=row.subtheme,
        quotes=[{"quote": quote} for quote in row.quotes],
        external_id=row.external_id,
        imported_file=imported,
        source_file=imported.name,
        source_line=line,
    )
