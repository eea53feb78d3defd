"""What is lost when something breaks while 200 people vote: nothing that was acknowledged.

    python -m tests.benchmarks.faults [FAULT …] [--runs 20]

Faults: web (every process of the pages killed with -9 and started again), worker (the same for the
background worker), disk (the disk that holds the database is full for a while), replay (everything
sent three times more, at once), race (50 writers with one answer); on PostgreSQL too, and there
also restart and kill (of the postmaster, with -9). Filling a disk takes the right to mount one.
Each run ends by comparing what phones were told with what the database holds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.hall import ROOT, SLUG, Hall, Phone, hall, phones_of
from tests.postgresql import ordinary_user, programs

PHONES, VOTES, PAUSE = 200, 6, 0.6
# MB: room for twenty runs' votes, and for PostgreSQL's log of changes.
SMALL_DISK = 256


class Postgres:
    """A PostgreSQL server that can be stopped, killed and started again, with fsync on."""

    def __init__(self, folder: Path) -> None:
        binaries = programs()
        if binaries is None:
            raise FileNotFoundError("PostgreSQL is not installed here.")
        self.binaries, self.folder, self.user = binaries, folder, ordinary_user()
        if self.user:
            shutil.chown(folder, self.user)
        self.control("initdb", "-U", "folkmoot", "-A", "trust", "-E", "UTF8", "--no-locale")
        self.start()
        self.run("createdb", "-h", str(folder), "-U", "folkmoot", "folkmoot")

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"postgres://folkmoot@{str(self.folder).replace('/', '%2F')}/folkmoot"

    def run(self, name: str, *arguments: str) -> None:
        """One of its programs, to the end."""
        subprocess.run(
            [self.binaries / name, *arguments],
            user=self.user, cwd=self.folder, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def control(self, name: str, *arguments: str) -> None:
        """One that works on the data folder."""
        self.run(name, "-D", str(self.folder / "data"), *arguments)

    def start(self) -> None:
        """Start it and wait until it answers; again when it has to recover first."""
        options = (
            f"-c listen_addresses= -c unix_socket_directories={self.folder} -c max_wal_size=48MB"
        )
        self.control(
            "pg_ctl", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def restart(self) -> None:
        """Have it disconnect everyone, end, and start."""
        self.control("pg_ctl", "-w", "-m", "fast", "stop")
        self.start()

    def kill(self) -> None:
        """Kill the postmaster with -9, and start another on the same data."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        for _ in range(60):
            time.sleep(0.5)
            # Its children hold the shared memory for as long as they have not noticed.
            with contextlib.suppress(subprocess.CalledProcessError):
                self.start()
                return
        raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])

    def start_again(self) -> None:
        """Start it where it has ended, as whatever keeps a service running does: where there was
        no room to recover from having no room, it shuts down."""
        for _ in range(8):
            time.sleep(0.5)
            if not (self.folder / "data" / "postmaster.pid").exists():
                self.start()
                return

    def stop(self) -> None:
        """End it for good."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.control("pg_ctl", "-m", "immediate", "stop")


# ---- breaking things


def break_web(made: Hall) -> None:
    """Kill the pages and start them again."""
    made.kill()
    made.serve()


def break_worker(made: Hall) -> None:
    """Start a worker, kill it in the midst of its polling, and start another."""
    for _ in range(2):
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=made.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(1.5)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def fill_disk(folder: Path, afterwards: Callable[[], None] | None = None) -> None:
    """Leave no byte on the disk for a second and a half."""
    filler = folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"0" * 65536):
            pass
    time.sleep(1.5)
    filler.unlink()
    if afterwards:
        afterwards()


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A folder on a disk of its own with few bytes. Raises CalledProcessError where not allowed."""
    folder = Path(tempfile.mkdtemp(prefix="folkmoot-disk-"))
    size = f"size={SMALL_DISK}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


# ---- one run


async def voting(phones: list[Phone]) -> None:
    """Everybody votes several times, trying until each vote is acknowledged."""

    async def one(phone: Phone) -> None:
        for _ in range(VOTES):
            await phone.vote()
            await asyncio.sleep(PAUSE * phone.chance.uniform(0.5, 1.5))

    await asyncio.gather(*(one(phone) for phone in phones))


async def with_fault(phones: list[Phone], fault: Callable[[], None] | None) -> None:
    """The same, with something breaking after a second and a half."""
    everyone = asyncio.create_task(voting(phones))
    await asyncio.sleep(1.5)
    if fault:
        await asyncio.to_thread(fault)
    await everyone


def body_of(answer: tuple[str, int, int, int]) -> bytes:
    """An answer that was sent, as it was sent."""
    key, statement, choice, seq = answer
    sent = {"kind": "vote", "target": statement, "key": key, "seq": seq, "body": {"choice": choice}}
    return json.dumps({"answers": [sent]}).encode()


async def replay(phones: list[Phone]) -> None:
    """Send everything three times more, all phones at once."""

    async def again(phone: Phone) -> None:
        for _ in range(3):
            for answer in phone.acknowledged:
                await phone.connection.ask("POST", f"/api/w/{SLUG}/answers/", body_of(answer))

    await asyncio.gather(*(again(phone) for phone in phones))


