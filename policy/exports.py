"""Constitutions and analyses as files that others can read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from elicitation.models import Workshop
from elicitation.services.consent import may_be_quoted
from policy.editing_lines import edits_of, in_force
from policy.errors import PolicyRefused
from policy.models import Analysis, Citation, ConstitutionVersion, Principle
from policy.quoting import quotable_now
from policy.showing_parts import fewest
from policy.withholding import for_export

FORMATS = ("json", "yaml", "md")


def analysis_as_json(analysis: Analysis) -> dict[str, Any]:
    """The stored result with what it rests on; docs/analysis-export.md describes every field.

    Quotes that may not be shown any more are left out, and `fault_line_edits` holds what analysts
    changed about how the lines are read. What is about too few people is withheld, and what would
    tell it (docs/small-cells.md).
    """
    result = for_export(analysis.result, fewest(analysis.workshop))
    return {
        "format": "folkmoot-analysis",
        "format_version": 1,
        "workshop": analysis.workshop.slug,
        "analysis": analysis.pk,
        "created_at": analysis.created_at.isoformat(),
        "input_hash": analysis.input_hash,
        "seed": analysis.seed,
        "parameters": analysis.parameters,
        "code_version": analysis.code_version,
        "stale_because": analysis.stale_because or None,
        "attribution": analysis.workshop.attribution,
        **result,
        "fault_lines": _with_quotes_of_today(analysis.workshop, result["fault_lines"]),
        "fault_line_edits": [
            {"kind": one.kind, "detail": one.detail, "at": one.at.isoformat()}
            for one in in_force(edits_of(analysis))
        ],
    }


def _with_quotes_of_today(workshop: Workshop, section: Mapping[str, Any]) -> dict[str, Any]:
    shown = quotable_now(workshop, section["lines"])
    return {
        **section,
        "lines": [
            {**line, "quotes": [one for one in line.get("quotes", ()) if one["id"] in shown]}
            for line in section["lines"]
        ],
    }


def constitution_as_json(version: ConstitutionVersion) -> dict[str, Any]:
    """A constitution version with its principles and the evidence that each cites.

    Numbers that rest on fewer people than the workshop reports on are left out.
    """
    principles = version.principles.prefetch_related(
        "communities", "citations__statement__author", "citations__fault_line"
    )
    constitution = version.constitution
    return {
        "format": "folkmoot-constitution",
        "format_version": 1,
        "title": constitution.title,
        "number": version.number,
        "content_hash": version.content_hash,
        "created_at": version.created_at.isoformat(),
        "community": constitution.community.slug if constitution.community else None,
        "workshops": [workshop.slug for workshop in constitution.workshops.all()],
        "analysis": {"id": version.analysis_id, "input_hash": version.analysis.input_hash},
        "stale_because": version.stale_because or None,
        "choosing": version.choosing,
        "principles": [_principle(principle, _smallest_cell(version)) for principle in principles],
    }


def export_constitution(version: ConstitutionVersion, format: str) -> str:
    """A constitution version as json, yaml or md. Raises ValueError for another format."""
    content = constitution_as_json(version)
    if format == "json":
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    if format == "yaml":
        import yaml

        return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100))
    if format == "md":
        return _markdown(content)
    raise ValueError(f"A constitution is exported as {', '.join(FORMATS)}, not {format}.")


def write(path: Path, text: str) -> None:
    """Write an export. Raises PolicyRefused, in words, where the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PolicyRefused(f"{path} cannot be written: {error.strerror}.") from error


def compare_versions(
    older: ConstitutionVersion, newer: ConstitutionVersion
) -> list[dict[str, Any]]:
    """What changed between two versions: one entry per principle, in the newer one's order.

    Each: {"change": same, reworded, moved, status, added or removed, "before", "after", "words"}.
    Principles are matched by their words, exactly first and then by likeness.
    """
    before, after = (list(v.principles.prefetch_related("communities")) for v in (older, newer))
    matches = _matched(before, after)
    entries = [_entry(matches.get(principle.pk), principle) for principle in after]
    kept = {match.pk for match in matches.values()}
    entries += [_entry(principle, None) for principle in before if principle.pk not in kept]
    return entries


LEAST_LIKENESS = 0.6


def _matched(before: list[Principle], after: list[Principle]) -> dict[int, Principle]:
    """New principle's key → the old one it continues."""
    matches: dict[int, Principle] = {}
    free = list(before)
    pairs = [(_likeness(old, new), new, old) for new in after for old in before]
    for likeness, new, old in sorted(pairs, key=lambda p: (-p[0], p[1].number, p[2].number)):
        if likeness >= LEAST_LIKENESS and new.pk not in matches and old in free:
            matches[new.pk] = old
            free.remove(old)
    return matches


