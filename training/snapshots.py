"""Freezing a dataset: from latest answers to a folder of files named by its content."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from elicitation.kernel.hashing import canonical_json, code_version, content_hash, file_hash
from elicitation.models import Community, Consent, Participant, Preference, Workshop
from policy.models import ConstitutionVersion, Principle
from training.errors import TrainingRefused
from training.methods.rows import (
    SPLITS,
    Judgement,
    Measure,
    Pair,
    Rows,
    build_demonstration_rows,
    build_preference_rows,
)
from training.models import DatasetSnapshot

# No freeze takes this long; what is older was left by one that died.
SECONDS_TO_FREEZE = 6 * 3600
ANSWERS = ("left", "right", "equal", "neither")
WITHHELD = "answers of people who did not agree to training"


def snapshots_home() -> Path:
    """Where snapshots live."""
    return Path(settings.FOLKMOOT_HOME) / "snapshots"


def measures_of(version: ConstitutionVersion) -> list[Measure]:
    """The principles that a measurable feature speaks for, as rows can use them.

    A principle that abstains selects nothing. Directions are per community; "" speaks for all.
    """
    return [
        Measure(
            number=principle.number,
            feature=principle.measure["feature"],
            direction=direction,
            threshold=principle.measure["threshold"],
            theme=principle.measure["theme"],
            communities=frozenset([community]) if community else frozenset(),
        )
        for principle in version.principles.all()
        if principle.measure and principle.resolution != Principle.Resolution.ABSTAIN
        for community, direction in sorted(principle.measure["directions"].items())
    ]


def read_judgements(
    workshops: Iterable[Workshop], community: Community | None = None
) -> tuple[list[Judgement], int]:
    """The latest answers (of one community) that may train models, and how many may not.

    People who joined here must have agreed to it; withdrawn people are left out. Published answers
    carry their publisher's terms, simulated ones none, unless their person said otherwise here.
    """
    latest = Consent.objects.filter(participant=OuterRef("comparison__participant"))
    rows = Preference.objects.filter(
        comparison__participant__workshop__in=list(workshops),
        comparison__participant__withdrawn_at=None,
        choice__in=ANSWERS,
    ).annotate(agreed=Subquery(latest.order_by("-id").values("train_models")[:1]))
    if community is not None:
        rows = rows.filter(comparison__participant__seat__community=community)
    is_person = Q(comparison__participant__identity=Participant.Identity.PERSON)
    may_train = Q(agreed=True) | (~is_person & Q(agreed=None))
    judgements = list(_judgements(rows.filter(may_train)))
    # Counted by difference: who never answered the consent has NULL there, which excludes nothing.
    return judgements, rows.count() - len(judgements)


def _judgements(rows: Any) -> Iterator[Judgement]:
    pairs: dict[tuple[int, int], Pair] = {}
    related = rows.select_related(
        "comparison__participant__seat__community",
        "comparison__participant__workshop",
        "comparison__prompt",
        "comparison__left",
        "comparison__right",
    ).order_by("comparison__participant__pseudonym", "id")
    for row in related.iterator(chunk_size=2_000):
        comparison = row.comparison
        left, right = comparison.left, comparison.right
        swapped = (right.content_hash, right.id) < (left.content_hash, left.id)
        first, second = (right, left) if swapped else (left, right)
        pair = pairs.setdefault((first.id, second.id), _pair(comparison.prompt, first, second))
        sides = {
            "left": "second" if swapped else "first",
            "right": "first" if swapped else "second",
        }
        yield Judgement(
            event=row.event_id,
            participant=comparison.participant.pseudonym,
            community=comparison.participant.seat.community.slug,
            workshop=comparison.participant.workshop.slug,
            answer=sides.get(row.choice, row.choice),
            pair=pair,
        )


def _pair(prompt: Any, first: Any, second: Any) -> Pair:
    return Pair(
        prompt.id,
        tuple(prompt.messages),
        prompt.theme,
        first.id,
        second.id,
        first.text,
        second.text,
    )


def build_rows(version: ConstitutionVersion, kind: str, seed: int) -> tuple[Rows, list[str]]:
    """The rows of a constitution version's workshops, and what must be said about them."""
    # Numeric, so it is loaded where rows are built and nowhere else.
    from policy.methods.features import completion_features

    measures = measures_of(version)
    if not measures:
        raise TrainingRefused(
            f"No principle of {version} is measured by a revealed preference, so none can say "
            "which pairs it bears on. Draft from a workshop in which people compared completions."
        )
    constitution = version.constitution
    judgements, withheld = read_judgements(constitution.workshops.all(), constitution.community)
    rows = build_preference_rows(judgements, measures, features=completion_features, seed=seed)
    if kind == DatasetSnapshot.Kind.SFT:
        rows = build_demonstration_rows(rows)
    if not rows.splits["train"]:
        raise TrainingRefused(
            f"No judged pair bears on a principle of {version}: there is nothing to train on. "
            + " ".join(rows.sentences)
        )
    sentences = list(rows.sentences)
    if withheld:
        rows = replace(rows, left_out={**rows.left_out, WITHHELD: withheld})
        sentences.append(f"Left out: {withheld} {WITHHELD}.")
    return rows, sentences


