"""Named changes of how fault lines are read: rename, put together, split, write a note, undo.

Each is a new row. The stored analysis is never changed; `lines_of` applies what is in force.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from elicitation.models import AuditEntry, User
from policy.errors import PolicyRefused
from policy.line_edits import Change, Edited, Line, edited, keys_of
from policy.models import Analysis, FaultLineEdit

Kind = FaultLineEdit.Kind
LONGEST_NAME, LONGEST_NOTE = 200, 2_000


def edits_of(analysis: Analysis) -> QuerySet[FaultLineEdit]:
    """Every change that bears on an analysis, in order: its own, and those that it came after.

    A change made on an earlier analysis of the workshop carries over to those made after it.
    """
    carried = Q(
        analysis__workshop=analysis.workshop_id,
        analysis__lt=analysis.pk,
        at__lte=analysis.created_at,
    )
    rows = FaultLineEdit.objects.filter(Q(analysis=analysis) | carried)
    return rows.select_related("by").order_by("pk")


def in_force(edits: Iterable[FaultLineEdit]) -> list[Change]:
    """The changes that nobody has undone."""
    rows = list(edits)
    undone = {one.undoes_id for one in rows}
    return [
        Change(one.pk, one.kind, one.detail, one.by.get_username() if one.by else "", one.at)
        for one in rows
        if one.kind != Kind.UNDO and one.pk not in undone
    ]


def lines_of(analysis: Analysis) -> Edited:
    """An analysis's fault lines as they are read now."""
    return edited(analysis.result["fault_lines"]["lines"], in_force(edits_of(analysis)))


@transaction.atomic
def rename_line(*, analysis: Analysis, number: int, name: str, by: User) -> FaultLineEdit:
    """Give a line another name. Raises PolicyRefused."""
    lines = _locked(analysis)
    detail = _known_by(_numbered(lines, number)) | {"name": _words(name, LONGEST_NAME, "a name")}
    return _keep(analysis, Kind.RENAME, detail, by)


@transaction.atomic
def annotate_line(*, analysis: Analysis, number: int, note: str, by: User) -> FaultLineEdit:
    """Write a note on a line. Raises PolicyRefused."""
    lines = _locked(analysis)
    detail = _known_by(_numbered(lines, number)) | {"note": _words(note, LONGEST_NOTE, "a note")}
    return _keep(analysis, Kind.ANNOTATE, detail, by)


@transaction.atomic
def merge_lines(
    *, analysis: Analysis, numbers: Collection[int], by: User, name: str = ""
) -> FaultLineEdit:
    """Read two lines or more as one; without a name it keeps that of the first.

    Raises PolicyRefused, also for lines between communities with lines between opinion groups.
    """
    lines = _locked(analysis)
    parts = [_numbered(lines, number) for number in sorted(set(numbers))]
    if len(parts) < 2:
        raise PolicyRefused("Choose two fault lines or more to put together.")
    if len({line["between"] for line in parts}) > 1:
        raise PolicyRefused("Lines between communities and between opinion groups stay apart.")
    name = _words(name, LONGEST_NAME, "a name") if name.strip() else ""
    detail = {"between": parts[0]["between"], "lines": [keys_of(p) for p in parts], "name": name}
    return _keep(analysis, Kind.MERGE, detail, by)


@transaction.atomic
def split_line(
    *, analysis: Analysis, number: int, items: Collection[str], name: str, by: User
) -> FaultLineEdit:
    """Take items out of a line and make them a line of their own. Raises PolicyRefused."""
    lines = _locked(analysis)
    line = _numbered(lines, number)
    if not items or not set(items) < set(keys_of(line)):
        raise PolicyRefused("Choose some of its items, and not all, for the new line.")
    chosen = {"items": sorted(set(items)), "name": _words(name, LONGEST_NAME, "a name")}
    return _keep(analysis, Kind.SPLIT, _known_by(line) | chosen, by)


@transaction.atomic
def undo_edit(*, analysis: Analysis, edit: int, by: User) -> FaultLineEdit:
    """Put a change out of force for this analysis and later ones. Raises PolicyRefused."""
    _locked(analysis)
    if edit not in {one.number for one in in_force(edits_of(analysis))}:
        raise PolicyRefused("This change is undone already.")
    row = FaultLineEdit.objects.create(analysis=analysis, kind=Kind.UNDO, undoes_id=edit, by=by)
    _audit(row)
    return row


def _locked(analysis: Analysis) -> Sequence[Line]:
    """The lines as they are read, with nobody else changing them meanwhile."""
    Analysis.objects.select_for_update(no_key=True).only("pk").get(pk=analysis.pk)
    return lines_of(analysis).lines


def _numbered(lines: Sequence[Line], number: int) -> Line:
    for line in lines:
        if line["number"] == number:
            return line
    raise PolicyRefused("This fault line is not there any more: somebody changed it.")


def _known_by(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"between": line["between"], "keys": keys_of(line)}


def _words(text: str, longest: int, what: str) -> str:
    plain = text.strip()
    if not plain:
        raise PolicyRefused(f"Write {what}.")
    if len(plain) > longest:
        raise PolicyRefused(f"Write {what} of at most {longest} characters.")
    return plain


def _keep(analysis: Analysis, kind: Kind, detail: dict[str, Any], by: User) -> FaultLineEdit:
    # A double click says the same twice, and is one change.
    last = FaultLineEdit.objects.filter(analysis=analysis).order_by("pk").last()
    if last is not None and (last.kind, last.detail, last.by) == (kind, detail, by):
        return last
    row = FaultLineEdit.objects.create(analysis=analysis, kind=kind, detail=detail, by=by)
    _audit(row)
    return row


def _audit(row: FaultLineEdit) -> None:
    """Who changed what; the words themselves stay with the change, where they can be redacted."""
    AuditEntry.objects.create(
        user=row.by,
        workshop=row.analysis.workshop,
        action=f"fault line: {row.get_kind_display().lower()}",
        detail={"analysis": row.analysis_id, "edit": row.pk, "undoes": row.undoes_id},
    )
