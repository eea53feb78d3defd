"""Importing preferences: what published people judged, with who judged kept apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from elicitation.errors import ImportRefused
from elicitation.kernel.hashing import content_hash, file_hash
from elicitation.kernel.tabular import BadRow
from elicitation.methods.preference_formats import (
    JudgedPair,
    hh_pairs,
    icai_pairs,
    icai_people,
    pandalm_pairs,
    table_pairs,
)
from elicitation.methods.readable_names import imported_pseudonym, short_name
from elicitation.methods.row_fields import RowRefused
from elicitation.models import (
    AnswerEvent,
    Community,
    ImportedFile,
    User,
    Workshop,
)
from elicitation.services.answers import in_batches
from elicitation.services.intake import BATCH, Intake, Report, begin_import
from elicitation.services.judged_rows import Judged, store_judged, text_hash
from elicitation.services.people import seat_community
from elicitation.services.reading import (
    Rows,
    checked_file,
    csv_rows,
    json_member,
    json_rows,
    jsonl_rows,
)
from elicitation.services.settling import settle_latest_preferences

PREFERENCE_FORMATS = ("hh", "pandalm", "icai", "jsonl", "csv")
Reader = Callable[[Any], Iterator[JudgedPair]]
EMPTY = "rows judge a pair with an empty completion."
ROLES = {"pandalm": "pandalm-annotator"}
SAME_TEXT = "rows judge a pair with the same text from two sources."


@transaction.atomic
def import_preference_file(
    *,
    path: Path,
    format: str,
    workshop: Workshop,
    community: Community,
    by: User | None = None,
    report: Report | None = None,
    theme: str = "",
    content_warning: str = "",
    source: str = "",
    name: str = "",
) -> ImportedFile:
    """Store the answers of one file; the record of the earlier import where it is known already.

    theme, content_warning: for rows that bring none. source: tells this file's rater ids from the
    same ids elsewhere. name: what to call the file, where the path does not say. Rows without a
    rater become a person each. Raises ImportRefused and SeatTaken; then nothing is stored.
    """
    if format not in PREFERENCE_FORMATS:
        raise ImportRefused(f"The format is one of {', '.join(PREFERENCE_FORMATS)}.")
    checked_file(path)
    intake = begin_import(
        workshop=workshop,
        community=community,
        name=name or path.name,
        kind=format,
        sha256=file_hash(path),
        size=path.stat().st_size,
        by=by,
        report=report,
    )
    if isinstance(intake, ImportedFile):
        return intake
    seat = seat_community(workshop=workshop, name=community.name)
    rows, read = _opened(path, format, intake)
    fill = partial(_filled, theme=theme, content_warning=content_warning)
    named = partial(
        _named, source=slugify(source), role=ROLES.get(format, "rater"), among=community.slug
    )
    answers = (named(line, fill(pair)) for line, pair in _pairs(rows, read, intake))
    for batch in in_batches(answers, BATCH):
        store_judged(batch, seat, intake)
    settle_latest_preferences(intake.imported)
    _count(intake)
    return intake.finish()


def _opened(path: Path, format: str, intake: Intake) -> tuple[Rows, Reader]:
    if format == "hh":
        return jsonl_rows(path), hh_pairs
    if format == "pandalm":
        return json_rows(path), pandalm_pairs
    if format == "icai":
        return _opened_icai(path, intake)
    if format == "csv":
        return csv_rows(path, required=("completion_a", "completion_b", "choice")), table_pairs
    return jsonl_rows(path), table_pairs


def _opened_icai(path: Path, intake: Intake) -> tuple[Rows, Reader]:
    # A first pass: the annotators may stand behind the comparisons that they annotated.
    annotators = json_member(path, "annotators", streamed=("comparisons",))
    try:
        people = icai_people(annotators)
    except RowRefused as error:
        raise ImportRefused(f"{path.name}, field {error.field}: {error.reason}") from error
    others = len(annotators) - len(people)
    if others:
        intake.notice(f"{others:,} annotators are principles, not people, and were left out.")
    return json_rows(path, "comparisons"), icai_pairs(people)


def _pairs(rows: Rows, read: Reader, intake: Intake) -> Iterator[tuple[int, JudgedPair]]:
    file = intake.imported.name
    for line, row in rows:
        if isinstance(row, BadRow):
            intake.turn_away(file, line, row.reason, row.field)
            continue
        try:
            pairs = list(read(row))
        except RowRefused as error:
            intake.turn_away(file, line, error.reason, error.field)
            continue
        for remark in _remarks(pairs):
            intake.remarks[remark] += 1
        yield from ((line, pair) for pair in pairs)


def _remarks(pairs: Sequence[JudgedPair]) -> Iterator[str]:
    """What is worth saying of one row that is kept."""
    if not pairs:
        return
    pair = pairs[0]
    yield from pair.remarks
    if not pair.completion_a.strip() or not pair.completion_b.strip():
        yield EMPTY
    if pair.completion_a == pair.completion_b:
        yield SAME_TEXT


def _filled(pair: JudgedPair, theme: str, content_warning: str) -> JudgedPair:
    if pair.theme and pair.content_warning:
        return pair
    return replace(
        pair,
        theme=pair.theme or theme[:120],
        content_warning=pair.content_warning or content_warning[:200],
    )


def _named(line: int, pair: JudgedPair, source: str, role: str, among: str) -> Judged:
    judgement = content_hash(pair.judgement())
    if pair.rater:
        pseudonym = imported_pseudonym(source, role, pair.rater)
    else:  # the same row of two communities is two people
        pseudonym = imported_pseudonym(source or among, "row", short_name(judgement))
    prompt = content_hash(list(pair.messages))
    first = (text_hash(pair.completion_a), pair.source_a)
    second = (text_hash(pair.completion_b), pair.source_b)
    is_first_left = _first_is_left(prompt, first, second, pseudonym)
    sides = {"a": "left", "b": "right"} if is_first_left else {"a": "right", "b": "left"}
    return Judged(
        line=line,
        pair=pair,
        pseudonym=pseudonym,
        key=f"import-{judgement[:40]}",
        prompt=prompt,
        left=first if is_first_left else second,
        right=second if is_first_left else first,
        choice=sides.get(pair.choice, pair.choice),
    )


def _first_is_left(
    prompt: str, first: tuple[str, str], second: tuple[str, str], pseudonym: str
) -> bool:
    """A fair coin that falls the same way whichever completion the file names first."""
    low, high = sorted((first, second))
    coin = hashlib.sha256(repr((prompt, low, high, pseudonym)).encode()).digest()[0] & 1
    return (first == low) == bool(coin)


def _count(intake: Intake) -> None:
    events = AnswerEvent.objects.filter(imported_file=intake.imported)
    intake.stored(events.count())
    intake.counts["people"] = events.values("participant").distinct().count()
    intake.counts["comparisons"] = events.values("target").distinct().count()
