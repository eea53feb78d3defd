"""What the votes of an export come to, whatever the export says of itself."""

from __future__ import annotations

from django.db.models import Count, Q

from deliberation.models import Statement, Vote
from elicitation.models import AnswerEvent, ImportedFile, Workshop
from elicitation.services.answers import in_batches
from elicitation.services.intake import BATCH, Intake
from elicitation.services.settling import body_field, last_said, settle


def settle_latest_votes(imported: ImportedFile) -> None:
    """Make the latest row of every vote that the file holds, in one statement."""
    choice = f"CAST({body_field('choice')} AS integer) AS choice"
    statement = f"""
        INSERT INTO {Vote._meta.db_table} (participant_id, statement_id, choice, event_id)
        SELECT participant_id, target, choice, event_id FROM ({last_said(choice)}) AS last
        WHERE true
        ON CONFLICT (participant_id, statement_id) DO UPDATE SET
            choice = excluded.choice, event_id = excluded.event_id
    """  # noqa: S608 - every name comes from a model
    settle(statement, AnswerEvent.Kind.VOTE, imported)


def compare_counts(claimed: dict[str, tuple[int, int]], workshop: Workshop, intake: Intake) -> None:
    """Say where the export's own counts are not what a recount finds."""
    differing = 0
    for batch in in_batches(claimed, BATCH):
        counted = Statement.objects.filter(workshop=workshop, external_id__in=batch).annotate(
            agrees=Count("votes", filter=Q(votes__choice=1)),
            disagrees=Count("votes", filter=Q(votes__choice=-1)),
        )
        differing += sum(
            claimed[number] != (agrees, disagrees)
            for number, agrees, disagrees in counted.values_list(
                "external_id", "agrees", "disagrees"
            )
        )
    if differing:
        intake.notice(
            f"comments.csv counts {differing:,} of {len(claimed):,} statements otherwise than "
            f"their last votes; the votes were recounted."
        )
