"""A Polis export as arrays, read by the tests themselves so that they check the methods alone."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parents[3] / "deploy" / "data" / "polis"


@dataclass(frozen=True)
class Conversation:
    votes: NDArray[np.float64]
    groups: NDArray[np.int64]
    statements: list[int]
    texts: list[str]
    moderated_out: NDArray[np.bool_]


def read(name: str) -> Conversation:
    comments = {int(row["comment-id"]): row for row in _rows(DATA / name / "comments.csv")}
    exported = {int(r["participant"]): r for r in _rows(DATA / name / "participants-votes.csv")}
    people, statements = sorted(exported), sorted(comments)
    person = {one: row for row, one in enumerate(people)}
    column = {one: place for place, one in enumerate(statements)}
    votes = np.full((len(people), len(statements)), np.nan)
    for row in sorted(_rows(DATA / name / "votes.csv"), key=lambda row: int(row["timestamp"])):
        votes[person[int(row["voter-id"])], column[int(row["comment-id"])]] = float(row["vote"])
    groups = [int(float(exported[one]["group-id"] or -1)) for one in people]
    out = [comments[one]["moderated"] == "-1" for one in statements]
    texts = [comments[one]["comment-body"] for one in statements]
    return Conversation(votes, np.array(groups), statements, texts, np.array(out))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
