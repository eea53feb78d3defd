"""Reading what people propose: accepted, taken out with a reason, or put together with another.

Its author sees what became of a statement, and why.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from deliberation.methods.wording import similar
from deliberation.models import Statement, StatementLineage
from elicitation.errors import Refused
from elicitation.methods.taking_back import TAKEN_BACK
from elicitation.models import Activity, User
from elicitation.services.facilitating import announce, push_item

Moderation = Statement.Moderation
LONGEST_REASON = 500
# Which one it is stands in the lineage; its words stay in one place, so that they can be erased.
SAME = "Another statement says the same."


@transaction.atomic
def moderate_statement(*, statement: Statement, becomes: str, by: User, reason: str = "") -> bool:
    """Accept a statement, or take it out with a reason; False where it was so already.

    Raises Refused for taking out without a reason: the author is told it.
    """
    if becomes not in (Moderation.IN, Moderation.OUT):
        raise Refused("A statement is accepted or taken out.")
    # PostgreSQL keeps no NUL.
    reason = reason.replace("\0", "").strip()[:LONGEST_REASON] if becomes == Moderation.OUT else ""
    if becomes == Moderation.OUT and not reason:
        raise Refused("Say why. Whoever wrote it is told the reason.")
    other = Statement.objects.filter(pk=statement.pk).exclude(moderation=becomes)
    if becomes == Moderation.IN and other.filter(text=TAKEN_BACK).exists():
        raise Refused("Whoever wrote it took it back, so it stays out.")
    changed = other.update(moderation=becomes, moderation_reason=reason)
    if changed:
        action = "accept statement" if becomes == Moderation.IN else "take out statement"
        announce(
            workshop=statement.workshop, by=by, action=action, statement=statement.pk, reason=reason
        )
    return bool(changed)


@transaction.atomic
def merge_statements(*, merged: Statement, into: Statement, by: User) -> None:
    """Take one statement out because another says it; votes on it stay with it.

    Raises Refused where the two are not of one stage, or one of them is out.
    """
    if merged.pk == into.pk:
        raise Refused("A statement cannot be put together with itself.")
    if (merged.workshop_id, merged.stage_id) != (into.workshop_id, into.stage_id):
        raise Refused("Only statements of one stage can be put together.")
    if into.community_id not in (None, merged.community_id):
        raise Refused("That statement is another community's own.")
    # Both rows in one order, so that two people who merge them the other way round take turns.
    pair = {
        one.pk: one
        for one in Statement.objects.select_for_update()
        .filter(pk__in=[merged.pk, into.pk])
        .order_by("pk")
    }
    if any(one.moderation == Moderation.OUT for one in pair.values()):
        raise Refused("One of the two is taken out already.")
    Statement.objects.filter(pk=merged.pk).update(moderation=Moderation.OUT, moderation_reason=SAME)
    StatementLineage.objects.get_or_create(
        child=into, parent=merged, defaults={"relation": StatementLineage.Relation.MERGED}
    )
    announce(
        workshop=merged.workshop, by=by, action="merge statement", statement=merged.pk, into=into.pk
    )


def push_statement(*, activity: Activity, statement: Statement, by: User) -> None:
    """Put one statement before everyone. Raises Refused where not everyone may see it."""
    if activity.kind != Activity.Kind.VOTE:
        raise Refused("Statements do not belong to this activity.")
    if not ready_for(activity).filter(pk=statement.pk).exists():
        raise Refused("Only statements that were read and accepted are put before everyone.")
    push_item(activity=activity, item=statement.pk, by=by)


def ready_for(activity: Activity) -> QuerySet[Statement]:
    """What may be voted on in an activity: accepted, or the organisers' own and not taken out."""
    accepted = Q(moderation=Moderation.IN)
    seeds = Q(is_seed=True, moderation=Moderation.UNREVIEWED)
    here = Q(stage=activity.stage_id) | Q(stage=None)
    found = Statement.objects.filter(accepted | seeds, here)
    return found.filter(workshop=activity.stage.workshop_id)


def likest(statement: Statement, others: Iterable[Statement], most: int) -> list[Statement]:
    """The others, those that share much of their words with the statement first."""
    rows = {other.pk: other for other in others}
    texts = {pk: other.text for pk, other in rows.items()}
    return [rows[pk] for pk in similar(statement.text, texts, most, at_least=0)]
