"""Who may see datasets, runs and reports, and who may make them.

They belong to a constitution version, and are there for members of all of its workshops.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from elicitation.access import STAFF, Role, Visitor, work_or_404, workshop_or_404
from elicitation.kernel.models import Work
from elicitation.models import Workshop
from policy.access import constitutions_of, has_role_in_all, version_or_404
from policy.models import ConstitutionVersion
from training.models import DatasetSnapshot, TrainingRun

TRAINS = (Role.TRAINER,)
ONLY_TRAINERS = "This is for people with the role trainer in every workshop the data come from."
ONLY_STAFF = "Single answers are for the staff of every workshop the data come from."


def snapshots_of(user: Visitor) -> QuerySet[DatasetSnapshot]:
    """The snapshots this user may see."""
    mine = constitutions_of(user).values("pk")
    return DatasetSnapshot.objects.filter(constitution_version__constitution__in=mine)


def runs_of(user: Visitor) -> QuerySet[TrainingRun]:
    """The runs this user may see."""
    return TrainingRun.objects.filter(snapshot__in=snapshots_of(user).values("pk"))


def may_train(user: Visitor, version: ConstitutionVersion) -> bool:
    """Whether this user may freeze datasets of this version and train on them."""
    return has_role_in_all(user, version.constitution, *TRAINS)


def may_see_answers(user: Visitor, version: ConstitutionVersion) -> bool:
    """Whether this user may see single answers under pseudonyms."""
    return has_role_in_all(user, version.constitution, *STAFF)


def snapshot_or_404(user: Visitor, name: str) -> DatasetSnapshot:
    """One snapshot by its hash, for members."""
    rows = snapshots_of(user).select_related("constitution_version__constitution", "created_by")
    return get_object_or_404(rows, hash=name)


def snapshot_for_staff_or_403(user: Visitor, name: str) -> DatasetSnapshot:
    """The same for those who may see single answers."""
    snapshot = snapshot_or_404(user, name)
    if not may_see_answers(user, snapshot.constitution_version):
        raise PermissionDenied(ONLY_STAFF)
    return snapshot


def snapshot_to_train_on_or_403(user: Visitor, name: str) -> DatasetSnapshot:
    """The same for those who may train on it."""
    snapshot = snapshot_or_404(user, name)
    if not may_train(user, snapshot.constitution_version):
        raise PermissionDenied(ONLY_TRAINERS)
    return snapshot


def version_to_freeze_or_403(user: Visitor, pk: int, number: int) -> ConstitutionVersion:
    """A constitution version, for those who may freeze a dataset of it."""
    version = version_or_404(user, pk, number)
    if not may_train(user, version):
        raise PermissionDenied(ONLY_TRAINERS)
    return version


def freezing_subject(version: ConstitutionVersion) -> str:
    """What the freezing of a version's datasets is filed under."""
    return f"snapshot:{version.pk}"


def freezing_work_or_404(user: Visitor, pk: int, number: int, work: int) -> Work:
    """One freezing under way, for members."""
    return work_or_404(freezing_subject(version_or_404(user, pk, number)), work)


def run_or_404(user: Visitor, pk: int) -> TrainingRun:
    """One run, for members."""
    related = ("snapshot__constitution_version__constitution", "created_by")
    return get_object_or_404(runs_of(user).select_related(*related), pk=pk)


def run_to_steer_or_403(user: Visitor, pk: int) -> TrainingRun:
    """The same for those who may stop and continue it."""
    run = run_or_404(user, pk)
    if not may_train(user, run.snapshot.constitution_version):
        raise PermissionDenied(ONLY_TRAINERS)
    return run


def run_work_or_404(user: Visitor, pk: int, work: int) -> tuple[TrainingRun, Work]:
    """One attempt of a run, for members."""
    run = run_or_404(user, pk)
    return run, work_or_404(run.subject, work)


def traced_workshop_or_404(user: Visitor, slug: str) -> Workshop:
    """A workshop, for those who may see which rows rest on one person's answers."""
    return workshop_or_404(user, slug, *STAFF)
