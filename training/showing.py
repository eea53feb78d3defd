"""Datasets, rows and reports as their pages show them: plain values, nothing left to decide."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from elicitation.kernel.models import Work
from policy.models import ConstitutionVersion
from policy.reading import measured
from policy.showing_parts import both_widths
from training.kinds import Kind
from training.methods.selection import Selection, as_plain
from training.models import DatasetSnapshot, EvaluationReport, TrainingRun
from training.reading import (
    CHART_TITLES,
    SPLITS,
    VERDICT_SENTENCES,
    community_names,
    curve,
    difference_words,
    estimate_words,
    length_words,
    moved_words,
    verdict_word,
    worst_sentence,
)
from training.recipes._config import OWN
from training.services import read_metrics
from training.snapshots import read_rows
from training.telling import check_lines, fewest_of, told

TAKEN_OUT = ("threads", "about", "constitution", "judge")


def places_of(version: ConstitutionVersion) -> dict[str, tuple[str, int]]:
    """Community slug → its name and its seat, which decides its colour."""
    return {
        slug: (name, place) for place, (slug, name) in enumerate(community_names(version).items())
    }


def counts_shown(summary: Mapping[str, Any], places: Mapping[str, Any]) -> dict[str, Any]:
    """How many rows there are of what, and what was left out, from what may be told."""
    checks = summary.get("checks", {})
    covered = checks.get("coverage", {"communities": {}, "themes": {}})
    return {
        "splits": [(SPLITS[name], summary["splits"].get(name, 0)) for name in SPLITS],
        "communities": sorted(
            [
                (
                    *places.get(slug, (slug or "Nobody in particular", 0)),
                    checks.get("people", {}).get(slug),
                    [counts.get(name, 0) for name in SPLITS],
                    covered["communities"].get(slug),
                )
                for slug, counts in summary["communities"].items()
            ],
            key=lambda one: one[1],
        ),
        "themes": [(name, one) for name, one in covered["themes"].items() if name],
        "left_out": sorted(summary["left_out"].items(), key=lambda one: -(one[1] or 0)),
        "sentences": [s for s in summary["sentences"] if not s.startswith("Left out:")],
        "asked": _asked(summary.get("selection", {})),
        "attribution": summary.get("attribution", []),
        "provenance": summary.get("provenance", []),
    }


def _asked(selection: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was asked for beyond the usual, in words."""
    usual = as_plain(Selection())
    return [
        (
            name.replace("_", " "),
            _plain(value) if not isinstance(value, list) else ", ".join(map(str, value)),
        )
        for name, value in selection.items()
        if value != usual.get(name)
    ]


def preview_of(work: Work | None, version: ConstitutionVersion) -> dict[str, Any] | None:
    """What a dataset would be, where the last thing asked of the worker was to look."""
    found = (work.result or {}).get("preview") if work and work.status == Work.Status.DONE else None
    if not found:
        return None
    kind = found["kind"]
    summary = told(found, kind, fewest_of(version))
    return {
        "kind": Kind(kind).label,
        "seed": found["seed"],
        "counts": counts_shown(summary, places_of(version)),
        "checks": check_lines(summary, kind),
    }


