"""What training does when somebody takes something back.

Datasets that hold their answers are stale and lose their files, in every copy; training under way
on them stops. What was trained before does not unlearn: it is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel
from elicitation.methods.taking_back import without_words
from elicitation.models import AnswerEvent, Withdrawal
from elicitation.signals import TakenBack, Touched, listen
from policy.withdrawal import versions_resting_on
from training.destroying import destroy_when_certain, files_of, person_mark
from training.models import Checkpoint, DatasetSnapshot, TrainingRun

Scope = Withdrawal.Scope
# The answers that rows are made of.
TRAINED_ON = (AnswerEvent.Kind.PREFERENCE, AnswerEvent.Kind.RATING, AnswerEvent.Kind.REWRITE)


@listen
def take_back(taken: TakenBack) -> Touched:
    """Destroy datasets that hold these answers, and mark what rested on them as stale."""
    touched = Touched()
    if taken.scope not in (Scope.ALL, Scope.ANSWERS, Scope.TRAINING):
        return touched
    held = [one for one in _candidates(taken) if holds_answers(one, taken)]
    resting = DatasetSnapshot.objects.filter(constitution_version__in=versions_resting_on(taken))
    beside = resting.exclude(pk__in=[one.pk for one in held]).order_by("pk")
    changed: list[int] = []
    for snapshot in held:
        touched.files += len(files_of(snapshot))
        _record_destruction(snapshot, taken)
        changed += _mark(snapshot, taken, touched, learned=True)
    for snapshot in beside:
        changed += _mark(snapshot, taken, touched, learned=False)
    destroy_when_certain([one.pk for one in held], changed)
    return touched


def holds_answers(snapshot: DatasetSnapshot, taken: TakenBack) -> bool:
    """Whether rows of a dataset rest on these answers; one that lost its record might, and does."""
    events = taken.event_ids(*TRAINED_ON)
    if taken.scope == Scope.ANSWERS and not events:
        return False
    person = taken.participant
    destroyed = snapshot.summary.get("destroyed")
    if destroyed is not None:
        return person_mark(person.workshop.slug, person.pseudonym) in destroyed["people"]
    try:
        return any(
            answer["workshop"] == person.workshop.slug
            and (taken.scope != Scope.ANSWERS or answer["event"] in events)
            for answer in _answers_in(snapshot, person.pseudonym)
        )
    except FileNotFoundError:
        return True


def _candidates(taken: TakenBack) -> Iterable[DatasetSnapshot]:
    """Datasets of constitutions of this person's workshop, made after they first answered."""
    person = taken.participant
    answered = AnswerEvent.objects.filter(participant=person, kind__in=TRAINED_ON)
    first = answered.order_by("recorded_at").values_list("recorded_at", flat=True).first()
    if first is None:
        return []
    resting = DatasetSnapshot.objects.filter(
        constitution_version__constitution__workshops=person.workshop_id, created_at__gte=first
    )
    return resting.order_by("pk").distinct()


def _answers_in(snapshot: DatasetSnapshot, pseudonym: str = "") -> Iterator[dict[str, Any]]:
    """The answers that a dataset's rows rest on (of one person). Raises FileNotFoundError."""
    name = json.dumps(pseudonym, ensure_ascii=False)
    with (Path(snapshot.folder) / "lineage.jsonl").open(encoding="utf-8") as file:
        for line in file:
            # Most lines name others, and reading one as JSON takes far longer than looking.
            if pseudonym and name not in line:
                continue
            answers = json.loads(line)["answers"]
            yield from (a for a in answers if not pseudonym or a["participant"] == pseudonym)


def _record_destruction(snapshot: DatasetSnapshot, taken: TakenBack) -> None:
    """Say in the database that the rows are gone, and of whom they were, for who leaves later."""
    destroyed = snapshot.summary.get("destroyed") or {"people": _people_of(snapshot)}
    if taken.scope != Scope.ANSWERS:
        mark = person_mark(taken.participant.workshop.slug, taken.participant.pseudonym)
        kept = [one for one in destroyed["people"] if one != mark]
        destroyed = {**destroyed, "people": kept}
    snapshot.summary = {**snapshot.summary, "destroyed": destroyed}


def _people_of(snapshot: DatasetSnapshot) -> list[str]:
    try:
        return sorted({person_mark(a["workshop"], a["participant"]) for a in _answers_in(snapshot)})
    except FileNotFoundError:
        return []


def _mark(
    snapshot: DatasetSnapshot, taken: TakenBack, touched: Touched, *, learned: bool
) -> list[int]:
    """Mark a dataset and what was trained on it; the runs whose files quote words that go.

    learned: whether the dataset held these answers, or only followed what rested on them.
    """
    snapshot.stale_because = snapshot.stale_because or taken.because
    snapshot.save(update_fields=["stale_because", "summary"])
    touched.name("datasets", hash=snapshot.hash[:12], destroyed=learned)
    changed = []
    for run in TrainingRun.objects.filter(snapshot=snapshot).order_by("pk"):
        _mark_run(run, taken, touched, learned=learned)
        config = without_words(run.config, taken.words)
        if config != run.config:
            TrainingRun.objects.filter(pk=run.pk).update(config=config)
            changed.append(run.pk)
    return changed


def _mark_run(run: TrainingRun, taken: TakenBack, touched: Touched, *, learned: bool) -> None:
    facts = {"run": run.pk, "recipe": run.recipe}
    stopped = [cancel(work) for work in Work.objects.filter(subject=run.subject).open()]
    if any(stopped):
        touched.stopped.append(facts)
    checkpoint = Checkpoint.objects.filter(run=run).first()
    if checkpoint is None:
        return
    checkpoint.stale_because = checkpoint.stale_because or taken.because
    checkpoint.save(update_fields=["stale_because"])
    touched.name("checkpoints", **facts, weights=checkpoint.weights_hash[:12])
    if learned:
        touched.trained.append(facts)
