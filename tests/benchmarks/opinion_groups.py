"""Opinion space, opinion groups and statements, beside red-dwarf in the same run.

    python -m venv peer && peer/bin/pip install red-dwarf
    python -m tests.benchmarks.opinion_groups peer/bin/python      both, and the curve
    python -m tests.benchmarks.opinion_groups database [PEOPLE …]  end to end, from SQLite; of
                                                                   several sizes how costs grow
    python tests/postgresql.py python -m tests.benchmarks.opinion_groups database      the same
    python -m tests.benchmarks.opinion_groups live                 a hall of 500 on 200 statements

Both begin with who voted what on which statement. "groups" is the map and one search for their
number; "report" adds representative statements, consensus and priorities. Each measurement is a
process of its own, the median of several runs in it, with the peak of its memory. On a machine that
others use, set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1 and compare seconds of processor.
red-dwarf (MPL-2.0) is only ever a peer here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

DENSITY, STATEMENTS = 0.1, 1000
CURVE = (3_000, 10_000, 30_000, 100_000)
PEER = """
import json, resource, sys, time
import numpy as np
from reddwarf.implementations.polis import run_pipeline
from reddwarf.utils.clusterer.base import run_clusterer
from reddwarf.utils.matrix import (
    generate_raw_matrix, get_clusterable_participant_ids, simple_filter_matrix,
)
from reddwarf.utils.reducer.base import run_reducer
given = np.load(sys.argv[1])
out = given["out"].tolist()
votes = [
    dict(participant_id=p, statement_id=s, vote=v, modified=0)
    for p, s, v in zip(*(given[name].tolist() for name in ("people", "statements", "choices")))
]
groups, processor, report = [], [], []
for _ in range(int(sys.argv[2])):
    raw = generate_raw_matrix(votes=votes)
    began, used = time.perf_counter(), time.process_time()
    matrix = simple_filter_matrix(vote_matrix=raw, mod_out_statement_ids=out)
    points, _, _ = run_reducer(vote_matrix=matrix.values, reducer="pca", random_state=0)
    ids = get_clusterable_participant_ids(raw, vote_threshold=7)
    rows = matrix.index.get_indexer(ids)
    found = run_clusterer(
        clusterer="kmeans", X_participants_clusterable=points[rows], max_group_count=5,
        random_state=0,
    )
    groups.append(time.perf_counter() - began)
    processor.append(time.process_time() - used)
    if len(sys.argv) > 3:
        began = time.perf_counter()
        run_pipeline(votes=votes, mod_out_statement_ids=out, random_state=0)
        report.append(time.perf_counter() - began)
print(json.dumps({
    "groups": float(np.median(groups)), "processor": float(np.median(processor)),
    "report": float(np.median(report)) if report else None,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "labels": dict(zip(map(int, ids), map(int, found.labels_))),
}))
"""


def vtaiwan(path: Path) -> dict[int, int]:
    """Write the Uber conversation's votes; returns the groups that Polis exported."""
    from tests.policy.methods_votes import polis

    taiwan = polis.read("vtaiwan.uberx")
    people, statements = np.nonzero(~np.isnan(taiwan.votes))
    choices = taiwan.votes[people, statements].astype(np.int64)
    out = np.flatnonzero(taiwan.moderated_out)
    np.savez(path, people=people, statements=statements, choices=choices, out=out)
    return {row: int(group) for row, group in enumerate(taiwan.groups) if group >= 0}


def planted(
    path: Path, people: int, statements: int = STATEMENTS, groups: int = 3
) -> dict[int, int]:
    """Write votes of people in groups who differ; returns the groups."""
    rng = np.random.default_rng(people)
    group = rng.integers(groups, size=people)
    shares = np.clip(
        rng.beta(2, 2, statements) + rng.normal(0, 0.2, (groups, statements)), 0.03, 0.97
    )
    rows, columns = [], []
    for start in range(0, people, 2000):
        seen = rng.random((min(2000, people - start), statements)) < DENSITY
        row, column = np.nonzero(seen)
        rows.append(row + start)
        columns.append(column)
    who, what = np.concatenate(rows), np.concatenate(columns)
    said = np.where(rng.random(len(who)) < shares[group[who], what], 1, -1)
    said[rng.random(len(who)) < 0.1] = 0
    np.savez(path, people=who, statements=what, choices=said, out=np.zeros(0, dtype=np.int64))
    return dict(enumerate(group.tolist()))


