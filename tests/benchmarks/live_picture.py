"""What a live picture costs: a hall of 500 people on 200 statements, in processor time.

    python -m tests.benchmarks.live_picture

Reads and counts 70,000 votes from SQLite in a process of its own, as a worker does, and asks for
the page again and again, as an open page does.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

PEOPLE, STATEMENTS = 500, 200


def spent() -> float:
    """Seconds of processor that this process and its ended children took."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    """See the top."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["FOLKMOOT_HOME"] = name
        os.environ["DATABASE_URL"] = f"sqlite:///{name}/live.sqlite3"
        filled(Path(name))
        measure()


def filled(home: Path) -> None:
    """A workshop with everybody's votes."""
    import numpy as np

    from tests.benchmarks import filling, opinion_groups

    opinion_groups.DENSITY = 0.7
    opinion_groups.planted(home / "votes.npz", PEOPLE, STATEMENTS)
    filling.fill(np.load(home / "votes.npz"), "hall")


def measure() -> None:
    """Print what a count by a worker and a look at the page take."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    from elicitation.kernel.worker import Worker
    from elicitation.models import User, Workshop
    from policy.live import ask_for_count
    from policy.models import LivePicture
    from policy.showing_live import stamp

    settings.ALLOWED_HOSTS.append("testserver")
    for module in settings.WORKER_IMPORTS:
        import_module(module)
    call_command("collectstatic", interactive=False, verbosity=0)
    workshop = Workshop.objects.get(slug="hall")
    Workshop.objects.update(provenance="live")
    LivePicture.objects.create(workshop=workshop)
    took = []
    for _ in range(5):
        LivePicture.objects.update(asked_at=None, held={}, map={})
        ask_for_count(LivePicture.objects.get())
        began = spent()
        Worker(poll_every=0.05).run(once=True)
        took.append(spent() - began)
        connections.close_all()
    picture = LivePicture.objects.get()
    groups, people = picture.map["k"], picture.map["people"]
    print(f"{len(picture.statements)} statements, {groups} groups of {people} people on the map")
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    client.get("/workshops/hall/live/")
    print(f"{median(took):.2f} s of processor for a count with its drawings, by a worker")
    print(f"{looks(client, '/workshops/hall/live/', 200):.0f} ms for the whole page")
    have = urlencode({"have": stamp(picture, Workshop.objects.get(slug="hall"))})
    asked = f"/workshops/hall/live/now/?{have}"
    print(f"{looks(client, asked, 204):.1f} ms for a look that finds nothing new")


def looks(client: object, address: str, status: int) -> float:
    """Milliseconds of processor of one answer."""
    began = time.process_time()
    for _ in range(20):
        answer = client.get(address)  # type: ignore[attr-defined]
        assert answer.status_code == status, answer.status_code
    return (time.process_time() - began) / 20 * 1000


if __name__ == "__main__":
    main()
