"""A workshop's answers as arrays, frozen and hashed. Loads numpy, so only the worker imports it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from deliberation.models import Label, Statement, Vote
from elicitation.kernel.hashing import canonical_json
from elicitation.models import Participant, Preference, Workshop
from policy.methods.features import completion_features

ANSWERS = {"left": 1.0, "right": 0.0, "equal": 0.5}


@dataclass(frozen=True)
class Judged:
    """Comparisons that were answered: n rows each, by person, then by the words compared.

    people: (n,) index into the workshop's participants. pairs: (n, 2) completion ids, left then
    right. prompts: (n,) ids. answers: (n,) 1 left, 0 right, ½ about equal, NaN neither acceptable.
    """

    people: NDArray[np.intp]
    pairs: NDArray[np.int64]
    prompts: NDArray[np.int64]
    answers: NDArray[np.float64]


@dataclass(frozen=True)
class WorkshopAnswers:
    """Everything an analysis rests on. Rows are joined by id, never by position."""

    participants: list[dict[str, Any]]
    communities: list[dict[str, str]]
    statements: list[dict[str, Any]]
    votes: NDArray[np.float64]
    judged: Judged
    prompts: Mapping[int, dict[str, Any]]
    completions: Mapping[int, dict[str, Any]]
    label_sets: Mapping[str, dict[int, str]]
    without_raters: bool

    @cached_property
    def community_of(self) -> NDArray[np.intp]:
        """(participants,) index into communities."""
        place = {c["slug"]: i for i, c in enumerate(self.communities)}
        return np.array([place[p["community"]] for p in self.participants], dtype=np.intp)

    @cached_property
    def features(self) -> dict[int, dict[str, float]]:
        """Completion id → its measured features."""
        return {
            pk: completion_features(self.prompts[int(c["prompt"])]["text"], c["text"])
            for pk, c in self.completions.items()
        }

    @cached_property
    def hash(self) -> str:
        """The name of this input: the same answers give the same hash on every machine."""
        digest = hashlib.sha256()
        for line in self._lines():
            digest.update(canonical_json(line) + b"\n")
        return digest.hexdigest()

    def labels(self, name: str) -> NDArray[np.intp]:
        """(participants,) the numbered labels of one label set; -1 where someone has none."""
        given = self.label_sets[name]
        numbers = {label: i for i, label in enumerate(sorted(set(given.values())))}
        return np.array(
            [numbers[given[p["id"]]] if p["id"] in given else -1 for p in self.participants],
            dtype=np.intp,
        )

    def _lines(self) -> Iterable[Sequence[Any]]:
        """Everything a result depends on, by names and words: no number of a table."""
        people, judged = self.participants, self.judged
        for place, one in enumerate(self.communities):
            yield "community", place, one["slug"], one["name"]
        for person in people:
            yield "person", person["pseudonym"], person["community"], person["identity"]
        for column, statement in enumerate(self.statements):
            names = ("external_id", "moderation", "theme", "text")
            yield "statement", *(statement[name] for name in names)
            for row in np.flatnonzero(~np.isnan(self.votes[:, column])):
                yield "vote", people[row]["pseudonym"], int(self.votes[row, column])
        for number, pair in enumerate(judged.pairs):
            prompt = self.prompts[int(judged.prompts[number])]
            sides = [self.completions[int(pk)] for pk in pair]
            yield (
                *("preference", people[judged.people[number]]["pseudonym"]),
                *(prompt["hash"], prompt["theme"]),
                *(side[name] for side in sides for name in ("hash", "source")),
                judged.answers[number],
            )
        for name, given in sorted(self.label_sets.items()):
            for person in people:
                if person["id"] in given:
                    yield "label", name, person["pseudonym"], given[person["id"]]


def read_answers(workshop: Workshop) -> WorkshopAnswers:
    """Read one workshop's latest answers. Withdrawn people are left out.

    Rows are sorted here, since databases order words by their own languages.
    """
    participants: list[dict[str, Any]] = [
        {**row}
        for row in Participant.objects.filter(workshop=workshop, withdrawn_at=None).values(
            "id", "pseudonym", "identity", community=F("seat__community__slug")
        )
    ]
    participants.sort(key=lambda person: person["pseudonym"])
    row_of: dict[int, int] = {person["id"]: row for row, person in enumerate(participants)}
    statements: list[dict[str, Any]] = [
        {**row}
        for row in Statement.objects.filter(workshop=workshop).values(
            "id", "external_id", "text", "theme", "subtheme", "moderation", "quotes"
        )
    ]
    statements.sort(key=lambda s: _natural(s["external_id"]))
    judged, completions, prompts = _judged(workshop, row_of)
    return WorkshopAnswers(
        participants=participants,
        communities=[
            {"slug": seat.community.slug, "name": seat.community.name}
            for seat in workshop.seats.select_related("community")
        ],
        statements=statements,
        votes=_votes(workshop, row_of, statements),
        judged=judged,
        prompts=prompts,
        completions=completions,
        label_sets=_label_sets(workshop, row_of),
        without_raters=any(
            person["identity"] == Participant.Identity.IMPORTED_ROW for person in participants
        ),
    )


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers in number order, then words."""
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)


