"""The line from a training row back to the answers it rests on, and from a person to rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elicitation.models import AnswerEvent
from policy.models import Principle
from training.errors import TrainingRefused
from training.methods.splits import SPLITS
from training.models import DatasetSnapshot
from training.snapshots import read_rows


def trace_row(name: str, snapshot: DatasetSnapshot | None = None) -> dict[str, Any]:
    """Everything behind one row: itself, its answers with file and line, its principles.

    name: a row's id, or at least eight letters that only one begins with. Raises TrainingRefused.
    """
    if len(name) < 8:
        raise TrainingRefused("Give at least the first eight letters of a row's id.")
    snapshots = [snapshot] if snapshot else list(DatasetSnapshot.objects.all())
    lost: list[str] = []
    for one in snapshots:
        try:
            found = [line for line in read_rows(one, "lineage") if line["row"].startswith(name)]
        except TrainingRefused as refused:
            lost.append(f" {refused}")
            continue
        if len(found) > 1:
            raise TrainingRefused(f"{len(found)} rows begin with {name}; give more letters.")
        if found:
            return _traced(one, found[0])
    raise TrainingRefused(f"No row of any snapshot is named {name}.{''.join(lost)}")


def trace_participant(pseudonym: str, workshop: str = "") -> Iterator[dict[str, Any]]:
    """Every row that rests on one person's answers: {"snapshot", "row", "split", "answers"}.

    A dataset whose rows were destroyed has none left.
    """
    for snapshot in DatasetSnapshot.objects.all():
        if "destroyed" in snapshot.summary:
            continue
        for line in read_rows(snapshot, "lineage"):
            theirs = [
                answer
                for answer in line["answers"]
                if answer["participant"] == pseudonym
                and (not workshop or answer["workshop"] == workshop)
            ]
            if theirs:
                yield {
                    "snapshot": snapshot.hash,
                    "row": line["row"],
                    "split": line["split"],
                    "community": line["community"],
                    "answers": theirs,
                }


def _traced(snapshot: DatasetSnapshot, line: dict[str, Any]) -> dict[str, Any]:
    row = next(
        (r for split in SPLITS for r in read_rows(snapshot, split) if r["id"] == line["row"]), None
    )
    events = AnswerEvent.objects.select_related(
        "participant__seat__community", "participant__workshop", "imported_file"
    ).in_bulk([answer["event"] for answer in line["answers"]])
    return {
        "snapshot": snapshot,
        "row": row,
        "lineage": line,
        "answers": [_answer(events.get(a["event"]), a) for a in line["answers"]],
        "principles": list(
            Principle.objects.filter(
                version=snapshot.constitution_version, number__in=line["principles"]
            ).prefetch_related("citations__statement", "communities")
        ),
    }


def _who(event: AnswerEvent) -> tuple[str, str]:
    return event.participant.workshop.slug, event.participant.pseudonym


def _answer(event: AnswerEvent | None, said: dict[str, Any]) -> dict[str, Any]:
    """One answer as a page shows it; an erased one keeps its place and says so."""
    is_theirs = event is not None and _who(event) == (said["workshop"], said["participant"])
    if event is None or not is_theirs or event.erased_at is not None:
        return {**said, "erased": True}
    source = event.imported_file
    return {
        **said,
        "erased": False,
        "community": event.participant.seat.community.name,
        "identity": event.participant.get_identity_display(),
        "recorded_at": event.recorded_at,
        "file": event.source_file or (source.name if source else ""),
        "line": event.source_line,
        "file_hash": source.sha256 if source else "",
        "imported_file": source,
    }
