"""A database that several processes share, on whichever engine the suite runs."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

from deploy.settings import database

ROOT = Path(__file__).resolve().parents[2]
Answer = TypeVar("Answer")


@dataclass
class Workers:
    """Starts real worker processes on the shared database, and sees that none is left."""

    url: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start `manage.py worker` with short times."""
        command = [sys.executable, "manage.py", "worker", "--poll", "0.1", "--lease", "2", *options]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": self.url,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
            },
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """Stop all of them."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=15)


def wait_for(ask: Callable[[], Answer], seconds: float = 15) -> Answer:
    """Ask until the answer is true; fail when it never is."""
    until = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < until, "This never came true."
        time.sleep(0.02)
    return answer


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database that other processes can open too."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{tmp_path_factory.mktemp('work') / 'work.sqlite3'}"
        return
    server, _, _ = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
    name = f"work_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{server}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def shared_database(shared_url: str, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The same database as this process's default one, with the kernel's table."""
    previous_settings = connections.settings["default"]
    with django_db_blocker.unblock():
        previous = connections["default"]
        connections.settings["default"] = connections.configure_settings(
            {"default": database(shared_url)}
        )["default"]
        backend = load_backend(connections.settings["default"]["ENGINE"])
        connections["default"] = backend.DatabaseWrapper(connections.settings["default"])
        call_command("migrate", "kernel", verbosity=0)
        yield shared_url
        connections["default"].close()
        connections.settings["default"] = previous_settings
        connections["default"] = previous


@pytest.fixture
def workers(shared_database: str) -> Iterator[Workers]:
    """Real workers on the shared database, which starts empty."""
    from elicitation.kernel.models import Work

    Work.objects.all().delete()
    running = Workers(shared_database)
    yield running
    running.stop()
