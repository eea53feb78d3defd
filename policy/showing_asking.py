"""What an analysis would ask each community next, and what of it was handed to the workshop."""

from __future__ import annotations

from typing import Any

from elicitation.kernel.models import Work
from elicitation.models import AskingWeights, Workshop
from policy.access import asking_subject
from policy.handing_over import activities_of
from policy.reading import (
    Result,
    basis_of_result,
    count,
    has_too_few,
    label_name,
    statements_by_id,
)
from policy.showing_parts import place_of

MOST_ASKED = 5


def asking_shown(result: Result, fewest: int) -> list[dict[str, Any]]:
    """For each group what it would be asked first, with how many votes would probably do."""
    basis, known = basis_of_result(result), statements_by_id(result)
    open_of: dict[str, list[dict[str, Any]]] = {}
    for entry in result.get("decisions") or ():
        statement = known.get(entry["item"].get("id"))
        if entry["item"]["kind"] != "statement" or statement is None:
            continue
        if has_too_few(statement, basis, fewest):
            continue
        for label, one in entry["pending"].items():
            row = {"text": statement["text"], "further": one["further"], "left": one["left"]}
            open_of.setdefault(label, []).append(row)
    return [_group(result, basis, label, rows) for label, rows in sorted(open_of.items())]


def _group(result: Result, basis: str, label: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    able = sorted((one for one in rows if one["further"]), key=lambda one: one["further"])
    return {
        "name": label_name(result, basis, label),
        "place": place_of(result, basis, label),
        "first": [one | {"says": _says(one)} for one in able[:MOST_ASKED]],
        "more": max(0, len(able) - MOST_ASKED),
        "hopeless": len(rows) - len(able),
    }


def _says(one: dict[str, Any]) -> str:
    return f"{count(one['further'], 'more vote')} of the {one['left']} who have not voted on it"


def handed_over(workshop: Workshop) -> dict[str, Any]:
    """Whether the workshop asks by weights now, and how the last handing over went."""
    work = Work.objects.latest_for(asking_subject(workshop))
    done = work is not None and work.status == Work.Status.DONE
    given = AskingWeights.objects.filter(activity__stage__workshop=workshop).exists()
    return {
        "open": bool(activities_of(workshop)),
        "given": given,
        "under_way": work is not None and work.is_open,
        "told": (work.result or {}).get("told", []) if work and done and given else [],
        "when": work.ended if work else None,
        "error": work.error if work and not done and not work.is_open else "",
    }
