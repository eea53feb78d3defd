"""Taking answers, beside Label Studio's annotation endpoint under the same load and server.

    python -m venv peer && peer/bin/pip install label-studio gunicorn
    python -m tests.benchmarks.peer_answers peer/bin/python

Both are served by gunicorn (gthread, 2 × 8) on their own SQLite files; the same number of clients
send one answer after another over kept connections. Prints answers a second, latency, and
processor time an answer, with ours over theirs; what failed is counted and left out. Label Studio
(Apache-2.0) is only ever a peer here; its reports to its makers are switched off.
"""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.hall import Connection, Hall, Reply, free_port, hall, percentile, phones_of

CLIENTS, EACH = 16, 20
TOKEN = "0123456789abcdef0123456789abcdef01234567"
CONFIG = (
    '<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
    '<Choice value="agree"/><Choice value="disagree"/></Choices></View>'
)


class Peer(Hall):
    """Label Studio, served as our own pages are."""

    def start(self, python: str) -> None:
        """Make its database and its user, and serve it."""
        environment = os.environ | {
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
            "LABEL_STUDIO_SENTRY_DSN": "",
            "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        }
        command = Path(python).parent / "label-studio"
        user = ["--username", "a@example.org", "--password", "a-long-password"]
        subprocess.run(
            [command, "init", "bench", *user, "--user-token", TOKEN],
            env=environment, cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        where = "import label_studio, os; print(os.path.dirname(label_studio.__file__))"
        found = subprocess.run(
            [python, "-c", where], check=True, capture_output=True, text=True, env=environment
        )
        with (self.folder / "web.log").open("wb") as log:
            self.process = subprocess.Popen(
                [python, "-m", "gunicorn", "-k", "gthread", "-w", "2", "--threads", "8",
                 "-b", f"127.0.0.1:{self.port}", "--keep-alive", "5", "--timeout", "120",
                 "core.wsgi:application"],
                cwd=found.stdout.strip(), env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


async def prepared(connection: Connection) -> list[int]:
    """A project with as many tasks as we have statements; their numbers."""
    deadline = time.monotonic() + 180
    while (reply := await connection.ask("GET", "/api/projects/")).status != 200:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The peer did not come up: {reply.status} {reply.body[:300]!r}")
        await asyncio.sleep(1)
    asked = json.dumps({"title": "b", "label_config": CONFIG}).encode()
    await connection.ask("POST", "/api/projects/", asked)
    listed = await connection.ask("GET", "/api/projects/")
    project = json.loads(listed.body)["results"][0]["id"]
    tasks = json.dumps([{"text": f"It should do {number}."} for number in range(200)]).encode()
    await connection.ask("POST", f"/api/projects/{project}/import", tasks)
    reply = await connection.ask("GET", f"/api/tasks/?project={project}&page_size=200")
    found = json.loads(reply.body)
    rows = found["tasks"] if isinstance(found, dict) else found
    return [row["id"] for row in rows]


def annotation(task: int) -> tuple[str, bytes]:
    """Where one annotation is sent, and what."""
    choice = random.choice(["agree", "disagree"])
    value = {"choices": [choice]}
    result = [{"from_name": "c", "to_name": "t", "type": "choices", "value": value}]
    return f"/api/tasks/{task}/annotations/", json.dumps({"result": result}).encode()


async def send_all(
    connections: list[Connection], next_answer: Callable[[int], tuple[str, bytes]]
) -> list[Reply]:
    """Each client sends its answers one after another."""

    async def one(number: int, connection: Connection) -> list[Reply]:
        return [await connection.ask("POST", *next_answer(number)) for _ in range(EACH)]

    done = await asyncio.gather(*(one(n, c) for n, c in enumerate(connections)))
    return [reply for replies in done for reply in replies]


async def measure(
    made: Hall, connections: list[Connection], next_answer: Callable[[int], tuple[str, bytes]]
) -> tuple[float, float, float]:
    """Answers a second, 95th percentile in ms, and processor milliseconds an answer."""
    await send_all(connections, next_answer)
    before, began = made.processor_seconds(), time.perf_counter()
    replies = await send_all(connections, next_answer)
    took = time.perf_counter() - began
    used = made.processor_seconds() - before
    good = [reply for reply in replies if reply.status in (200, 201)]
    if not good:
        raise RuntimeError(f"Every answer failed: {replies[0].status} {replies[0].body[:300]!r}")
    if len(good) < len(replies):
        print(f"({len(replies) - len(good)} of {len(replies)} answers failed, left out)")
    slow = percentile([1000 * reply.seconds for reply in good], 0.95)
    return len(good) / took, slow, 1000 * used / len(good)


async def ours(made: Hall) -> tuple[float, float, float]:
    """Votes on our statements."""
    phones = phones_of(made)
    numbers = [0] * len(phones)

    def vote(client: int) -> tuple[str, bytes]:
        numbers[client] += 1
        answer = {
            "kind": "vote", "target": random.choice(made.statements), "body": {"choice": 1},
            "key": str(uuid.uuid4()), "seq": numbers[client],
        }  # fmt: skip
        return "/api/w/hall/answers/", json.dumps({"answers": [answer]}).encode()

    return await measure(made, [phone.connection for phone in phones], vote)


async def theirs(made: Hall) -> tuple[float, float, float]:
    """Annotations of their tasks."""
    tasks = await prepared(Connection(made.port, f"Token {TOKEN}"))
    clients = [Connection(made.port, f"Token {TOKEN}") for _ in range(CLIENTS)]
    return await measure(made, clients, lambda _: annotation(random.choice(tasks)))


def main() -> None:
    """One after the other, three times each."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.environ.pop("DATABASE_URL", None)
    print("answers a second, p95 ms, processor ms an answer")
    for _ in range(3):
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
            hall(Path(name), CLIENTS) as made,
        ):
            mine = asyncio.run(ours(made))
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            peer = Peer(Path(name), "", free_port())
            with contextlib.ExitStack() as stack:
                stack.callback(peer.kill)
                peer.start(sys.argv[1])
                other = asyncio.run(theirs(peer))
        ratios = [a / b for a, b in zip(mine, other, strict=True)]
        for who, values in (("ours", mine), ("theirs", other), ("ratio", ratios)):
            print(f"{who:<7}" + "".join(f"{value:10.2f}" for value in values), flush=True)


if __name__ == "__main__":
    main()