def _likeness(old: Principle, new: Principle) -> float:
    if old.text == new.text:
        return 1.0
    if old.measure and new.measure:
        names = ("feature", "theme")
        same = all(old.measure[name] == new.measure[name] for name in names)
        whose = [set(one.measure["directions"]) for one in (old, new)]
        # Two communities' principles about one feature are two principles.
        return 0.99 if same and ("" in whose[0] | whose[1] or whose[0] & whose[1]) else 0.0
    return difflib.SequenceMatcher(None, old.text, new.text, autojunk=False).ratio()


def _entry(old: Principle | None, new: Principle | None) -> dict[str, Any]:
    if old is None or new is None:
        return {"change": "added" if new else "removed", "before": old, "after": new, "words": []}
    if old.text != new.text:
        change = "reworded"
    elif _standing(old) != _standing(new):
        change = "status"
    else:
        change = "same" if old.number == new.number else "moved"
    return {"change": change, "before": old, "after": new, "words": _words(old.text, new.text)}


def _standing(principle: Principle) -> tuple[str, str, frozenset[str]]:
    """What a principle claims beside its words: status, resolution, and whose it is."""
    whose = frozenset(community.slug for community in principle.communities.all())
    return principle.status, principle.resolution, whose


def _words(before: str, after: str) -> list[tuple[str, str]]:
    """Runs of words, each ("same" | "gone" | "new", text)."""
    one, other = before.split(), after.split()
    runs: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            runs.append(("same", " ".join(one[a:b])))
            continue
        runs += [("gone", " ".join(one[a:b]))] if a < b else []
        runs += [("new", " ".join(other[c:d]))] if c < d else []
    return runs


def _smallest_cell(version: ConstitutionVersion) -> int:
    """Below how many people numbers stay here: answers that were published before have no limit."""
    live = [w for w in version.constitution.workshops.all() if not w.is_public]
    return max((workshop.small_cell for workshop in live), default=0)


def _principle(principle: Principle, smallest: int) -> dict[str, Any]:
    return {
        "number": principle.number,
        "text": principle.text,
        "status": principle.status,
        "resolution": principle.resolution or None,
        "communities": sorted(community.slug for community in principle.communities.all()),
        "measure": principle.measure or None,
        "chosen_for": principle.numbers.get("chosen_for"),
        "stale_because": principle.numbers.get("stale_because"),
        "citations": [_citation(one, smallest) for one in principle.citations.all()],
    }


def _citation(citation: Citation, smallest: int) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": citation.kind, "quote": citation.quote or None}
    if citation.statement is not None:
        found["statement"] = citation.statement.external_id
        quotable = may_be_quoted(citation.statement.author)
        found["statement_text"] = citation.statement.text if quotable else None
    if citation.fault_line is not None:
        found["fault_line"] = citation.fault_line.name
    if citation.numbers:
        found["numbers"] = _told(citation.numbers, smallest)
    return found


def _told(numbers: dict[str, Any], smallest: int) -> dict[str, Any]:
    """The numbers behind a citation, or none where one of them is about too few people.

    All are withheld together, since what one group said follows from the others and the total.
    """
    people = [group["seen"] for group in numbers.get("groups", {}).values()]
    people += [effect["rests_on"] or 0 for effect in numbers.get("effects", {}).values()]
    if any(count < smallest for count in people):
        return {"withheld": "Too few to say."}
    return numbers


def _markdown(content: dict[str, Any]) -> str:
    lines = [f"# {_plain(content['title'])}", ""]
    lines += [f"Version {content['number']}, {content['created_at'][:10]}. ", ""]
    lines += [f"Content hash `{content['content_hash']}`.", ""]
    if content["stale_because"]:
        lines += [f"**This version is stale.** {_plain(content['stale_because'])}", ""]
    for principle in content["principles"]:
        lines += _markdown_principle(principle)
    return "\n".join(lines).rstrip() + "\n"


def _markdown_principle(principle: dict[str, Any]) -> Iterable[str]:
    status = principle["status"].replace("_", " ")
    if principle["resolution"]:
        status += f"; resolution: {principle['resolution'].replace('_', ' ')}"
    yield f"{principle['number']}. **{_plain(principle['text'])}**"
    whose = ", ".join(principle["communities"]) or "none"
    yield f"   *{status}*; wanted by: {whose}"
    for citation in principle["citations"]:
        words = citation.get("statement_text") or citation.get("fault_line") or ""
        if words:
            yield f"   - {citation['kind'].replace('_', ' ')}: {_plain(words)}"
    yield ""


def _plain(text: str) -> str:
    """People's words in Markdown: shown as they are, never taken for markup."""
    flat = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|!" else char for char in flat)