async def race(phones: list[Phone]) -> None:
    """One answer of one phone over fifty connections in one instant."""
    first, *others = phones
    await first.vote()
    await asyncio.gather(*(phone.poll() for phone in others[:50]))
    key = f"raced-{first.seq}"
    body = body_of((key, first.hall.statements[0], 1, first.seq + 1))
    for phone in others[:50]:
        phone.connection.authorization = first.connection.authorization
    path = f"/api/w/{SLUG}/answers/"
    replies = await asyncio.gather(
        *(phone.connection.ask("POST", path, body) for phone in others[:50])
    )
    odd = [reply.status for reply in replies if reply.status != 200]
    if odd:
        raise RuntimeError(f"Racing writers were answered {odd}.")
    first.acknowledged.append((key, first.hall.statements[0], 1, first.seq + 1))


def losses(made: Hall, phones: list[Phone]) -> dict[str, int]:
    """Compare what was acknowledged with what is stored."""
    told = json.dumps({phone.device: phone.acknowledged for phone in phones})
    checked = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.faults", "--check"], input=told, text=True,
        cwd=ROOT, env=made.environment(), capture_output=True, check=True,
    )  # fmt: skip
    return dict(json.loads(checked.stdout))


def check(told: dict[str, list[list[Any]]]) -> dict[str, int]:
    """acknowledged, lost, twice (more events than answers), wrong (latest row is not the last)."""
    import django

    django.setup()
    from deliberation.models import Vote
    from elicitation.models import AnswerEvent

    counts = {"acknowledged": 0, "lost": 0, "twice": 0, "wrong": 0}
    for device, answers in told.items():
        events = AnswerEvent.objects.filter(device=int(device))
        stored = list(events.values_list("key", flat=True))
        keys = {answer[0] for answer in answers}
        counts["acknowledged"] += len(keys)
        counts["lost"] += len(keys - set(stored))
        counts["twice"] += len(stored) - len(set(stored))
        last = {
            statement: choice for _, statement, choice, _ in sorted(answers, key=lambda a: a[3])
        }
        rows = Vote.objects.filter(participant__devices=int(device), statement__in=list(last))
        held = dict(rows.values_list("statement", "choice"))
        counts["wrong"] += sum(held.get(statement) != last[statement] for statement in last)
    return counts


def runs_of(fault: str, on_postgres: bool, runs: int) -> dict[str, int]:
    """Serve a hall, break what is asked for again and again, and count over all runs."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(small_disk() if fault == "disk" else some_folder())
        folder.chmod(0o755)
        postgres = None
        if on_postgres:
            (folder / "postgres").mkdir()
            postgres = Postgres(folder / "postgres")
            stack.callback(postgres.stop)
        made = stack.enter_context(hall(folder, PHONES, 50, postgres.url if postgres else ""))
        breaking: dict[str, Callable[[], None]] = {
            "web": lambda: break_web(made),
            "worker": lambda: break_worker(made),
            "disk": lambda: fill_disk(folder),
        }
        if postgres:
            breaking |= {"restart": postgres.restart, "kill": postgres.kill}
            breaking["disk"] = lambda: fill_disk(folder, postgres.start_again)
        total: dict[str, int] = {}
        for number in range(runs):
            for name, count in one_run(made, number, fault, breaking.get(fault)).items():
                total[name] = total.get(name, 0) + count
        return total


@contextlib.contextmanager
def some_folder() -> Iterator[Path]:
    """A folder on the machine's own disk."""
    with tempfile.TemporaryDirectory(prefix="folkmoot-fault-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def one_run(
    made: Hall, number: int, fault: str, breaks: Callable[[], None] | None
) -> dict[str, int]:
    """Everybody votes, something breaks, and what was acknowledged is looked for."""
    phones = phones_of(made, seed=number + 1)
    for phone in phones:
        phone.seq = 1000 * number
    after: dict[str, Callable[[list[Phone]], Awaitable[None]]] = {"replay": replay, "race": race}

    async def everything() -> None:
        await with_fault(phones, breaks)
        if fault in after:
            await after[fault](phones)
        for phone in phones:
            phone.connection.close()

    asyncio.run(everything())
    tries = sum(reply.status != 200 for phone in phones for reply in phone.replies)
    return losses(made, phones) | {"tries that failed": tries}


def main() -> None:
    """Each fault some times on each engine; one line each."""
    if sys.argv[1:] == ["--check"]:
        sys.stdout.write(json.dumps(check(json.load(sys.stdin))))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("faults", nargs="*", metavar="FAULT")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "deploy.settings"
    for engine in [asked.engine] if asked.engine else ["sqlite", "postgresql"]:
        known = ["web", "worker", "disk", "replay", "race"]
        known += ["restart", "kill"] if engine == "postgresql" else []
        for fault in [one for one in known if one in (asked.faults or known)]:
            total = runs_of(fault, engine == "postgresql", asked.runs)
            told = ", ".join(f"{name} {count}" for name, count in total.items())
            print(f"{engine:<10} {fault:<8} {asked.runs} runs: {told}", flush=True)


if __name__ == "__main__":
    main()
