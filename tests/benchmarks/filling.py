"""Fills a workshop with votes by the million, faster than people or services could."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

COLUMNS = "participant_id, statement_id, choice, event_id"


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
    from django.db import connection, transaction

    from deliberation.models import Vote

    table = Vote._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(rows), 500_000):
            some = rows[start : start + 500_000].tolist()
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy:
                    for row in some:
                        copy.write_row(row)
            else:
                cursor.executemany(f"INSERT INTO {table} ({COLUMNS}) VALUES (%s, %s, %s, %s)", some)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
