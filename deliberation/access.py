"""Who may bring answers in; elicitation.access decides about workshops and their pages."""

from deliberation.models import Statement
from elicitation.access import (
    BRINGS_DATA,
    MODERATES,
    Visitor,
    in_workshop_or_404,
    work_or_404,
    workshop_or_404,
)
from elicitation.kernel.models import Work
from elicitation.models import Workshop


def import_page_or_404(user: Visitor, slug: str) -> Workshop:
    """The workshop, for those who may bring answers into it."""
    return workshop_or_404(user, slug, *BRINGS_DATA)


def import_work_or_404(user: Visitor, slug: str, pk: int) -> tuple[Workshop, Work]:
    """One import under way, for those who may bring answers into its workshop."""
    workshop = import_page_or_404(user, slug)
    return workshop, work_or_404(import_subject(workshop), pk)


def statement_or_404(user: Visitor, slug: str, pk: int) -> Statement:
    """One statement of a workshop, for those who moderate it."""
    workshop = workshop_or_404(user, slug, *MODERATES)
    statements = Statement.objects.select_related("workshop", "community")
    return in_workshop_or_404(statements, workshop, pk)


def import_subject(workshop: Workshop) -> str:
    """What imports into a workshop are filed under."""
    return f"import:{workshop.pk}"
