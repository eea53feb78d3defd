"""Who may see analyses and constitutions, and who may ask for new ones.

A constitution can rest on several workshops; it is there for those who are part of all of them.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from elicitation.access import (
    Role,
    Visitor,
    has_role,
    in_workshop_or_404,
    work_or_404,
    workshop_or_404,
    workshops_of,
)
from elicitation.kernel.models import Work
from elicitation.models import Workshop
from policy.models import Analysis, Constitution, ConstitutionVersion

WRITES_POLICY = (Role.ANALYST,)
ASKS_NEXT = WATCHES = (Role.ANALYST, Role.FACILITATOR)


def policy_maker_or_403(user: Visitor, slug: str) -> Workshop:
    """The workshop, for those who may analyse it and draft from it."""
    return workshop_or_404(user, slug, *WRITES_POLICY)


def analysis_or_404(user: Visitor, slug: str, pk: int) -> Analysis:
    """One analysis of a workshop, for its members."""
    workshop = workshop_or_404(user, slug)
    return in_workshop_or_404(Analysis.objects.select_related("workshop"), workshop, pk)


def line_editor_or_403(user: Visitor, slug: str, pk: int) -> Analysis:
    """One analysis, for those who may change how its fault lines are read."""
    workshop = policy_maker_or_403(user, slug)
    return in_workshop_or_404(Analysis.objects.select_related("workshop"), workshop, pk)


def asking_or_403(user: Visitor, slug: str, pk: int) -> Analysis:
    """One analysis, for those who may have its workshop ask what it leaves open."""
    workshop = workshop_or_404(user, slug, *ASKS_NEXT)
    return in_workshop_or_404(Analysis.objects.select_related("workshop"), workshop, pk)


def live_workshop_or_403(user: Visitor, slug: str) -> Workshop:
    """The workshop, for those who may watch how people vote while they do."""
    return workshop_or_404(user, slug, *WATCHES)


def live_subject(workshop: Workshop) -> str:
    """What the counting of a vote under way is filed under."""
    return f"live:{workshop.slug}"


def asking_subject(workshop: Workshop) -> str:
    """What the handing over of what to ask next is filed under."""
    return f"ask:{workshop.slug}"


def whole_analysis_or_403(user: Visitor, slug: str, pk: int) -> Analysis:
    """The same as a file, with its smallest counts: they stay with the facilitator.

    What was published elsewhere carries its own terms and is open to every member.
    """
    analysis = analysis_or_404(user, slug, pk)
    workshop = analysis.workshop
    if not workshop.is_public and not has_role(user, workshop, Role.FACILITATOR):
        raise PermissionDenied(
            "The file holds counts of fewer people than may be reported on; "
            "facilitators of this workshop can download it."
        )
    return analysis


def analysis_subject(workshop: Workshop) -> str:
    """What the analyses of a workshop are filed under."""
    return f"analysis:{workshop.slug}"


def analysis_work_or_404(user: Visitor, slug: str, pk: int) -> Work:
    """One analysis under way, for the workshop's members."""
    return work_or_404(analysis_subject(workshop_or_404(user, slug)), pk)


def constitutions_of(user: Visitor) -> QuerySet[Constitution]:
    """The constitutions all of whose workshops this user is part of."""
    mine = workshops_of(user)
    others = Workshop.objects.exclude(pk__in=mine.values("pk"))
    # Subqueries rather than joins: one row per constitution, however many workshops.
    resting = Constitution.workshops.through.objects
    return Constitution.objects.filter(
        pk__in=resting.filter(workshop__in=mine).values("constitution")
    ).exclude(pk__in=resting.filter(workshop__in=others).values("constitution"))


def constitution_or_404(user: Visitor, pk: int) -> Constitution:
    """One constitution, for members of all of its workshops."""
    return get_object_or_404(constitutions_of(user), pk=pk)


def version_or_404(user: Visitor, pk: int, number: int) -> ConstitutionVersion:
    """One version of a constitution, for members of all of its workshops."""
    versions = ConstitutionVersion.objects.select_related(
        "constitution__community", "analysis__workshop", "created_by"
    ).defer("analysis__result", "analysis__charts")
    return get_object_or_404(versions, constitution=constitution_or_404(user, pk), number=number)


def has_role_in_all(user: Visitor, constitution: Constitution, *roles: Role) -> bool:
    """Whether the user has one of these roles in every workshop the constitution rests on."""
    return all(has_role(user, workshop, *roles) for workshop in constitution.workshops.all())


def may_ratify(user: Visitor, constitution: Constitution) -> bool:
    """Whether the user may put a version before communities."""
    return has_role_in_all(user, constitution, *WRITES_POLICY)


def ratifiable_or_403(user: Visitor, pk: int, number: int) -> ConstitutionVersion:
    """One version, for those who may put it before communities."""
    version = version_or_404(user, pk, number)
    if not may_ratify(user, version.constitution):
        raise PermissionDenied("A version is put before communities by its policy analysts.")
    return version
