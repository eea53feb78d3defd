"""Many writers at once, on a database that threads share, on whichever engine the suite runs."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from deploy.settings import database


@pytest.fixture
def racing_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """The tables in a file, as in production: SQLite in memory locks in ways that no file does."""
    if connection.vendor != "sqlite":
        yield
        return
    path = tmp_path / "race.sqlite3"
    connection.ensure_connection()
    with sqlite3.connect(path) as copy:
        connection.connection.backup(copy)
    previous, settings = connections["default"], connections.settings["default"]
    config = connections.configure_settings({"default": database(f"sqlite:///{path}")})["default"]
    connections.settings["default"] = config
    connections["default"] = load_backend(config["ENGINE"]).DatabaseWrapper(config)
    yield
    connections["default"].close()
    connections.settings["default"] = settings
    connections["default"] = previous


def race(write: Callable[[int], object], writers: int = 50) -> list[BaseException]:
    """Call `write` with 0, 1, … from as many threads at one moment; what they raised."""
    barrier, faults = threading.Barrier(writers), list[BaseException]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            write(number)
        except Exception as error:  # noqa: BLE001 - the test looks at each
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults
