"""The rows of a run directory: read, checked, and put in an order that no file order decides."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from training.recipes._errors import BadInput
from training.recipes._files import read_json_lines

TRAIN, HELD_OUT, HELD_OUT_PEOPLE = "train.jsonl", "heldout.jsonl", "heldout_people.jsonl"
EVERYONE = "everyone"  # the community of rows from a file, which no community said
Messages = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Judgement:
    """One person's answer to a pair, in the direction of chosen: 1, ½ (about equal) or 0."""

    participant: str
    answer: float


@dataclass(frozen=True)
class PreferenceRow:
    """A pair as one community sees it. share: the part of it that prefers chosen, in [0, 1];
    None where no person judged (only rlaif labels those)."""

    id: str
    prompt: Messages
    chosen: str
    rejected: str
    share: float | None
    n: int
    community: str
    weight: float
    principles: tuple[int, ...]
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True)
class DemonstrationRow:
    """A completion to imitate."""

    id: str
    prompt: Messages
    completion: str
    community: str
    weight: float
    principles: tuple[int, ...]


@dataclass(frozen=True)
class PromptRow:
    """A prompt that the model answers itself. answer: what a right completion comes to, or None
    where no answer can be checked."""

    id: str
    prompt: Messages
    community: str
    weight: float
    answer: str | None
    principles: tuple[int, ...] = ()


@dataclass(frozen=True)
class StepsRow:
    """A solution, each step labelled right or not."""

    id: str
    prompt: Messages
    steps: tuple[str, ...]
    labels: tuple[bool, ...]
    community: str
    weight: float
    principles: tuple[int, ...] = ()


@dataclass(frozen=True)
class ThumbRow:
    """A completion that a community wants (desirable) or does not, by itself."""

    id: str
    prompt: Messages
    completion: str
    desirable: bool
    community: str
    weight: float
    principles: tuple[int, ...]


class Row(Protocol):
    """What every kind of row has."""

    @property
    def id(self) -> str: ...
    @property
    def community(self) -> str: ...
    @property
    def weight(self) -> float: ...
    @property
    def prompt(self) -> Messages: ...


AnyRow = TypeVar("AnyRow", bound=Row)


def read_preferences(path: Path, *, labelled: bool = True) -> list[PreferenceRow]:
    """Preference rows sorted by id. labelled: whether each must carry a share.

    Raises BadInput with a sentence that names file, line and field.
    """

    def build(take: "_Fields") -> PreferenceRow:
        share = take.share(required=labelled)
        return PreferenceRow(
            id=take.text("id"),
            prompt=take.messages(),
            chosen=take.text("chosen"),
            rejected=take.text("rejected"),
            share=share,
            n=take.whole("n", 0),
            community=take.text("community"),
            weight=take.weight(),
            principles=take.numbers("principles"),
            judgements=take.judgements(),
        )

    return _read(path, build)


def read_demonstrations(path: Path) -> list[DemonstrationRow]:
    """Rows to imitate, sorted by id. Raises BadInput with file, line and field."""

    def build(take: "_Fields") -> DemonstrationRow:
        return DemonstrationRow(
            id=take.text("id"),
            prompt=take.messages(),
            completion=take.text("completion"),
            community=take.text("community"),
            weight=take.weight(),
            principles=take.numbers("principles"),
        )

    return _read(path, build)


def read_prompts(path: Path, *, answered: bool = False) -> list[PromptRow]:
    """Prompts sorted by id. answered: whether each must carry an answer.

    Raises BadInput with a sentence that names file, line and field.
    """

    def build(take: "_Fields") -> PromptRow:
        needs_answer = answered or take.values.get("answer") is not None
        return PromptRow(
            id=take.text("id"),
            prompt=take.messages(),
            community=take.community(),
            weight=take.weight(),
            answer=take.text("answer") if needs_answer else None,
            principles=take.numbers("principles"),
        )

    return _read(path, build)


def read_thumbs(path: Path) -> list[ThumbRow]:
    """Praised and blamed completions, sorted by id. Raises BadInput with file, line and field."""

    def build(take: "_Fields") -> ThumbRow:
        return ThumbRow(
            id=take.text("id"),
            prompt=take.messages(),
            completion=take.text("completion"),
            desirable=take.flag("desirable"),
            community=take.text("community"),
            weight=take.weight(),
            principles=take.numbers("principles"),
        )

    return _read(path, build)


def read_steps(path: Path) -> list[StepsRow]:
    """Solutions, each step labelled, sorted by id. Raises BadInput with file, line and field."""

    def build(take: "_Fields") -> StepsRow:
        return StepsRow(
            id=take.text("id"),
            prompt=take.messages(),
            steps=take.steps(),
            labels=take.labels(),
            community=take.community(),
            weight=take.weight(),
            principles=take.numbers("principles"),
        )

    return _read(path, build)


