"""The card that goes with a dataset wherever it goes: what it is, from whom, and what it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.kinds import FROM_A_FILE
from training.methods.croissant import DataFile
from training.models import DatasetSnapshot
from training.reading import SPLITS, community_names
from training.telling import TOO_FEW, check_lines, fewest_of, principles_told, told

# What would be markup: words of people and models stay words.
MARKUP = re.compile(r"([\\`*_{}\[\]()#+|!~<>&])")
GAPS = (
    "Names and postal addresses are not looked for; telephone numbers in national form are found "
    "for the named countries only.",
    "Features that principles are measured by are English wordings; rows in other languages are "
    "selected by length and lists alone.",
    "Who did not come, did not answer or did not agree to training is not in it.",
    "A share is the share of those who were asked, not of a population.",
)


def dataset_card(
    snapshot: DatasetSnapshot,
    *,
    format: str,
    files: Sequence[DataFile],
    stayed: Mapping[str, int],
    licence: str,
) -> str:
    """The card as Markdown, with no number about fewer people than the workshops say.

    stayed: reason → how many rows were not exported.
    """
    version = snapshot.constitution_version
    summary = told(snapshot.summary, snapshot.kind, fewest_of(version))
    names = community_names(version)
    parts = [
        _beginning(snapshot, format),
        _section("Where it comes from", _sources(summary, licence)),
    ]
    if snapshot.kind not in FROM_A_FILE:
        parts.append(_section("From whom", _people(summary, names)))
        parts.append(_section("Consent", _consent(fewest_of(version))))
        parts.append(_section("Principles", _principles(snapshot, summary)))
    parts += [
        _section("How rows were chosen and weighed", _chosen(summary)),
        _section("What was checked", _checked(summary, snapshot.kind)),
        _section("What was left out", _left_out(summary, stayed)),
        _section("Known gaps", GAPS if snapshot.kind not in FROM_A_FILE else GAPS[:1]),
        _section("Files", _listed(files)),
        _section("If somebody takes their answers back", [_taking_back(snapshot)]),
    ]
    return "\n".join(parts)


def plain(text: str) -> str:
    """Words on one line that no reader of Markdown takes for markup."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def _beginning(snapshot: DatasetSnapshot, format: str) -> str:
    rows = ", ".join(
        f"{SPLITS[name].lower()} {number:,}" for name, number in snapshot.summary["splits"].items()
    )
    return (
        f"# {plain(str(snapshot.constitution_version))}: {snapshot.get_kind_display().lower()}\n\n"
        f"Dataset `{snapshot.hash}`, frozen {snapshot.created_at:%d %B %Y}, in the format "
        f"{format}. Rows when frozen: {rows}.\n"
    )


def _sources(summary: Mapping[str, Any], licence: str) -> Iterable[str]:
    yield from (plain(line) for line in summary["provenance"])
    yield from (f"Attribution: {plain(line)}" for line in summary["attribution"])
    yield (
        f"Licence: {plain(licence)}"
        if licence
        else (
            "Licence: none was given with this export. Public sources keep their own, named above; "
            "ask those who ran the workshop for everything else."
        )
    )


def _people(summary: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[str]:
    people = summary.get("checks", {}).get("people", {})
    covered = summary.get("checks", {}).get("coverage", {"communities": {}})["communities"]
    for slug, counts in summary["communities"].items():
        number, name = people.get(slug), plain(names.get(slug, slug))
        if number is None:
            yield f"{name}: {TOO_FEW}"
            continue
        rows = sum(counts.values())
        line = f"{name}: {number:,} people, {rows:,} rows"
        if slug in covered:
            one = covered[slug]
            line += f", on {one['rows']:,} of {one['prompts']:,} prompts ({one['judged']:,} judged)"
        yield line


def _consent(least: int) -> Iterable[str]:
    yield "Every answer is by somebody who agreed that it may train a model, or was published."
    if least:
        yield f"Rows that rest on fewer than {least} people are not exported."
        yield "What people wrote themselves is exported only where they agreed to be quoted."
    yield "Nobody is named: no row says who gave which answer."


def _principles(snapshot: DatasetSnapshot, summary: Mapping[str, Any]) -> Iterable[str]:
    for principle, number in principles_told(snapshot, summary):
        if number != 0:
            rows = TOO_FEW if number is None else f"{number:,} training rows"
            yield f"{principle.number}\\. {plain(principle.text)} ({rows})"


def _chosen(summary: Mapping[str, Any]) -> Iterable[str]:
    yield f"Seed {summary.get('seed', 'unknown')}."
    for name, value in summary.get("selection", {}).items():
        if value not in ([], {}, ()):
            yield f"{name.replace('_', ' ')}: {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(str(name))} {weight:g}" for name, weight in value.items())
    if isinstance(value, list):
        return ", ".join(plain(str(one)) for one in value)
    return f"{value:g}"


def _left_out(summary: Mapping[str, Any], stayed: Mapping[str, int]) -> Iterable[str]:
    for reason, number in sorted(summary["left_out"].items()):
        yield f"{plain(reason)}: {TOO_FEW if number is None else f'{number:,}'}"
    for reason, number in sorted(stayed.items()):
        yield f"Not in these files: {number:,} {plain(reason)}"


def _checked(summary: Mapping[str, Any], kind: str) -> Iterable[str]:
    return (f"{name}: {said}" for name, said in check_lines(summary, kind))


def _listed(files: Sequence[DataFile]) -> Iterable[str]:
    return (f"`{file.name}`: {file.size:,} bytes, SHA-256 `{file.sha256}`" for file in files)


def _taking_back(snapshot: DatasetSnapshot) -> str:
    return (
        "The original is destroyed and marked stale; this copy cannot be reached. Ask from time to "
        f"time whether dataset `{snapshot.hash[:12]}` still stands, and delete this copy if not."
    )


def _section(title: str, lines: Iterable[str]) -> str:
    said = [f"- {line}" for line in lines] or ["- Nothing."]
    return "\n".join([f"## {title}", "", *said, ""])