def measured(path: str, runs: int) -> None:
    """Our map, groups and report; prints what the peer prints."""
    import resource

    from policy.methods.consensus import count_votes
    from policy.methods.opinion_groups import find_opinion_groups
    from policy.methods.polis_report import (
        polis_consensus,
        polis_numbers,
        polis_priority,
        polis_representative,
    )
    from policy.methods.vote_table import votes_from_rows

    given = np.load(path)
    people, statements = given["people"], given["statements"]
    shape = (int(people.max()) + 1, int(statements.max()) + 1)
    out = np.isin(np.arange(shape[1]), given["out"])
    groups, processor, report = [], [], []
    for _ in range(runs):
        began, used = time.perf_counter(), time.process_time()
        table = votes_from_rows(shape, people, statements, given["choices"])
        found = find_opinion_groups(table, seed=0, moderated_out=out, resamples=0)
        groups.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
        counts = count_votes(table, found.labels)
        numbers = polis_numbers(counts)
        polis_representative(counts, numbers, out)
        whole = count_votes(table, np.zeros(shape[0], dtype=np.int64))
        polis_consensus(whole.agrees[0], whole.disagrees[0], whole.seen[0], out)
        passes = (counts.seen - counts.agrees - counts.disagrees).sum(axis=0)
        agrees, seen = counts.agrees.sum(axis=0), counts.seen.sum(axis=0)
        polis_priority(agrees, passes, seen, found.space.extremity)
        report.append(time.perf_counter() - began)
    labels = {row: int(one) for row, one in enumerate(found.labels) if one >= 0}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = {"groups": groups, "processor": processor, "report": report}
    say = {name: float(np.median(seconds)) for name, seconds in taken.items()}
    print(json.dumps(say | {"memory": peak, "labels": labels}))


