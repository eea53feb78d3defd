"""A constitution version as its page shows it: each principle with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.models import Citation, ConstitutionVersion, Principle
from policy.reading import COMMUNITIES, in_words
from policy.showing_parts import Share

REASONS = {
    "fault line": "it says what a fault line is about.",
    "minority floor": "places are kept for every community, so that a majority cannot take all.",
    "representation": "many people who share this wish had no principle yet.",
    "strength": "it is among those most surely wanted.",
}


def principles_shown(version: ConstitutionVersion, fewest: int) -> dict[str, Any]:
    """The principles of a version, and how they were chosen."""
    rows = version.principles.prefetch_related(
        "communities", "citations__statement__workshop", "citations__fault_line__analysis__workshop"
    )
    names, places = _names(version)
    choosing = version.choosing
    return {
        "rows": [_principle(row, names, places, fewest) for row in rows],
        "sentences": choosing.get("sentences", []),
        "considered": choosing.get("considered"),
        "floors": [
            (names.get(label, label), places.get(label), number)
            for label, number in choosing.get("floors", {}).items()
        ],
        "basis": choosing.get("basis", COMMUNITIES),
    }


def _names(version: ConstitutionVersion) -> tuple[dict[str, str], dict[str, int]]:
    """What labels are called, and the seats of those that are communities."""
    seats = version.analysis.workshop.seats.select_related("community")
    names = {seat.community.slug: seat.community.name for seat in seats}
    places = {seat.community.slug: seat.position for seat in seats}
    return names | version.choosing.get("names", {}), places


def _principle(
    row: Principle, names: Mapping[str, str], places: Mapping[str, int], fewest: int
) -> dict[str, Any]:
    numbers = row.numbers
    reason = str(numbers.get("chosen_for", ""))
    return {
        "row": row,
        "wanted_by": [
            (names.get(label, label), places.get(label)) for label in numbers.get("wanted_by", [])
        ],
        "reason": REASONS.get(reason, reason),
        "evidence": [_evidence(one, names, places, fewest) for one in row.citations.all()],
    }


def _evidence(
    citation: Citation, names: Mapping[str, str], places: Mapping[str, int], fewest: int
) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": citation.kind, "citation": citation}
    if citation.kind == Citation.Kind.STATEMENT:
        shown["shares"] = [
            Share(
                names.get(label, f"opinion group {label}"),
                places.get(label),
                group["share"],
                group["low"],
                group["high"],
                group["seen"],
                group["seen"] < fewest,
            )
            for label, group in citation.numbers.get("groups", {}).items()
        ]
    elif citation.kind == Citation.Kind.PREFERENCE:
        shown["theme"] = citation.numbers.get("theme", "")
        shown["effects"] = [
            (names.get(label, label), places.get(label), in_words(effect), effect["rests_on"])
            for label, effect in citation.numbers.get("effects", {}).items()
            if effect["chosen"] is not None and (effect["rests_on"] or 0) >= fewest
        ]
    return shown


def differences_shown(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The changes between two versions, with what stayed put aside."""
    changed = [entry for entry in entries if entry["change"] != "same"]
    return {"changed": changed, "same": [entry for entry in entries if entry["change"] == "same"]}