def _votes(
    workshop: Workshop, row_of: Mapping[int, int], statements: list[dict[str, Any]]
) -> NDArray[np.float64]:
    column_of = {statement["id"]: i for i, statement in enumerate(statements)}
    votes = np.full((len(row_of), len(statements)), np.nan)
    rows = Vote.objects.filter(statement__workshop=workshop).values_list(
        "participant_id", "statement_id", "choice"
    )
    for participant, statement, choice in rows.iterator(chunk_size=10_000):
        if participant in row_of:
            votes[row_of[participant], column_of[statement]] = choice
    return votes


def _judged(
    workshop: Workshop, row_of: Mapping[int, int]
) -> tuple[Judged, dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    rows = [
        (row_of[person], left, right, prompt, ANSWERS.get(choice, np.nan), words)
        for person, left, right, prompt, choice, *words in Preference.objects.filter(
            comparison__participant__workshop=workshop, choice__in=[*ANSWERS, "neither"]
        )
        .values_list(
            "comparison__participant_id",
            "comparison__left_id",
            "comparison__right_id",
            "comparison__prompt_id",
            "choice",
            "comparison__prompt__content_hash",
            "comparison__left__content_hash",
            "comparison__right__content_hash",
            "comparison__left__source",
            "comparison__right__source",
        )
        .iterator(chunk_size=10_000)
        if person in row_of
    ]
    rows.sort(key=lambda row: (row[0], row[5]))
    judged = Judged(
        people=np.array([row[0] for row in rows], dtype=np.intp),
        pairs=np.array([row[1:3] for row in rows], dtype=np.int64).reshape(-1, 2),
        prompts=np.array([row[3] for row in rows], dtype=np.int64),
        answers=np.array([row[4] for row in rows], dtype=np.float64),
    )
    prompts = {
        pk: {"text": str(messages[-1]["content"]), "theme": theme, "hash": name}
        for pk, messages, theme, name in workshop.prompts.values_list(
            "id", "messages", "theme", "content_hash"
        )
    }
    wanted = set(judged.pairs.ravel().tolist())
    completions = {
        pk: {"text": text, "source": source, "prompt": prompt, "hash": name}
        for pk, text, source, prompt, name in workshop.prompts.values_list(
            "completions__id",
            "completions__text",
            "completions__source",
            "id",
            "completions__content_hash",
        ).iterator(chunk_size=10_000)
        if pk in wanted
    }
    return judged, completions, prompts


def _label_sets(workshop: Workshop, row_of: Mapping[int, int]) -> dict[str, dict[int, str]]:
    sets: dict[str, dict[int, str]] = {}
    for name, person, label in Label.objects.filter(label_set__workshop=workshop).values_list(
        "label_set__name", "participant_id", "name"
    ):
        if person in row_of:
            sets.setdefault(name, {})[person] = label
    return sets