def write_snapshot(
    rows: Rows, sentences: list[str], version: ConstitutionVersion, kind: str, seed: int
) -> tuple[str, Path, dict[str, Any]]:
    """Write the files, name the folder by their content, and return (hash, folder, summary).

    Everything is written beside its place and renamed there, so that a snapshot is there whole or
    not at all; one that is recorded already is left as it is.
    """
    home = snapshots_home()
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    workbench = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    try:
        for split in SPLITS:
            _write_lines(workbench / f"{split}.jsonl", rows.splits[split])
        _write_lines(workbench / "lineage.jsonl", rows.lineage)
        files = {f"{split}.jsonl": file_hash(workbench / f"{split}.jsonl") for split in SPLITS}
        summary = _summary(rows, sentences, version) | {"files": files}
        # With the version's own name: two versions can hold the same words, and one be stale.
        name = content_hash(
            {"kind": kind, "constitution": summary["constitution"], "seed": seed, "files": files}
        )
        manifest = {"hash": name, "kind": kind, "seed": seed, **summary}
        manifest["code_version"] = code_version("training")
        (workbench / "manifest.json").write_bytes(canonical_json(manifest))
        folder = home / name[:16]
        is_whole = (folder / "manifest.json").exists()
        # What another database left here names answers by that database's numbers.
        if not is_whole or not DatasetSnapshot.objects.filter(hash=name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _put(workbench, folder)
    finally:
        shutil.rmtree(workbench, ignore_errors=True)
    return name, folder, summary


def _put(workbench: Path, folder: Path) -> None:
    """Rename into place; another freeze of the same rows may have been a moment quicker."""
    try:
        os.replace(workbench, folder)
    except OSError:
        if not (folder / "manifest.json").exists():
            raise


def _sweep(home: Path) -> None:
    """Remove what a freeze that was killed left behind, which holds people's words."""
    for leftover in home.glob(".making-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - leftover.stat().st_mtime > SECONDS_TO_FREEZE:
                shutil.rmtree(leftover, ignore_errors=True)


def _summary(rows: Rows, sentences: list[str], version: ConstitutionVersion) -> dict[str, Any]:
    per_principle: Counter[int] = Counter()
    communities: dict[str, Counter[str]] = {}
    for split in SPLITS:
        for row in rows.splits[split]:
            communities.setdefault(row["community"], Counter())[split] += 1
            if split == "train":
                per_principle.update(row["principles"])
    workshops = version.constitution.workshops.all()
    return {
        "constitution": {"hash": version.content_hash, "title": str(version)},
        "splits": {split: len(rows.splits[split]) for split in SPLITS},
        "communities": {name: dict(counts) for name, counts in sorted(communities.items())},
        "principles": {str(number): count for number, count in sorted(per_principle.items())},
        "left_out": dict(rows.left_out),
        "sentences": sentences,
        "attribution": [w.attribution for w in workshops if w.attribution],
        "provenance": [f"{w.title}: {w.get_provenance_display()}" for w in workshops],
    }


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_rows(snapshot: DatasetSnapshot, split: str) -> Iterator[dict[str, Any]]:
    """The rows of one split, one at a time. Raises TrainingRefused when the file is gone."""
    if split not in (*SPLITS, "lineage"):
        raise TrainingRefused(f"There is no split named {split}.")
    if "destroyed" in snapshot.summary:
        raise TrainingRefused(f"The rows of {snapshot} were destroyed. {snapshot.stale_because}")
    path = Path(snapshot.folder) / f"{split}.jsonl"
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise TrainingRefused(f"{snapshot} has lost its file {path.name}.") from None
