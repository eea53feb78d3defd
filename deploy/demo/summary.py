"""The short table that the demo ends with: every number of the line, from the stored results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.demo.workshops import DEMO
from elicitation.models import Workshop
from policy.models import Analysis, Constitution
from training.models import DatasetSnapshot, EvaluationReport, TrainingRun
from training.reading import report_lines
from training.services import read_metrics

CURVE = "▁▂▃▄▅▆▇█"


def summary_lines() -> Iterator[str]:
    """What came out, workshop by workshop."""
    for demo in DEMO:
        workshop = Workshop.objects.get(slug=demo.slug)
        yield ""
        yield f"{workshop} — {workshop.get_provenance_display().lower()}"
        analysis = Analysis.objects.filter(workshop=workshop).first()
        if analysis is not None:
            yield from _analysis(analysis)
        for constitution in Constitution.objects.filter(workshops=workshop).order_by("id"):
            yield from _constitution(constitution)
        for snapshot in DatasetSnapshot.objects.filter(
            constitution_version__constitution__workshops=workshop
        ).order_by("id"):
            yield from _snapshot(snapshot)


def _analysis(analysis: Analysis) -> Iterator[str]:
    result = analysis.result
    yield "  communities       " + "; ".join(
        f"{c['name']} ({c['people']:,} people, {c['votes']:,} votes, {c['preferences']:,} choices)"
        for c in result["communities"]
    )
    for what in ("votes", "preferences"):
        yield from _agreement(what, result["agreement"][what])
    lines = result["fault_lines"]
    names = "; ".join(f"{line['name']} ({line['size']:.2f})" for line in lines["lines"][:4])
    yield f"  fault lines       {names or lines['sentence']}"
    for note in result["notes"]:
        yield f"  note              {note}"


def _agreement(what: str, found: dict[str, Any]) -> Iterator[str]:
    if found["all"] is None:
        return
    alpha = found["all"]["alpha"]
    said = f"α {alpha:.4f}" if alpha is not None else found["all"]["note"]
    across = [one for one in found["across"] if one["xrr"] is not None]
    if across:
        said += f", across communities {across[0]['xrr']:.3f} (p {across[0]['xrr_p']:.3f})"
    yield f"  agreement         on {what}: {said}"


def _constitution(constitution: Constitution) -> Iterator[str]:
    version = constitution.versions.latest()
    counts: dict[str, int] = {}
    for principle in version.principles.all():
        status = principle.get_status_display().lower()
        counts[status] = counts.get(status, 0) + 1
    said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    whose = constitution.community.name if constitution.community else "all communities"
    yield f"  principles        {whose}: {said}"


def _snapshot(snapshot: DatasetSnapshot) -> Iterator[str]:
    splits = snapshot.summary["splits"]
    said = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in splits.items())
    yield f"  dataset           {snapshot.hash[:12]}: {said} rows"
    for run in TrainingRun.objects.filter(snapshot=snapshot).order_by("id"):
        yield f"  training curve    {_curve(run)}"
        report = EvaluationReport.objects.filter(checkpoint__run=run).first()
        if report is not None:
            yield from (f"  {line}" for line in report_lines(report))
        yield f"  files             {run.folder}"


def _curve(run: TrainingRun) -> str:
    losses = [row["loss"] for row in read_metrics(run) if row.get("loss") is not None]
    if not losses:
        return "not measured"
    low, high = min(losses), max(losses)
    span = (high - low) or 1.0
    marks = "".join(CURVE[round((loss - low) / span * (len(CURVE) - 1))] for loss in losses)
    return f"{marks}  loss {losses[0]:.3f} → {losses[-1]:.3f} in {len(losses)} steps"
