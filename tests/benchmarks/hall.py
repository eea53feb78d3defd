"""A hall full of phones for the benchmarks: a served Folkmoot, people with seats, and their phones.

The phones are simulated in one process over real connections; they send what a phone's queue sends,
with a key and a number for each answer, and try again until it is acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SLUG = "hall"
PATIENCE = 10.0


@dataclass
class Hall:
    """A served Folkmoot with its own database. folder: where its data are."""

    folder: Path
    database: str
    port: int
    seats: list[tuple[int, str]] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What our programs are told."""
        return os.environ | {
            "FOLKMOOT_HOME": str(self.folder),
            "DATABASE_URL": self.database,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
        }

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py to its end; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=self.environment(), capture_output=True, text=True
        )
        if ran.returncode:
            raise RuntimeError(ran.stderr[-2000:])
        return ran.stdout

    def fill(self, people: int, statements: int) -> None:
        """Make the tables, and a workshop of two communities in which a vote is open."""
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
            self.manage(*command, "--verbosity=0")
        made = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.hall", str(people), str(statements)],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = json.loads(made.stdout)
        self.seats = [(device, token) for device, token in found["seats"]]
        self.statements = found["statements"]

    def serve(self) -> None:
        """Start the pages as an installation does, and wait until they answer."""
        # Not in the folder: what is told of a full disk would fill it.
        with tempfile.TemporaryFile() as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py",
                 "deploy.wsgi:application"],
                cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1),
            ):
                return
            time.sleep(0.05)
        raise RuntimeError("The pages did not come up.")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send every process of the pages a signal, and wait until they are gone."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            self.process.wait()
            self.process = None

    def processor_seconds(self) -> float:
        """What all processes of the pages have used so far."""
        import psutil

        assert self.process is not None
        top = psutil.Process(self.process.pid)
        used = [one.cpu_times() for one in [top, *top.children(recursive=True)]]
        return sum(times.user + times.system for times in used)


@contextlib.contextmanager
def hall(folder: Path, people: int, statements: int = 200, database: str = "") -> Iterator[Hall]:
    """A hall with this many seated people, served until the caller is done."""
    given = database or os.environ.get("DATABASE_URL", "")
    made = Hall(folder, given or f"sqlite:///{folder / 'hall.sqlite3'}", free_port())
    made.fill(people, statements)
    made.serve()
    try:
        yield made
    finally:
        made.kill(signal.SIGTERM)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ---- phones


@dataclass
class Reply:
    """One response, and how long it took from the first byte sent. status: 0 when none came."""

    status: int
    seconds: float
    headers: dict[str, str]
    body: bytes


class Connection:
    """One kept connection of one phone, made again whenever it is gone."""

    def __init__(self, port: int, authorization: str) -> None:
        self.port, self.authorization = port, authorization
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", tag: str = "") -> Reply:
        """One request; status 0 when the connection failed or nothing came in ten seconds."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                status, headers, content = await self._exchange(method, path, body, tag)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError, IndexError):
            self.close()
            return Reply(0, time.perf_counter() - began, {}, b"")
        return Reply(status, time.perf_counter() - began, headers, content)

    async def _exchange(
        self, method: str, path: str, body: bytes, tag: str
    ) -> tuple[int, dict[str, str], bytes]:
        if self.streams is None or self.streams[0].at_eof():
            self.close()
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: {self.authorization}",
            f"Cookie: seat-{SLUG}={self.authorization.partition(' ')[2]}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *([f"If-None-Match: {tag}"] if tag else []),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, content

    def close(self) -> None:
        """Drop the connection; the next request makes another."""
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


@dataclass
class Phone:
    """One person's phone: what it sends, and what was acknowledged."""

    hall: Hall
    device: int
    token: str
    chance: random.Random
    seq: int = 0
    acknowledged: list[tuple[str, int, int, int]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    polls: list[Reply] = field(default_factory=list)
    tag: str = ""

    def __post_init__(self) -> None:
        self.connection = Connection(self.hall.port, f"Seat {self.token}")

    async def vote(self, patiently: bool = True) -> None:
        """Vote on some statement; with patience, try until it is acknowledged."""
        self.seq += 1
        statement, choice = self.chance.choice(self.hall.statements), self.chance.choice((-1, 0, 1))
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        answer = {"kind": "vote", "target": statement, "key": key, "seq": self.seq}
        content = json.dumps({"answers": [answer | {"body": {"choice": choice}}]}).encode()
        wait = 0.2
        while True:
            reply = await self.connection.ask("POST", f"/api/w/{SLUG}/answers/", content)
            self.replies.append(reply)
            if reply.status == 200:
                outcome = json.loads(reply.body)["outcomes"][0]
                if not outcome["stored"]:
                    raise RuntimeError(f"A vote was refused: {outcome}")
                self.acknowledged.append((key, statement, choice, self.seq))
                return
            if not patiently:
                return
            await asyncio.sleep(wait * self.chance.uniform(0.5, 1))
            wait = min(2 * wait, 2.0)

    async def poll(self) -> None:
        """Ask whether there is something new."""
        reply = await self.connection.ask("GET", f"/w/{SLUG}/pulse/", tag=self.tag)
        self.tag = reply.headers.get("etag", self.tag)
        self.polls.append(reply)


def phones_of(made: Hall, seed: int = 1) -> list[Phone]:
    """A phone for each seat."""
    return [
        Phone(made, device, token, random.Random(seed * 1_000_003 + device))
        for device, token in made.seats
    ]


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


# ---- what is in the hall, made by a process that knows Django


def make(people: int, statements: int) -> dict[str, Any]:
    """The workshop, its people and its statements; what the phones have to know."""
    import django

    django.setup()
    from deliberation.models import Statement
    from elicitation.access import seat_token
    from elicitation.models import Activity, Device, Participant, Stage
    from elicitation.services import open_workshop, seat_community

    workshop = open_workshop(slug=SLUG, title="A full hall")
    seats = [seat_community(workshop=workshop, name=name) for name in ("Upper", "Lower")]
    stage = Stage.objects.create(workshop=workshop, kind="norms", title="Vote", status="open")
    Activity.objects.create(stage=stage, kind="vote")
    Statement.objects.bulk_create(
        Statement(
            workshop=workshop, stage=stage, text=f"It should do {number}.", is_seed=True,
            external_id=str(number), moderation="in",
        )
        for number in range(statements)
    )  # fmt: skip
    made = Participant.objects.bulk_create(
        Participant(seat=seats[number % 2], workshop=workshop, pseudonym=f"person-{number}")
        for number in range(people)
    )
    devices = Device.objects.bulk_create(Device(participant=one, number=1) for one in made)
    return {
        "seats": [(device.pk, seat_token(device)) for device in devices],
        "statements": list(Statement.objects.values_list("pk", flat=True)),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make(int(sys.argv[1]), int(sys.argv[2]))))
