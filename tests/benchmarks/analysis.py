"""How long an analysis takes, section by section: python -m tests.benchmarks.analysis

Imports both Polis conversations, PandaLM and HH-RLHF into a throwaway home (or the database that
DATABASE_URL names), then times what `analyse` does. Prints seconds per section and peak memory.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("FOLKMOOT_HOME", tempfile.mkdtemp(prefix="folkmoot-benchmark-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

import django

django.setup()

from django.core.management import call_command

from deliberation.services import import_polis_folder
from deploy.demo.workshops import DATA, HH, PANDALM, SAMPLE, SEATTLE, ensure_workshop
from elicitation.kernel.hashing import plain
from elicitation.models import Workshop
from elicitation.services import open_workshop, seat_community


def quiet(done: float | None, of: float | None, say: str) -> None:
    """Progress that nobody reads."""


def load_vtaiwan() -> Workshop:
    """The larger conversation, which the demo does not load."""
    workshop = open_workshop(slug="uberx", provenance=Workshop.Provenance.REAL)
    seat = seat_community(workshop=workshop, name="vTaiwan")
    folder: Path = DATA / "polis" / "vtaiwan.uberx"
    import_polis_folder(folder=folder, workshop=workshop, community=seat.community)
    return workshop


def measure(workshop: Workshop) -> None:
    """Time one analysis, section by section, and the drawing of its charts."""
    from policy.charts import analysis_charts
    from policy.computing.whole import compute
    from policy.inputs import read_answers

    marks = [(time.perf_counter(), "Reading answers")]
    answers = read_answers(workshop)
    computed = compute(answers, 7, lambda done, say: marks.append((time.perf_counter(), say)))
    marks.append((time.perf_counter(), "Drawing charts"))
    analysis_charts(plain(computed.result))
    marks.append((time.perf_counter(), ""))
    people, statements = answers.cast.shape
    print(f"\n{workshop.slug}: {people:,} people × {statements:,} statements, "
          f"{answers.judged.answers.size:,} comparisons")  # fmt: skip
    for (began, say), (ended, _) in pairwise(marks):
        print(f"  {ended - began:6.2f} s  {say}")
    print(f"  {marks[-1][0] - marks[0][0]:6.2f} s  in all")


def main() -> None:
    """Load everything, then measure each workshop."""
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    workshops = [load_vtaiwan()]
    print(f"import of vtaiwan.uberx: {time.perf_counter() - began:.1f} s")
    workshops += [ensure_workshop(demo, quiet) for demo in (SEATTLE, PANDALM, HH, SAMPLE)]
    for workshop in workshops:
        measure(workshop)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
