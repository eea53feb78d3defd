"""What every test may ask for: the personas, one workshop, and which database engine it runs on.

Amara takes part, Bela takes part elsewhere, Farid facilitates, Pilar writes policy, Teo trains,
Olu has no business here.
"""

import os
import sqlite3

import psycopg
import pytest
from django.db import connection

from deploy.words import compile_catalogues
from elicitation.models import (
    Community,
    Membership,
    Participant,
    Stage,
    User,
    Workshop,
    WorkshopCommunity,
)

# A test that asks for one of these, or is marked so, depends on the engine underneath.
TOUCHES_THE_DATABASE = {"db", "transactional_db", "live_server", "shared_database"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the part of the suite for which the database engine makes a difference."""
    parser.addoption(
        "--database-only",
        action="store_true",
        help="only what touches the database, without browser and training",
    )


def pytest_report_header(config: pytest.Config) -> str:
    """Say which database engine this run proves something about."""
    if connection.vendor == "sqlite":
        return f"database engine: SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(os.environ["DATABASE_URL"]) as server:
        return f"database engine: PostgreSQL {server.info.parameter_status('server_version')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --database-only, leave out what behaves the same on every engine."""
    if not config.getoption("--database-only"):
        return
    kept = [item for item in items if touches_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def touches_the_database(item: pytest.Item) -> bool:
    """Whether the engine makes a difference, and running the test twice is worth the time."""
    if item.get_closest_marker("browser") or item.get_closest_marker("training"):
        return False
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("database")
    return bool(marked) or bool(TOUCHES_THE_DATABASE & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    """Pages speak every language that the files do."""
    compile_catalogues()


@pytest.fixture
def river(db: None) -> Workshop:
    """A workshop of two communities on one river, norms open for voting."""
    workshop = Workshop.objects.create(
        slug="river", title="What should a model say about the river?"
    )
    for position, (slug, name) in enumerate([("fishers", "Fishers"), ("farmers", "Farmers")]):
        WorkshopCommunity.objects.create(
            workshop=workshop,
            community=Community.objects.create(slug=slug, name=name),
            position=position,
            join_code=f"RIVER00{position}",
        )
    Stage.objects.create(
        workshop=workshop,
        kind=Stage.Kind.NORMS,
        title="Norms",
        position=0,
        status=Stage.Status.OPEN,
    )
    return workshop


def take_part(workshop: Workshop, community: str, pseudonym: str) -> Participant:
    """Seat a person in one community of the workshop."""
    seat = workshop.seats.get(community__slug=community)
    return Participant.objects.create(seat=seat, workshop=workshop, pseudonym=pseudonym)


def staff(workshop: Workshop | None, name: str, *roles: Membership.Role) -> User:
    """Make a user who has these roles in the workshop, and no password."""
    user = User.objects.create_user(username=name, first_name=name.capitalize())
    for role in roles:
        Membership.objects.create(user=user, workshop=workshop, role=role)
    return user


@pytest.fixture
def amara(river: Workshop) -> Participant:
    """Takes part, with the fishers."""
    return take_part(river, "fishers", "amara")


@pytest.fixture
def bela(river: Workshop) -> Participant:
    """Takes part in the other community, the farmers."""
    return take_part(river, "farmers", "bela")


@pytest.fixture
def farid(river: Workshop) -> User:
    """Facilitates the river workshop."""
    return staff(river, "farid", Membership.Role.FACILITATOR)


@pytest.fixture
def pilar(river: Workshop) -> User:
    """Writes policy from it."""
    return staff(river, "pilar", Membership.Role.ANALYST)


@pytest.fixture
def teo(river: Workshop) -> User:
    """Trains models on it."""
    return staff(river, "teo", Membership.Role.TRAINER)


@pytest.fixture
def olu(db: None) -> User:
    """Can sign in and has no business in any workshop."""
    return staff(None, "olu")
