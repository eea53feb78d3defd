"""How fast imports are, and how much memory they take.

    python -m tests.benchmarks.imports
    python tests/postgresql.py python -m tests.benchmarks.imports

Prints seconds, the processor time of this process, rows per second and the peak of memory for
100,000 rows each: preferences of 500 raters on 5,000 prompts, preferences without raters (a prompt
and a person a row, the worst case), and votes of 2,000 people. Each runs in a process of its own.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROWS = 100_000
WORDS = "it could help to ask what you have tried and say where this may be wrong first".split(" ")


def words(chance: random.Random, count: int) -> str:
    """Some prose."""
    return " ".join(chance.choices(WORDS, k=count))


def rated(folder: Path, chance: random.Random) -> Path:
    """Preferences of 500 raters on 5,000 prompts with two completions each."""
    pairs = [
        {"prompt": f"{n} {words(chance, 40)}", "completion_a": words(chance, 80)}
        | {"completion_b": words(chance, 80), "source_a": "one", "source_b": "other"}
        for n in range(5000)
    ]
    path = folder / "rated.jsonl"
    with path.open("w") as file:
        for number in range(ROWS):
            answer = {"rater": f"r{number // 200}", "choice": chance.choice(["a", "b", "equal"])}
            file.write(json.dumps(pairs[(number * 7) % 5000] | answer) + "\n")
    return path


def unrated(folder: Path, chance: random.Random) -> Path:
    """Transcripts in the format of HH-RLHF, each with a prompt of its own."""
    path = folder / "unrated.jsonl"
    with path.open("w") as file:
        for number in range(ROWS):
            prompt = f"\n\nHuman: {number} {words(chance, 40)}\n\nAssistant: "
            row = {side: prompt + words(chance, 80) for side in ("chosen", "rejected")}
            file.write(json.dumps(row) + "\n")
    return path


def conversation(folder: Path, chance: random.Random) -> Path:
    """A Polis export: 200 statements, 2,000 people, votes in no order of time."""
    with (folder / "comments.csv").open("w") as file:
        file.write(
            "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
        )
        for number in range(200):
            file.write(f"1,x,{number},{number},0,0,1,{words(chance, 20)}\n")
    with (folder / "votes.csv").open("w") as file:
        file.write("timestamp,datetime,comment-id,voter-id,vote\n")
        for number in range(ROWS):
            person, choice = chance.randrange(2000), chance.choice((-1, 0, 1))
            moment = 10**12 + chance.randrange(10**9)
            file.write(f"{moment},x,{number % 200},{person},{choice}\n")
    return folder


def measure(name: str) -> None:
    """Import one made-up file into a database, and print what it took."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = FILES[name](Path(folder), random.Random(1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, busy = time.perf_counter(), time.process_time()
        stored = bring_in(name, path)
        seconds, busy = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{connection.vendor:10} {name:8} {stored:>8,} rows {seconds:6.1f} s ({busy:.1f} s busy) "
        f"{stored / seconds:7,.0f} rows/s  peak {peak / 1024:4.0f} MB (before {before / 1024:.0f})"
    )


def bring_in(name: str, path: Path) -> int:
    """Import the file; how many rows were stored."""
    from deliberation.services import import_polis_folder
    from elicitation.services import import_preference_file, name_community, open_workshop

    who = {"workshop": open_workshop(slug=name), "community": name_community(name=name)}
    if name == "votes":
        return import_polis_folder(folder=path, **who).rows_stored
    kind = "jsonl" if name == "rated" else "hh"
    return import_preference_file(path=path, format=kind, **who).rows_stored


FILES: dict[str, Callable[[Path, random.Random], Path]] = {
    "rated": rated,
    "unrated": unrated,
    "votes": conversation,
}

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        for each in FILES:
            subprocess.run([sys.executable, "-m", "tests.benchmarks.imports", each], check=True)
