"""What holds after an import: the last answer by the source's time, then by row."""

from __future__ import annotations

from django.db import connection

from elicitation.models import AnswerEvent, ImportedFile, Preference

FIELD = {"sqlite": "json_extract(body, '$.{0}')", "postgresql": "(body ->> '{0}')"}


def settle_latest_preferences(imported: ImportedFile) -> None:
    """Make the latest row of every comparison that the file answers, in one statement."""
    settle(_statement(), AnswerEvent.Kind.PREFERENCE, imported)


def settle(statement: str, kind: str, imported: ImportedFile) -> None:
    """Run a statement made with `last_said`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # It plans by the table's size before this import, and then compares row by row.
            cursor.execute(f"ANALYZE {AnswerEvent._meta.db_table}")
        cursor.execute(statement, [kind, imported.pk])


def body_field(name: str) -> str:
    """SQL for one field of an event's body, on either engine."""
    return FIELD[connection.vendor].format(name)


def last_said(columns: str) -> str:
    """SQL for the last event per participant and target among those that a file touches.

    Takes two parameters: the kind of answer, and the primary key of the imported file. What has no
    time of its own counts as said before what has one.
    """
    return f"""
        SELECT * FROM (
            SELECT id AS event_id, participant_id, target, {columns},
                ROW_NUMBER() OVER (
                    PARTITION BY participant_id, target
                    ORDER BY COALESCE(said_at_ms, -1) DESC, imported_file_id DESC,
                        source_line DESC, id DESC
                ) AS place
            FROM {AnswerEvent._meta.db_table}
            WHERE kind = %s AND (participant_id, target) IN (
                SELECT participant_id, target FROM {AnswerEvent._meta.db_table}
                WHERE imported_file_id = %s
            )
        ) AS ordered
        WHERE place = 1
    """  # noqa: S608 - every name comes from a model


def _statement() -> str:
    columns = ", ".join(
        (
            f"{body_field('choice')} AS choice",
            f"CAST({body_field('strength')} AS integer) AS strength",
            f"COALESCE({body_field('rationale')}, '') AS rationale",
        )
    )
    return f"""
        INSERT INTO {Preference._meta.db_table}
            (comparison_id, choice, strength, rationale, spans, event_id)
        SELECT target, choice, strength, rationale, '[]', event_id
        FROM ({last_said(columns)}) AS last
        WHERE true
        ON CONFLICT (comparison_id) DO UPDATE SET
            choice = excluded.choice, strength = excluded.strength,
            rationale = excluded.rationale, spans = excluded.spans, event_id = excluded.event_id
    """  # noqa: S608 - every name comes from a model
