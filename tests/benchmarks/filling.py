"""Fills a workshop with votes by the million, faster than people or services could."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

COLUMNS = "participant_id, statement_id, choice, event_id"
INDEXES_OF_SQLITE = """
    SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL
"""
INDEXES_OF_POSTGRESQL = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = %s AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def ready() -> None:
    """Set Django up, in the home and database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    import django

    django.setup()


def fill(votes: Any, slug: str, communities: int = 3) -> None:
    """A workshop of this slug with these people, statements and choices, all of one event.

    Votes do not come into being like this; an analysis reads the same rows of them all the same.
    """
    ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from deliberation.models import Statement
    from elicitation.models import AnswerEvent, Participant, Workshop
    from elicitation.services import open_workshop, seat_community

    workshop = open_workshop(slug=slug, provenance=Workshop.Provenance.SIMULATED)
    seats = [seat_community(workshop=workshop, name=f"Community {n}") for n in range(communities)]
    people = Participant.objects.bulk_create(
        (
            Participant(
                seat=seats[number % communities],
                workshop=workshop,
                pseudonym=f"person-{number:06}",
                identity=Participant.Identity.SIMULATED,
            )
            for number in range(int(votes["people"].max()) + 1)
        ),
        batch_size=5000,
    )
    statements = Statement.objects.bulk_create(
        Statement(workshop=workshop, external_id=str(number), text=f"It should do {number}.")
        for number in range(int(votes["statements"].max()) + 1)
    )
    event = AnswerEvent.objects.create(
        participant=people[0], key="filled", kind="vote", target=statements[0].pk, body={}
    )
    rows = np.column_stack(
        [
            np.array([one.pk for one in people])[votes["people"]],
            np.array([one.pk for one in statements])[votes["statements"]],
            votes["choices"],
            np.full(len(votes["choices"]), event.pk),
        ]
    )
    _store(rows)


def _store(rows: Any) -> None:
    """Rows of a table whose indexes are made afterwards, and whose references nobody checks."""
    from django.db import connection

    from deliberation.models import Vote

    put, listed, afterwards = (
        (_copied, INDEXES_OF_POSTGRESQL, "VACUUM ANALYZE")
        if connection.vendor == "postgresql"
        else (_inserted, INDEXES_OF_SQLITE, "ANALYZE")
    )
    with connection.cursor() as cursor:
        cursor.execute(listed, [Vote._meta.db_table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        put(cursor, Vote._meta.db_table, rows)
        for _, made in indexes:
            cursor.execute(made)
        cursor.execute(afterwards)


def _inserted(cursor: Any, table: str, rows: Any) -> None:
    """Into SQLite, in one transaction that a crash may take."""
    from django.db import transaction

    for setting in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -500000"):
        cursor.execute(f"PRAGMA {setting}")
    with transaction.atomic():
        for start in range(0, len(rows), 500_000):
            some = rows[start : start + 500_000].tolist()
            cursor.connection.executemany(
                f"INSERT INTO {table} ({COLUMNS}) VALUES (?, ?, ?, ?)", some
            )


def _copied(cursor: Any, table: str, rows: Any) -> None:
    """Into PostgreSQL, in the form its COPY reads fastest; its role must be a superuser's."""
    cursor.execute("SET session_replication_role = replica")
    with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(rows), 500_000):
            copy.write(_in_binary(rows[start : start + 500_000]).tobytes())
        copy.write(b"\xff\xff")
    cursor.execute("SET session_replication_role = DEFAULT")


def _in_binary(rows: Any) -> Any:
    """Each row: how many values, then for each its length in bytes and itself."""
    sizes = (8, 8, 2, 8)
    fields = [("values", ">i2")]
    for place, size in enumerate(sizes):
        fields += [(f"length{place}", ">i4"), (f"value{place}", f">i{size}")]
    packed = np.zeros(len(rows), dtype=fields)
    packed["values"] = len(sizes)
    for place, size in enumerate(sizes):
        packed[f"length{place}"], packed[f"value{place}"] = size, rows[:, place]
    return packed
