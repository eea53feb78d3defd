"""An analysis as its page shows it: sections made of plain values, with nothing left to decide.

`fewest`: below how many people the answer is "too few to say"; 0 for what was published elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.models import Analysis
from policy.reading import (
    Result,
    basis_of_result,
    found,
    label_name,
    percent,
    points,
    strongest,
    whose,
    widest,
)
from policy.showing_agreement import agreement_shown
from policy.showing_asking import asking_shown
from policy.showing_changes import changes_shown
from policy.showing_decisions import decisions_shown
from policy.showing_firmness import firmness_shown
from policy.showing_lines import in_brief, lines_shown
from policy.showing_measures import (
    label_sets_shown,
)
from policy.showing_opinions import groups_shown, polis_shown
from policy.showing_parts import Chart, Drawings, Share, place_of
from policy.showing_preferences import preferences_shown
from policy.showing_swarm import swarm_shown
from policy.withholding import withheld


def analysis_shown(analysis: Analysis, fewest: int) -> dict[str, Any]:
    """Every section of an analysis's page."""
    result = withheld(analysis.result, fewest)
    drawn = Drawings(analysis, fewest)
    basis = basis_of_result(result)
    said = found(result)
    return {
        "found": said,
        **lines_shown(analysis, drawn, fewest),
        "lines_sentence": result["fault_lines"]["sentence"],
        "basis": whose(basis),
        "common": [statement_shown(result, one, basis, fewest) for one in strongest(result, basis)],
        "divisive": [statement_shown(result, one, basis, fewest) for one in widest(result, basis)],
        "has_statements": bool(result["statements"]),
        "statements_chart": statements_chart(result, basis, drawn, fewest),
        "swarm": swarm_shown(result, drawn, fewest),
        "decisions": decisions_shown(result, fewest),
        "groups": groups_shown(result, drawn, fewest),
        "polis": polis_shown(result, fewest),
        "asking": asking_shown(result, fewest),
        "preferences": preferences_shown(result, drawn, fewest),
        "firmness": firmness_shown(result, fewest),
        "changes": changes_shown(result, drawn, fewest),
        "agreement": agreement_shown(result, drawn, fewest),
        "identified": result["identified"],
        "label_sets": label_sets_shown(result),
        "notes": [note for note in result["notes"] if note not in said],
    }


def shares_of(
    result: Result, label_set: str, groups: Mapping[str, Any], fewest: int
) -> list[Share]:
    """One share per group that saw a statement."""
    return [
        Share(
            label_name(result, label_set, label),
            place_of(result, label_set, label),
            group["share"],
            group["low"],
            group["high"],
            group["seen"] or 0,
            "withheld" in group or group["seen"] < fewest,
        )
        for label, group in groups.items()
    ]


def statement_shown(
    result: Result, statement: Mapping[str, Any], basis: str, fewest: int
) -> dict[str, Any]:
    """A statement with how each group votes on it."""
    counted = statement["label_sets"][basis]
    shares = shares_of(result, basis, counted["groups"], fewest)
    least = counted["minimum"]
    return {
        "id": statement["id"],
        "external_id": statement["external_id"],
        "text": statement["text"],
        "theme": statement["theme"],
        "shares": shares,
        "least": label_name(result, basis, least["group"]) if least["group"] is not None else "",
        "low": percent(least["low"]),
        "gap": points(counted["polarisation"]),
        "q": counted["divisive_q"],
        "too_few": any(share.too_few for share in shares),
    }


def statements_chart(result: Result, basis: str, drawn: Drawings, fewest: int) -> Chart | None:
    """Every statement as a dot, with a table of all of them."""
    rows = [
        statement_shown(result, one, basis, fewest)
        for one in result["statements"]
        if basis in one["label_sets"]
    ]
    if not rows:
        return None
    names = [share.name for share in rows[0]["shares"]]
    table = [
        [f"#{row['external_id']} {row['text']}", *(in_brief(s) for s in row["shares"]), row["gap"]]
        for row in rows
    ]
    says = (
        "Filled: groups differ by more than chance gives. Numbers name the statements that stand "
        "out; the table has all of them."
    )
    return drawn.get("statements", "", says, ["Statement", *names, "Apart by"], table)
