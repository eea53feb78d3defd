"""A workshop's answers as arrays, frozen and hashed. Loads numpy, so only the worker imports it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from deliberation.models import Statement
from elicitation.kernel.hashing import canonical_json
from elicitation.models import Participant, Preference, Workshop
from policy.inputs_labels import read_label_sets
from policy.inputs_rounds import VotedAgain, read_rounds, round_lines
from policy.inputs_votes import read_votes, vote_lines
from policy.inputs_words import Said, read_words, unquotable_statements
from policy.methods.features import completion_features
from policy.methods.vote_table import VoteTable

ANSWERS = {"left": 1.0, "right": 0.0, "equal": 0.5}


@dataclass(frozen=True)
class Judged:
    """Comparisons that were answered: n rows each, by person, then by the words compared.

    people: (n,) index into the workshop's participants. pairs: (n, 2) completion ids, left then
    right. prompts: (n,) ids. answers: (n,) 1 left, 0 right, ½ about equal, NaN neither acceptable.
    stages: (n,) the place of the stage in which each was asked, -1 for none; empty where unread.
    """

    people: NDArray[np.intp]
    pairs: NDArray[np.int64]
    prompts: NDArray[np.int64]
    answers: NDArray[np.float64]
    stages: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class WorkshopAnswers:
    """Everything an analysis rests on. Rows are joined by id, never by position.

    said: words beside choices. unquotable: ids of statements that are not shown as quotes. again:
    votes of those who voted twice.
    """

    participants: list[dict[str, Any]]
    communities: list[dict[str, str]]
    statements: list[dict[str, Any]]
    cast: VoteTable
    judged: Judged
    prompts: Mapping[int, dict[str, Any]]
    completions: Mapping[int, dict[str, Any]]
    label_sets: Mapping[str, dict[int, str]]
    without_raters: bool
    said: Sequence[Said] = ()
    unquotable: Set[int] = frozenset()
    again: VotedAgain = field(default_factory=VotedAgain)

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
            digest.update(line if isinstance(line, bytes) else canonical_json(line) + b"\n")
        return digest.hexdigest()

    def labels(self, name: str) -> NDArray[np.intp]:
        """(participants,) the numbered labels of one label set; -1 where someone has none."""
        given = self.label_sets[name]
        numbers = {label: i for i, label in enumerate(sorted(set(given.values())))}
        return np.array(
            [numbers[given[p["id"]]] if p["id"] in given else -1 for p in self.participants],
            dtype=np.intp,
        )

    def _lines(self) -> Iterable[Sequence[Any] | bytes]:
        """Everything a result depends on, by names and words: no number of a table.

        Lines to be made canonical, or several that are so already.
        """
        people, judged = self.participants, self.judged
        for place, one in enumerate(self.communities):
            yield "community", place, one["slug"], one["name"]
        for person in people:
            yield "person", person["pseudonym"], person["community"], person["identity"]
        votes = vote_lines(self.cast, [person["pseudonym"] for person in people])
        for statement, cast in zip(self.statements, votes, strict=True):
            names = ("external_id", "moderation", "theme", "text")
            yield "statement", *(statement[name] for name in names)
            yield cast
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
        for said in self.said:
            words = (said.choice, said.text, said.beyond, said.quotable)
            yield said.kind, people[said.person]["pseudonym"], *words
        for statement in self.statements:
            if statement["id"] in self.unquotable:
                yield "unquotable", statement["external_id"]
        yield from self._later_lines()

    def _later_lines(self) -> Iterable[Sequence[Any]]:
        """What is told of only where it is there, so that other inputs keep their names."""
        pseudonyms = [person["pseudonym"] for person in self.participants]
        names = {one["id"]: one["external_id"] for one in self.statements}
        yield from round_lines(self.again, pseudonyms, names)
        if np.unique(self.judged.stages).size > 1:
            yield "stages", *self.judged.stages.tolist()
        for prompt in sorted(self.prompts.values(), key=lambda one: str(one["hash"])):
            if prompt["warning"] or prompt["severe"]:
                yield "warned of", prompt["hash"], prompt["warning"], prompt["severe"]
        for completion in sorted(self.completions.values(), key=lambda one: str(one["hash"])):
            if completion["screening"] in ("severe", "withheld"):
                yield "screened", completion["hash"], completion["screening"]


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
        cast=read_votes(
            workshop, row_of, {one["id"]: column for column, one in enumerate(statements)}
        ),
        judged=judged,
        prompts=prompts,
        completions=completions,
        label_sets=read_label_sets(workshop, row_of),
        without_raters=any(
            person["identity"] == Participant.Identity.IMPORTED_ROW for person in participants
        ),
        said=read_words(workshop, row_of),
        unquotable=unquotable_statements(workshop),
        again=read_rounds(workshop, row_of),
    )


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers in number order, then words."""
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)


def _judged(
    workshop: Workshop, row_of: Mapping[int, int]
) -> tuple[Judged, dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    rows = [
        (row_of[person], left, right, prompt, ANSWERS.get(choice, np.nan), stage, words)
        for person, left, right, prompt, choice, stage, *words in Preference.objects.filter(
            comparison__participant__workshop=workshop, choice__in=[*ANSWERS, "neither"]
        )
        .values_list(
            "comparison__participant_id",
            "comparison__left_id",
            "comparison__right_id",
            "comparison__prompt_id",
            "choice",
            "comparison__stage__position",
            "comparison__prompt__content_hash",
            "comparison__left__content_hash",
            "comparison__right__content_hash",
            "comparison__left__source",
            "comparison__right__source",
        )
        .iterator(chunk_size=10_000)
        if person in row_of
    ]
    rows.sort(key=lambda row: (row[0], row[6]))
    judged = Judged(
        people=np.array([row[0] for row in rows], dtype=np.intp),
        pairs=np.array([row[1:3] for row in rows], dtype=np.int64).reshape(-1, 2),
        prompts=np.array([row[3] for row in rows], dtype=np.int64),
        answers=np.array([row[4] for row in rows], dtype=np.float64),
        stages=np.array([-1 if row[5] is None else row[5] for row in rows], dtype=np.int64),
    )
    prompts = {
        pk: {
            **{"text": str(messages[-1]["content"]), "theme": theme, "hash": name},
            **{"warning": warning, "severe": severe},
        }
        for pk, messages, theme, name, warning, severe in workshop.prompts.values_list(
            "id", "messages", "theme", "content_hash", "content_warning", "is_severe"
        )
    }
    wanted = set(judged.pairs.ravel().tolist())
    completions = {
        pk: {"text": text, "source": source, "prompt": prompt, "hash": name, "screening": screening}
        for pk, text, source, prompt, name, screening in workshop.prompts.values_list(
            "completions__id",
            "completions__text",
            "completions__source",
            "id",
            "completions__content_hash",
            "completions__screening",
        ).iterator(chunk_size=10_000)
        if pk in wanted
    }
    return judged, completions, prompts