def run(command: list[str]) -> dict[str, Any]:
    """What a process printed last."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def agreement(found: dict[str, int], truth: dict[int, int]) -> float:
    """Adjusted Rand index with the groups that are known."""
    from policy.methods.plane_clusters import adjusted_rand

    labels = {int(person): group for person, group in found.items()}
    both = sorted(labels.keys() & truth.keys())
    return adjusted_rand(
        np.array([labels[one] for one in both]), np.array([truth[one] for one in both])
    )


def compare(peer: str, folder: Path) -> None:
    """One after the other on the same votes."""
    script = folder / "peer.py"
    script.write_text(PEER)
    makers: list[tuple[str, Callable[[Path], dict[int, int]], int]] = [
        ("vtaiwan.uberx", vtaiwan, 7),
        (f"20,000 × {STATEMENTS:,}", lambda path: planted(path, 20_000), 3),
    ]
    print(f"{'':<22}{'groups s':>10}{'processor':>10}{'report s':>10}{'MiB':>8}{'ARI':>7}")
    for name, make, runs in makers:
        path = folder / "votes.npz"
        truth = make(path)
        ours = run([sys.executable, "-m", __spec__.name, "ours", str(path), str(runs)])
        theirs = run(
            [peer, str(script), str(path), str(min(runs, 3)), *(["all"] if runs > 3 else [])]
        )
        for who, found in ((f"{name}, ours", ours), ("red-dwarf", theirs)):
            report = found["report"] or float("nan")
            print(
                f"{who:<22}{found['groups']:>10.3f}{found['processor']:>10.3f}{report:>10.3f}"
                f"{found['memory']:>8.0f}{agreement(found['labels'], truth):>7.3f}",
                flush=True,
            )
        faster = [theirs[clock] / ours[clock] for clock in ("groups", "processor")]
        print(f"{'times as fast':<22}" + "".join(f"{times:>10.1f}" for times in faster))


def curve(folder: Path) -> None:
    """Our cost against the number of people."""
    seconds = []
    for people in CURVE:
        planted(folder / "votes.npz", people)
        found = run([sys.executable, "-m", __spec__.name, "ours", str(folder / "votes.npz"), "1"])
        seconds.append(float(found["processor"]))
        print(
            f"{people:>8,} people {found['groups']:8.2f} s, {seconds[-1]:8.2f} s of processor, "
            f"{found['memory']:6.0f} MiB",
            flush=True,
        )
    exponent = np.polyfit(np.log(CURVE[1:]), np.log(seconds[1:]), 1)[0]
    print(f"cost grows as people to the power {exponent:.2f}")


def from_database(sizes: list[int]) -> None:
    """Fill a workshop of each size, measure it in a process of its own, and say how costs grow."""
    from tests.benchmarks import filling

    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        os.environ.setdefault("FOLKMOOT_HOME", name)
        for people in sizes:
            path = Path(name) / "votes.npz"
            planted(path, people)
            began = time.perf_counter()
            filling.fill(np.load(path), f"of-{people}")
            print(
                f"\n{people:,} people; filling took {time.perf_counter() - began:.0f} s", flush=True
            )
            found.append(streamed([sys.executable, "-m", __spec__.name, "read", f"of-{people}"]))
    for stage in found[0] if len(sizes) > 1 else ():
        seconds = [max(one[stage], 1e-3) for one in found]
        exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        print(f"{stage:<52} grows as people to the power {exponent:5.2f}")


def streamed(command: list[str]) -> dict[str, float]:
    """Pass on what a process prints, but for its last line, which is what it found."""
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if last:
                print(last, end="", flush=True)
            last = line
    if process.returncode:
        sys.exit(process.returncode)
    found: dict[str, float] = json.loads(last)
    return found


def from_rows(slug: str) -> None:
    """Read, name and analyse a workshop's votes; prints each part, then its processor seconds."""
    from tests.benchmarks import filling

    filling.ready()
    from elicitation.models import Workshop
    from policy.computing.agreement import agreement_section
    from policy.computing.fault_lines import fault_line_section, mark_twins
    from policy.computing.opinion_groups import label_set_section, space_section
    from policy.computing.preferences import fit_all
    from policy.computing.statements import read_votes, statement_section
    from policy.inputs import read_answers
    from policy.methods.embeddings import embedder_for

    marks = [(time.perf_counter(), time.process_time())]
    taken: dict[str, float] = {}

    def mark(name: str) -> None:
        marks.append((time.perf_counter(), time.process_time()))
        taken[name] = marks[-1][1] - marks[-2][1]
        told(name, -2)

    def told(name: str, since: int) -> None:
        seconds, processor = (marks[-1][kind] - marks[since][kind] for kind in (0, 1))
        print(f"{seconds:8.2f} s, {processor:7.2f} s of processor, {peak()}  {name}", flush=True)

    answers = read_answers(Workshop.objects.get(slug=slug))
    mark("reading")
    answers.hash  # noqa: B018
    mark("the input's name")
    voted = read_votes(answers, 7)
    mark("map, groups and their stability")
    label_set_section(voted, 7)
    mark("label sets, descriptions, groups within groups")
    statements = statement_section(voted, 7)
    space_section(voted)
    mark("every statement")
    told(f"so far, of {len(answers.cast.choices):,} votes, {voted.groups.k} groups", 0)
    sets = {name: (voted.label_sets[name], voted.names[name]) for name in voted.label_sets}
    agreement_section(answers, 7, sets)
    mark("agreement")
    embedder = embedder_for([one["text"] for one in statements])
    mark_twins(statements, embedder)
    fault_line_section(voted, fit_all(answers), [], embedder, 7)
    mark("fault lines")
    told("in all", 0)
    print(json.dumps(taken))


def peak() -> str:
    """The most memory that this process has held."""
    import resource

    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6,.0f} MiB"


def live() -> None:
    """A hall's live picture, from its rows."""
    from tests.benchmarks import filling

    with tempfile.TemporaryDirectory() as name:
        global DENSITY
        DENSITY = 0.7
        os.environ.setdefault("FOLKMOOT_HOME", name)
        planted(Path(name) / "votes.npz", 500, 200)
        filling.fill(np.load(Path(name) / "votes.npz"), "hall")
        from elicitation.models import Workshop
        from policy.computing.live import Told, live_picture
        from policy.inputs_live import read_live_votes

        workshop, taken = Workshop.objects.get(slug="hall"), []
        for _ in range(9):
            began = time.process_time()
            found = read_live_votes(workshop)
            read = time.process_time()
            live_picture(found, Told({}, {}, 0), 10)
            taken.append((read - began, time.process_time() - read))
        reading, summing = np.median(taken[1:], axis=0)
        votes = len(found.votes)
        print(f"{reading:.3f} s to read {votes:,} votes, {summing:.3f} s to sum up")
        print(f"the first time {sum(taken[0]):.3f} s")


def main() -> None:
    """See the top."""
    match sys.argv[1:]:
        case ["ours", path, runs]:
            measured(path, int(runs))
        case ["read", slug]:
            from_rows(slug)
        case ["database", *size]:
            from_database([int(one) for one in size] or [100_000])
        case ["live"]:
            live()
        case [peer]:
            with tempfile.TemporaryDirectory() as name:
                compare(peer, Path(name))
                curve(Path(name))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
