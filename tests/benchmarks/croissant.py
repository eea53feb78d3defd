"""Read exported datasets with Croissant's own library, and compare with the files, row by row.

    python -m venv /tmp/croissant && /tmp/croissant/bin/pip install mlcroissant==1.1.1
    /tmp/croissant/bin/python tests/benchmarks/croissant.py FOLDER …

It needs nothing of ours. mlcroissant brings ten packages that nothing else here uses, so it is no
requirement of the tests; those check the specification's rules by `training.methods.croissant`.
"""

import json
import sys
from pathlib import Path

import mlcroissant


def plain(value):
    """A value without the library's prefixes and bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def check(folder: Path) -> None:
    """Print how many records are read and equal; stop at the first that is not."""
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    counts = []
    for records in dataset.metadata.record_sets:
        lines = (folder / f"{records.name}.jsonl").read_text().split("\n")[:-1]
        found = [plain(one) for one in dataset.records(records.name)]
        if found != [json.loads(line) for line in lines]:
            raise SystemExit(f"{folder}: the records of {records.name} differ from its file.")
        counts.append(f"{records.name} {len(found)}")
    print(f"{folder}: {', '.join(counts)}; {len(issues.errors)} errors, {issues.warnings or 0}")


for name in sys.argv[1:]:
    check(Path(name))
