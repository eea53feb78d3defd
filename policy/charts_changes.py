"""Drawings of what changed when the same people were asked again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from policy.drawing import COLOURS, Mark, Row, Style, both_widths, interval_rows
from policy.reading import CHART_TITLES
from policy.reading_changes import drawn_changes


def change_charts(result: Mapping[str, Any]) -> dict[str, str]:
    """For each community before_after_<slug>: a line from the share before to the share after."""
    drawn: dict[str, str] = {}
    for place, community in enumerate(result["communities"]):
        rows = [
            Row(str(one["text"]), _ends(change))
            for one, change in drawn_changes(result, community["slug"])
        ]
        if rows:
            looks = {
                "before": Style("before", COLOURS[place % len(COLOURS)], "circle"),
                "after": Style("after", COLOURS[place % len(COLOURS)], "circle"),
            }
            draw = partial(_spec, rows, looks)
            title = CHART_TITLES["before_after"].format(name=community["name"])
            drawn |= both_widths(f"before_after_{community['slug']}", title, draw)
    return drawn


def _spec(rows: list[Row], looks: Mapping[str, Style], width: int) -> dict[str, Any]:
    return interval_rows(rows, looks, width, title="Share that agrees", reference=None, joined=True)


def _ends(change: Mapping[str, Any]) -> list[Mark]:
    """The interval of a change, drawn from where it began: it crosses there if none is clear."""
    before = change["before"]
    low, high = (min(1.0, max(0.0, before + change[end])) for end in ("low", "high"))
    return [Mark("before", before, hollow=True), Mark("after", change["after"], low, high)]
