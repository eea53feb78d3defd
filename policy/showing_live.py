"""The live picture of a vote as its page shows it. Words of statements are read anew each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deliberation.models import Statement
from elicitation.kernel.models import Work
from elicitation.models import Workshop
from policy.access import live_subject
from policy.models import LivePicture
from policy.reading import CHART_TITLES, MAP_NAMES, count, percent, points
from policy.showing_parts import Chart, Share, both_widths

KINDS = {
    "agreed": "Agreed so far",
    "refused": "Refused so far",
    "apart": "Apart",
    "open": "Open",
    "partly": "Some have not voted enough",
}
MOST_IN_SIGHT = 12
MAPS = ("opinion_space", "opinion_space_communities")
COLOURS_SAY = "Where the colours lie mixed, people do not vote by community."


def live_shown(picture: LivePicture, workshop: Workshop, fewest: int) -> dict[str, Any]:
    """The map, the groups, and the statements from agreed to divisive."""
    rows = _rows(picture, workshop, fewest)
    work = Work.objects.latest_for(live_subject(workshop))
    return {
        "counted_at": picture.counted_at,
        "began_anew": bool(picture.since) and not picture.statements,
        "error": work.error if work and work.status == Work.Status.FAILED else "",
        "fewest": max(fewest, 1),
        "in_sight": rows[:MOST_IN_SIGHT],
        "more": rows[MOST_IN_SIGHT:],
        "kinds": _kinds(rows),
        "groups": _groups(picture.map, fewest),
        "charts": _charts(picture, fewest),
    }


def stamp(picture: LivePicture, workshop: Workshop) -> str:
    """Changes when what is shown may have changed."""
    counted = picture.counted_at.isoformat() if picture.counted_at else ""
    return f"{counted}|{picture.since}|{workshop.pulse}|{workshop.small_cell}"


def _rows(picture: LivePicture, workshop: Workshop, fewest: int) -> list[dict[str, Any]]:
    seats = workshop.seats.select_related("community")
    places = {seat.community.slug: (seat.community.name, seat.position) for seat in seats}
    told: Mapping[str, Mapping[str, Any]] = picture.statements
    standing = Statement.objects.standing().filter(workshop=workshop, pk__in=list(map(int, told)))
    rows = [_row(one, told[str(one.pk)], places, fewest) for one in standing]
    return sorted(rows, key=lambda row: (row["kind"] == "partly", row["at"], row["id"]))


def _row(
    statement: Statement,
    told: Mapping[str, Any],
    places: Mapping[str, tuple[str, int]],
    fewest: int,
) -> dict[str, Any]:
    shares = [
        Share(*places[slug], one["share"], one["low"], one["high"], one["n"], one["n"] < fewest)
        for slug, one in told["communities"].items()
        if slug in places
    ]
    # The smallest number to report on may have gone up since the picture was counted.
    kind = "partly" if any(share.too_few for share in shares) else str(told["kind"])
    return {
        "id": statement.pk,
        "external_id": statement.external_id,
        "text": statement.text,
        "shares": sorted(shares, key=lambda share: share.place or 0),
        "kind": kind,
        "says": KINDS[kind],
        "apart": points(told["apart"]) if kind != "partly" and len(shares) > 1 else "",
        "at": 0.0 if kind == "partly" else told["apart"] - told["least"],
    }


def _kinds(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many statements are of which kind, in words."""
    numbers = {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS}
    said = [f"{number} {KINDS[kind].lower()}" for kind, number in numbers.items() if number]
    return f"{count(len(rows), 'statement')}: {', '.join(said)}." if rows else ""


def _groups(found: Mapping[str, Any], fewest: int) -> str:
    """How many opinion groups there are, and how large where that may be told."""
    sizes = list(found.get("sizes", {}).values())
    if not sizes:
        return str(found.get("sentence", ""))
    number = count(len(sizes), "opinion group")
    if any(size < fewest for size in sizes):
        return f"{number}, of which one or more is too small to say more. {found['sentence']}"
    return f"{number} of {', '.join(map(str, sizes))} people. {found['sentence']}"


def _charts(picture: LivePicture, fewest: int) -> list[tuple[str, Chart]]:
    """The maps with what each shows."""
    if not picture.charts or picture.map.get("people", 0) < fewest:
        return []
    says = {MAPS[0]: _map_says(picture.map), MAPS[1]: COLOURS_SAY}
    return [
        (
            MAP_NAMES[name],
            Chart(
                both_widths(picture.charts[name], picture.charts.get(f"{name}_narrow", "")),
                CHART_TITLES[name],
                says[name],
            ),
        )
        for name in MAPS
        if name in picture.charts
    ]


def _map_says(found: Mapping[str, Any]) -> str:
    placed = count(found["people"], "person", "people")
    shown = sum(share for share in found["explained"] if share is not None)
    return (
        f"{placed} with enough votes to be placed, on the two axes that tell them apart best. "
        f"These show {percent(shown)} of how votes differ."
    )
