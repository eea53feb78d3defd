"""What the checks of datasets find in public data, and in how much processor time.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.dataset_checks HH_FOLDER GSM8K_FOLDER

HH_FOLDER holds *.jsonl.gz of HH-RLHF, GSM8K_FOLDER train.jsonl and test.jsonl.
"""

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from elicitation.methods.preference_formats import JudgedPair, hh_pairs
from elicitation.methods.row_fields import RowRefused
from training.methods.near_duplicates import crossing, groups_of_near_duplicates
from training.methods.personal_data import scrub
from training.methods.splits import opening


def pairs_in(folder: Path) -> Iterator[JudgedPair]:
    """Every pair that our import would take."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                try:
                    yield from hh_pairs(json.loads(line))
                except RowRefused:
                    continue


def timed(what: str, work: Callable[[], Any]) -> None:
    """Print what came out and the processor time that it took."""
    began = time.process_time()
    found = work()
    print(f"{what}: {found} ({time.process_time() - began:.2f} s of processor)")


def near_duplicates(texts: list[str]) -> str:
    """How many texts are in how many groups, and the largest."""
    sizes = [len(group) for group in groups_of_near_duplicates(texts)]
    return f"{len(texts):,} texts, {len(sizes)} groups of {sum(sizes)}, the largest {max(sizes)}"


def personal(texts: list[str]) -> str:
    """What was found in how much text."""
    found: Counter[str] = Counter()
    for text in texts:
        found += scrub(text)[1]
    return f"{len(texts):,} texts, {sum(map(len, texts)):,} characters: {dict(found)}"


def questions(path: Path) -> list[str]:
    """The questions of a GSM8K file."""
    return [json.loads(line)["question"] for line in path.read_text().splitlines()]


hh, gsm8k = map(Path, sys.argv[1:])
pairs = list(pairs_in(hh))
texts = [str(turn["content"]) for pair in pairs for turn in pair.messages]
texts += [text for pair in pairs for text in (pair.completion_a, pair.completion_b)]
openings = sorted({opening(pair.messages) for pair in pairs})
train, test = (questions(gsm8k / f"{name}.jsonl") for name in ("train", "test"))
timed("HH openings", lambda: near_duplicates(openings))
timed("HH personal data", lambda: personal(texts))
timed("GSM8K questions", lambda: near_duplicates(train))
timed("GSM8K test questions near a training one", lambda: crossing(test, train))
