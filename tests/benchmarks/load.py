"""How a full hall is served: 500 phones that poll and vote, then 500 votes in one instant.

    python -m tests.benchmarks.load [--phones 500] [--minutes 10] [--vote-every 5]
    python tests/postgresql.py python -m tests.benchmarks.load

Prints latencies of votes and polls (milliseconds), what failed, the processor time of the pages in
cores, and how long the last of 500 simultaneous votes took. The phones run on the same processors.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.benchmarks.hall import Hall, Phone, Reply, hall, percentile, phones_of


async def live(phone: Phone, until: float, vote_every: float) -> None:
    """Poll every two to three seconds, and vote now and then."""
    await asyncio.sleep(phone.chance.uniform(0, 3))
    next_vote = time.monotonic() + phone.chance.uniform(0, vote_every)
    while time.monotonic() < until:
        await phone.poll()
        if time.monotonic() >= next_vote:
            await phone.vote()
            next_vote += vote_every
        await asyncio.sleep(2 + phone.chance.random())


async def steady(made: Hall, phones: list[Phone], minutes: float, vote_every: float) -> None:
    """Everybody at once for some minutes; print what it was like."""
    before, began = made.processor_seconds(), time.monotonic()
    until = began + 60 * minutes
    await asyncio.gather(*(live(phone, until, vote_every) for phone in phones))
    took = time.monotonic() - began
    cores = (made.processor_seconds() - before) / took
    tell("votes", [reply for phone in phones for reply in phone.replies], took)
    tell("polls", [reply for phone in phones for reply in phone.polls], took)
    print(f"the pages used {cores:.2f} cores over {took:.0f} s")


async def burst(phones: list[Phone]) -> None:
    """Everybody votes in the same instant, over connections that are there."""
    await asyncio.gather(*(phone.poll() for phone in phones))
    for phone in phones:
        phone.replies.clear()
    began = time.perf_counter()
    await asyncio.gather(*(phone.vote() for phone in phones))
    took = time.perf_counter() - began
    failed = sum(reply.status != 200 for phone in phones for reply in phone.replies)
    print(f"burst: {len(phones)} votes, the last acknowledged after {took:.2f} s, {failed} retries")


def tell(name: str, replies: list[Reply], seconds: float) -> None:
    """One line: how many, how fast, and what else than success there was."""
    times = [1000 * reply.seconds for reply in replies]
    odd = Counter(reply.status for reply in replies if reply.status not in (200, 304))
    shares = ", ".join(f"p{share} {percentile(times, share / 100):.0f}" for share in (50, 95, 99))
    print(
        f"{name}: {len(replies)} ({len(replies) / seconds:.0f}/s), {shares} ms; failed {dict(odd)}"
    )


async def run(made: Hall, minutes: float, vote_every: float) -> None:
    """Both, one after the other."""
    phones = phones_of(made)
    await steady(made, phones, minutes, vote_every)
    for _ in range(3):
        await burst(phones)


def main() -> None:
    """Serve a hall in a temporary folder and fill it with phones."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--phones", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--vote-every", type=float, default=5)
    asked = parser.parse_args()
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("p") else "SQLite"
    print(f"{asked.phones} phones, a vote every {asked.vote_every:g} s each, {engine}")
    with (
        tempfile.TemporaryDirectory(prefix="folkmoot-load-") as folder,
        hall(Path(folder), asked.phones) as made,
    ):
        asyncio.run(run(made, asked.minutes, asked.vote_every))


if __name__ == "__main__":
    main()
