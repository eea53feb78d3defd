"""Translations in a spreadsheet: what is to be filled in goes out, what was filled in comes in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deliberation.methods.language_tags import language_tag
from deliberation.services.translating import NotStored, Typed
from deliberation.translations import KINDS, places_of, standing, warnings_of
from elicitation.errors import ImportRefused
from elicitation.kernel.row_numbers import row_number
from elicitation.kernel.tabular import (
    BadRow,
    Row,
    TabularError,
    csv_plain,
    csv_safe,
    read_csv,
)
from elicitation.models import Workshop
from elicitation.models.shown import Translation
from elicitation.services.answers import in_batches
from elicitation.views.staff import Lines

HEADER = ("kind", "id", "language", "warning", "text", "translation", "origin", "seen")
NEEDED = ("kind", "id", "translation", "seen")
BATCH = 500
MOST_BYTES, MOST_ROWS = 10 * 1024 * 1024, 20_000
# What Excel wants before it takes a file for UTF-8.
MARK = "\ufeff"
ORIGINS = "Say person or machine."


@dataclass
class Filled:
    """What a file holds: translations, lines that cannot be read, and how many stayed empty."""

    typed: list[Typed] = field(default_factory=list)
    wrong: list[BadRow] = field(default_factory=list)
    empty: int = 0


def file_lines(workshop: Workshop, locale: str, *, missing: bool, warned: bool) -> Iterator[str]:
    """The lines of a file to fill in. warned: also what stands behind a content warning."""
    writer = csv.writer(Lines())
    yield MARK + writer.writerow(HEADER)
    warnings = warnings_of(workshop)
    for batch in in_batches(places_of(workshop, locale, missing=missing), BATCH):
        found = standing(workshop, [(one.kind, one.pk) for one in batch], locale)
        for place in batch:
            one, warning = found.get((place.kind, place.pk)), warnings.get(place.prompt, "")
            if one is None or (warning and not warned):
                continue
            facts = (place.kind, place.pk, locale, warning)
            cells = (*facts, one.words, one.translation, one.origin, one.seen)
            yield writer.writerow([csv_safe(cell) for cell in cells])


def read_filled(path: Path, locale: str, *, origin: str) -> Filled:
    """What was filled in. origin: who made what does not say so.

    Raises ImportRefused for a file that cannot be read as a whole.
    """
    filled = Filled()
    try:
        for row in read_csv(path, required=NEEDED, max_bytes=MOST_BYTES):
            if isinstance(row, BadRow):
                filled.wrong.append(row)
            else:
                _take(row, locale, origin, filled)
            if len(filled.typed) + len(filled.wrong) > MOST_ROWS:
                raise ImportRefused(f"A file has at most {MOST_ROWS:,} translations; split it.")
    except TabularError as error:
        place = f"Line {error.line}: " if error.line else ""
        raise ImportRefused(f"{place}{error.reason}") from error
    return filled


def _take(row: Row, locale: str, origin: str, filled: Filled) -> None:
    cells = {name: csv_plain(cell) for name, cell in row.values.items()}
    if not cells["translation"].strip():
        filled.empty += 1
        return
    try:
        filled.typed.append(_typed(cells, row.line, locale, origin))
    except NotStored as wrong:
        filled.wrong.append(BadRow(row.line, wrong.field, str(wrong)))


def _typed(cells: dict[str, str], line: int, locale: str, origin: str) -> Typed:
    """One line's translation. Raises NotStored."""
    kind, pk = cells["kind"].strip(), row_number(cells["id"].strip())
    if kind not in KINDS:
        raise NotStored("kind", f"It is one of {', '.join(KINDS)}.")
    if pk is None:
        raise NotStored("id", "It is a number.")
    _must_be_in(cells.get("language", ""), locale)
    made_by = cells.get("origin", "").strip().lower() or origin
    if made_by not in Translation.Origin.values:
        raise NotStored("origin", ORIGINS)
    return Typed(kind, pk, cells["seen"].strip(), cells["translation"], made_by, line)


def _must_be_in(said: str, locale: str) -> None:
    try:
        language = language_tag(said) if said.strip() else locale
    except ValueError as error:
        raise NotStored("language", str(error)) from error
    if language != locale:
        raise NotStored("language", f"This line is for {language}, and the file for {locale}.")
