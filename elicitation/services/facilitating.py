"""What a facilitator does with stages and what people do in them, each told to phones and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, ProtectedError

from elicitation.attendance import has_answers
from elicitation.errors import Refused
from elicitation.models import (
    Activity,
    AuditEntry,
    Completion,
    Prompt,
    Stage,
    User,
    Workshop,
)

Kind = Activity.Kind
# What is put before everyone in these is a prompt, and how many cleared completions that takes.
TAKES_PROMPTS = {Kind.COMPARE: 2, Kind.RATE: 1, Kind.CRITERIA: 1, Kind.RANK: 3, Kind.REWRITE: 1}


@dataclass(frozen=True)
class Planned:
    """One activity of a template. wanted: how many each person is asked for."""

    kind: str
    wanted: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """A stage that is ready to open."""

    name: str
    kind: str
    activities: tuple[Planned, ...]


TEMPLATES: Mapping[str, Template] = {
    "compare": Template(
        "Compare and vote",
        Stage.Kind.NORMS,
        (
            Planned(Kind.COMPARE, 8, {"core": 4}),
            Planned(Kind.VOTE),
            Planned(Kind.PROPOSE),
            Planned(Kind.CASE),
            Planned(Kind.IDENTITY),
        ),
    ),
    "themes": Template(
        "Say what matters, and vote on it",
        Stage.Kind.THEMES,
        (Planned(Kind.PROPOSE), Planned(Kind.VOTE)),
    ),
    "closely": Template(
        "Look at models' answers closely",
        Stage.Kind.MODELS,
        (
            Planned(Kind.RATE, 5),
            Planned(Kind.CRITERIA, 3),
            Planned(Kind.RANK, 2, {"rank_of": 3}),
            Planned(Kind.REWRITE, 2),
        ),
    ),
    "review": Template("Review the rules", Stage.Kind.REVIEW, (Planned(Kind.REVIEW),)),
    "empty": Template("Nothing yet: choose by hand", Stage.Kind.NORMS, ()),
}


def announce(*, workshop: Workshop, by: User | None, action: str, **detail: Any) -> None:
    """Have phones learn of a change, and keep who made it. Call it in the change's transaction."""
    Workshop.objects.filter(pk=workshop.pk).update(pulse=F("pulse") + 1)
    AuditEntry.objects.create(user=by, workshop=workshop, action=action, detail=detail)


@transaction.atomic
def add_stage(*, workshop: Workshop, title: str, template: str, by: User) -> Stage:
    """A new last stage with what its template holds; it waits to be opened."""
    if template not in TEMPLATES:
        raise Refused("There is no such kind of stage.")
    plan = TEMPLATES[template]
    Workshop.objects.select_for_update().get(pk=workshop.pk)
    last = workshop.stages.aggregate(last=Max("position"))["last"]
    stage = Stage.objects.create(
        workshop=workshop,
        kind=plan.kind,
        title=title,
        position=0 if last is None else last + 1,
    )
    Activity.objects.bulk_create(
        Activity(
            stage=stage,
            kind=planned.kind,
            position=place,
            wanted=planned.wanted,
            settings=dict(planned.settings),
        )
        for place, planned in enumerate(plan.activities)
    )
    announce(workshop=workshop, by=by, action="add stage", stage=stage.pk, title=title)
    return stage


@transaction.atomic
def open_stage(*, stage: Stage, by: User) -> bool:
    """Let people act in it; False where it was open already."""
    before = (Stage.Status.WAITING, Stage.Status.CLOSED)
    return _turn(stage, before, Stage.Status.OPEN, by)


@transaction.atomic
def close_stage(*, stage: Stage, by: User) -> bool:
    """Take no more answers in it; False where it was not open."""
    return _turn(stage, (Stage.Status.OPEN,), Stage.Status.CLOSED, by)


def _turn(stage: Stage, before: tuple[str, ...], after: Stage.Status, by: User) -> bool:
    changed = Stage.objects.filter(pk=stage.pk, status__in=before).update(status=after)
    if changed:
        action = "open stage" if after == Stage.Status.OPEN else "close stage"
        announce(workshop=stage.workshop, by=by, action=action, stage=stage.pk, title=stage.title)
    stage.refresh_from_db(fields=["status"])
    return bool(changed)


@transaction.atomic
def remove_stage(*, stage: Stage, by: User) -> None:
    """Take out a stage in which nothing was ever done. Raises Refused otherwise."""
    if stage.activities.exists():
        raise Refused("Take out what people do in this stage first.")
    detail = {"stage": stage.pk, "title": stage.title}
    try:
        with transaction.atomic():
            stage.delete()
    except ProtectedError as error:
        raise Refused("People have answered in this stage, so it stays.") from error
    announce(workshop=stage.workshop, by=by, action="remove stage", **detail)


@transaction.atomic
def add_activity(*, stage: Stage, kind: str, by: User) -> Activity:
    """One more thing to do in a stage. Raises Refused where the stage has it already."""
    if kind not in Kind.values:
        raise Refused("There is no such thing to do.")
    last = stage.activities.aggregate(last=Max("position"))["last"]
    try:
        with transaction.atomic():
            activity = Activity.objects.create(
                stage=stage, kind=kind, position=0 if last is None else last + 1
            )
    except IntegrityError as error:
        raise Refused("This stage has that already.") from error
    _say(activity, by, "add activity")
    return activity


@transaction.atomic
def change_activity(
    *, activity: Activity, wanted: int | None, settings: Mapping[str, Any], by: User
) -> None:
    """Ask for another number from now on, or otherwise; what was answered stays."""
    activity.wanted = wanted
    activity.settings = {**activity.settings, **settings}
    activity.save(update_fields=["wanted", "settings"])
    _say(activity, by, "change activity", wanted=wanted, settings=activity.settings)


@transaction.atomic
def remove_activity(*, activity: Activity, by: User) -> None:
    """Take out what nobody has begun. Raises Refused once somebody has."""
    if has_answers(activity):
        raise Refused("People have answered here already. Close the stage instead.")
    _say(activity, by, "remove activity")
    try:
        with transaction.atomic():
            activity.delete()
    except ProtectedError as error:
        raise Refused("People have been shown some of it already.") from error


def push_prompt(*, activity: Activity, prompt: Prompt, by: User) -> None:
    """Put one prompt before everyone. Raises Refused where not everyone may see it."""
    if activity.kind not in TAKES_PROMPTS:
        raise Refused("Prompts do not belong to this activity.")
    if prompt.workshop_id != activity.stage.workshop_id:
        raise Refused("This prompt belongs to another workshop.")
    if prompt.is_severe:
        raise Refused("Only people who chose to see such things are shown this prompt.")
    cleared = prompt.completions.filter(screening=Completion.Screening.CLEARED).count()
    needed = TAKES_PROMPTS[Kind(activity.kind)]
    if cleared < needed:
        raise Refused(
            f"It takes {needed} answers that were read and cleared; this prompt has {cleared}."
        )
    push_item(activity=activity, item=prompt.pk, by=by)


@transaction.atomic
def push_item(*, activity: Activity, item: int | None, by: User) -> None:
    """Put one item before everyone, or none. The caller knows that it is of this workshop."""
    Activity.objects.filter(pk=activity.pk).update(pushed=item)
    activity.pushed = item
    _say(activity, by, "push item", item=item)


def _say(activity: Activity, by: User, action: str, **detail: Any) -> None:
    announce(
        workshop=activity.stage.workshop,
        by=by,
        action=action,
        stage=activity.stage_id,
        kind=activity.kind,
        **detail,
    )