def rows_seen(rows: Sequence[AnyRow], limit: int, seed: int) -> list[AnyRow]:
    """The rows a run of `limit` row visits meets: all, or a seeded draw that keeps the mix.

    Each community gets its share of the draw, at least one row, so that a small one is never lost
    by chance. The same rows in another order give the same draw.
    """
    if len(rows) <= limit:
        return list(rows)
    by_community: dict[str, list[AnyRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        by_community[row.community].append(row)
    drawn: list[AnyRow] = []
    for name in sorted(by_community):
        group = by_community[name]
        size = max(1, round(limit * len(group) / len(rows)))
        # A lottery for training rows, not a secret.
        drawn += random.Random(f"{seed} {name}").sample(group, min(size, len(group)))  # noqa: S311
    return sorted(drawn, key=lambda row: row.id)


def prompt_key(row: Row) -> str:
    """The prompt as one text, to see whether two rows ask the same."""
    return "\n".join(f"{m['role']}: {m['content']}" for m in row.prompt)


def check_held_out(train: Sequence[Row], held_out: Sequence[Row], name: str = HELD_OUT) -> None:
    """Raise BadInput when a prompt is in both: what was trained on cannot be a test."""
    trained = {prompt_key(row) for row in train}
    for row in held_out:
        if prompt_key(row) in trained:
            raise BadInput(
                f"{name}: the prompt of row {row.id} is in {TRAIN} too; whole prompts are "
                "held out, or the test measures memory."
            )


def _read(path: Path, build: "Callable[[_Fields], AnyRow]") -> list[AnyRow]:
    rows: dict[str, AnyRow] = {}
    for number, values in read_json_lines(path):
        take = _Fields(values, f"{path.name}, line {number}")
        row = build(take)
        if row.id in rows:
            raise BadInput(f'{take.where}: the id "{row.id}" was there before.')
        rows[row.id] = row
    return [rows[key] for key in sorted(rows)]


class _Fields:
    """One row's fields, each read with a sentence ready for when it is not what it should be."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self.values, self.where = values, where

    def _refuse(self, name: str, wanted: str) -> BadInput:
        found = "missing" if name not in self.values else repr(self.values[name])[:80]
        return BadInput(f'{self.where}: "{name}" must be {wanted}; it is {found}.')

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self._refuse(name, "text that is not blank")
        return value

    def community(self) -> str:
        return self.text("community") if self.values.get("community") else EVERYONE

    def steps(self) -> tuple[str, ...]:
        value = self.values.get("steps")
        if not isinstance(value, list) or not value:
            raise self._refuse("steps", "a list of texts")
        if any(not isinstance(part, str) or not part.strip() for part in value):
            raise self._refuse("steps", "a list of texts that are not blank")
        return tuple(value)

    def labels(self) -> tuple[bool, ...]:
        value = self.values.get("labels")
        if not isinstance(value, list) or any(not isinstance(part, bool) for part in value):
            raise self._refuse("labels", "a list of true and false")
        if len(value) != len(self.steps()):
            raise self._refuse("labels", f"as long as its {len(self.steps())} steps")
        return tuple(value)

    def whole(self, name: str, default: int) -> int:
        value = self.values.get(name, default)
        if type(value) is not int or value < 0:
            raise self._refuse(name, "a whole number from 0")
        return value

    def weight(self) -> float:
        value = self.values.get("weight", 1.0)
        if type(value) not in (int, float) or not 0 <= value < float("inf"):
            raise self._refuse("weight", "a number from 0")
        return float(value)

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise self._refuse(name, "true or false")
        return value

    def share(self, *, required: bool) -> float | None:
        value: Any = self.values.get("share")
        if value is None and not required:
            return None
        if type(value) not in (int, float) or not 0 <= value <= 1:
            raise self._refuse("share", "a number between 0 and 1")
        return float(value)

    def numbers(self, name: str) -> tuple[int, ...]:
        value = self.values.get(name, [])
        if not isinstance(value, list) or any(type(part) is not int for part in value):
            raise self._refuse(name, "a list of whole numbers")
        return tuple(value)

    def messages(self) -> Messages:
        value = self.values.get("prompt")
        wanted = 'a list of {"role": …, "content": …}, the last one from the user'
        if not isinstance(value, list) or not value:
            raise self._refuse("prompt", wanted)
        for part in value:
            if not isinstance(part, dict) or set(part) != {"role", "content"}:
                raise self._refuse("prompt", wanted)
            if part["role"] not in ("system", "user", "assistant"):
                raise self._refuse("prompt", "from roles system, user and assistant")
            if not isinstance(part["content"], str):
                raise self._refuse("prompt", wanted)
        if value[-1]["role"] == "assistant":
            raise self._refuse("prompt", wanted)
        return tuple(value)

    def judgements(self) -> tuple[Judgement, ...]:
        value = self.values.get("judgements", [])
        wanted = 'a list of {"participant": text, "answer": 1, 0.5 or 0}'
        if not isinstance(value, list):
            raise self._refuse("judgements", wanted)
        for part in value:
            if not isinstance(part, dict) or not isinstance(part.get("participant"), str):
                raise self._refuse("judgements", wanted)
            if type(part.get("answer")) not in (int, float) or part["answer"] not in (0, 0.5, 1):
                raise self._refuse("judgements", wanted)
        return tuple(Judgement(p["participant"], float(p["answer"])) for p in value)