def rows_matching(
    snapshot: DatasetSnapshot, asked: Mapping[str, str], places: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """The rows of a split that match, one at a time."""
    for row in read_rows(snapshot, asked.get("split", "train")):
        if "community" in asked and row.get("community") != asked["community"]:
            continue
        if "principle" in asked and int(asked["principle"]) not in row["principles"]:
            continue
        slug = row.get("community", "")
        name, place = places.get(slug, (slug, 0))
        yield row | {
            "name": name,
            "place": place,
            "asked": str(row["prompt"][-1]["content"]),
            "said": _said(row),
        }


def _said(row: Mapping[str, Any]) -> str:
    """What a row teaches: a completion, an answer, or steps."""
    for name in ("chosen", "completion", "answer"):
        if name in row:
            return str(row[name])
    return " ".join(row.get("steps", ()))


def page_of_rows(rows: Iterator[dict[str, Any]], page: int, size: int) -> tuple[list[Any], int]:
    """One page of rows, and how many there are in all; only one page is kept in memory."""
    kept, total = [], 0
    for total, row in enumerate(rows, start=1):
        if (page - 1) * size < total <= page * size:
            kept.append(row)
    return kept, total


def report_shown(
    report: EvaluationReport, places: Mapping[str, tuple[str, int]], fewest: int
) -> dict[str, Any]:
    """A report: each community first, then people held out, samples and judge.

    fewest: below how many people it is too few to say; 0 for what was published elsewhere.
    """
    result = report.result
    names = {slug: name for slug, (name, _) in places.items()}
    people = result.get("held_out_people")
    charts = report.charts
    judge = result.get("judge")
    hidden = is_small(result, fewest)
    return {
        "communities": part_shown(result, places, fewest),
        "mean": result["mean"],
        "worst": "" if hidden else worst_sentence(result["worst"], names),
        "pairs": result["pairs"],
        "level": round(100 * result["level"]),
        "people": part_shown(people, places, fewest) if people else [],
        "samples": result.get("samples", []),
        "judge": judge["overall"]["sentence"] if judge else "",
        "before_after": None if hidden else chart_of(charts, "before_after"),
    }


def is_small(result: Mapping[str, Any], fewest: int) -> bool:
    """Whether some community of a report is too small to be reported on."""
    return any(one["participants"] < fewest for one in result["communities"].values())


def part_shown(
    part: Mapping[str, Any], places: Mapping[str, tuple[str, int]], fewest: int
) -> list[dict[str, Any]]:
    """Every community of a report in words, in the order of their seats."""
    shown = [
        {
            "slug": slug,
            "name": places.get(slug, (slug, 0))[0],
            "place": places.get(slug, (slug, 0))[1],
            "too_few": one["participants"] < fewest,
            "verdict": verdict_word(one),
            "sentence": VERDICT_SENTENCES[
                one["verdict"] if measured(one["difference"]["estimate"]) else ""
            ],
            "before": estimate_words(one["base"]),
            "after": estimate_words(one["tuned"]),
            "difference": difference_words(one["difference"]),
            "moved": moved_words(one.get("moved")),
            "length": length_words(one["length_baseline"]),
            "token_before": estimate_words(one["per_token"]["base"]),
            "token_after": estimate_words(one["per_token"]["tuned"]),
            "token_difference": difference_words(one["per_token"]["difference"]),
            "token_verdict": verdict_word(one["per_token"]),
            "note": one["difference"]["note"],
            "numbers": one,
        }
        for slug, one in part["communities"].items()
    ]
    return sorted(shown, key=lambda one: one["place"])


def chart_of(charts: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """A stored chart with its title, or None where it was not drawn."""
    if name not in charts:
        return None
    svg: SafeString = both_widths(charts[name], charts.get(f"{name}_narrow", ""))
    return {"svg": svg, "title": CHART_TITLES[name]}


def curves_of(charts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The stored training curves."""
    found = [chart_of(charts, name) for name in ("loss", "margin", "group_weights")]
    return [chart for chart in found if chart]


def live_shown(run: TrainingRun) -> dict[str, Any]:
    """What a run has measured so far, and when it expects to end. Reads its directory."""
    metrics = read_metrics(run)
    progress = _json(Path(run.folder) / "progress.json") or {}
    seconds = progress.get("eta_s")
    is_training = progress.get("phase") == "training" and measured(seconds)
    return {
        "curve": curve(metrics, int(run.config.get("max_steps", 0))),
        "last": metrics[-1] if metrics else None,
        "eta": _minutes(float(seconds or 0)) if is_training else "",
    }


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min"


def config_shown(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A run's configuration, field by field."""
    own = OWN.get(str(config.get("recipe")), ())
    unread = {name for names in OWN.values() for name in names} - set(own)
    shown = [
        (name.replace("_", " "), _plain(value))
        for name, value in config.items()
        if name not in (*TAKEN_OUT, *unread) and value not in (None, "", [], {})
    ]
    return [(name, words) for name, words in shown if words]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        known = {name: one for name, one in value.items() if one is not None}
        return ", ".join(f"{name.replace('_', ' ')} {_plain(one)}" for name, one in known.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def metric_rows(run: TrainingRun) -> list[Mapping[str, Any]]:
    """The metrics of every step, for the table beneath the curves."""
    return list(read_metrics(run))


def files_of(run: TrainingRun) -> list[tuple[str, int]]:
    """The files of a run directory with their sizes, checkpoints left out."""
    folder = Path(run.folder)
    if not run.folder or not folder.is_dir():
        return []
    kept = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [
        (str(path.relative_to(folder)), path.stat().st_size)
        for path in kept
        if "checkpoints" not in path.relative_to(folder).parts
    ]


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
