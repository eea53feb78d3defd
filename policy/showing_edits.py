"""What analysts changed about fault lines, change by change, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policy.editing_lines import edits_of
from policy.line_edits import keys_of
from policy.models import Analysis, FaultLineEdit
from policy.showing_lines import Line

Kind = FaultLineEdit.Kind


@dataclass(frozen=True)
class Row:
    """One change. said: the words it gave. from_analysis: where it was made, if elsewhere.

    lost: why it is not applied here, or "". can_undo: whether it is in force.
    """

    number: int
    kind: str
    said: str
    by: str
    at: Any
    from_analysis: int | None
    lost: str
    can_undo: bool
    about: str


def history_shown(analysis: Analysis, shown: Mapping[str, Any]) -> list[Row]:
    """Every change that bears on this analysis, the newest first."""
    rows = list(edits_of(analysis))
    lost = {change.number: why for change, why in shown["edited"].lost}
    undone = {one.undoes_id for one in rows}
    by_key = {one.pk: one for one in rows}
    small = _of_few(analysis, shown["lines"])
    return [
        Row(
            one.pk,
            one.get_kind_display(),
            _said(by_key.get(one.undoes_id or 0, one)),
            one.by.get_username() if one.by else "",
            one.at,
            one.analysis_id if one.analysis_id != analysis.pk else None,
            lost.get(one.pk, ""),
            one.kind != Kind.UNDO and one.pk not in undone,
            _about(one, analysis, small),
        )
        for one in reversed(rows)
    ]


def _said(edit: FaultLineEdit) -> str:
    return str(edit.detail.get("name") or edit.detail.get("note") or "")


def _of_few(analysis: Analysis, lines: Iterable[Line]) -> set[str]:
    """The words of items about which too few people spoke to show them."""
    few = (line.items for line in lines if line.too_few)
    return {str(item.get("key", item["text"])) for items in few for item, _ in items}


def _about(edit: FaultLineEdit, analysis: Analysis, small: set[str]) -> str:
    """Which computed lines a change is about, by their names."""
    parts = edit.detail.get("lines") or [edit.detail.get("keys", [])]
    named = [_nearest(set(keys), edit.detail.get("between"), analysis) for keys in parts]
    hidden = any(set(keys) & small for keys in parts)
    return "" if hidden else " + ".join(dict.fromkeys(name for name in named if name))


def _nearest(keys: set[str], between: str | None, analysis: Analysis) -> str:
    """The name of the computed line that shares most of these items, or ""."""
    shared = [
        (len(keys & set(keys_of(line))), str(line["name"]))
        for line in analysis.result["fault_lines"]["lines"]
        if line["between"] == between
    ]
    most, name = max(shared, key=lambda one: one[0], default=(0, ""))
    return name if most else ""
