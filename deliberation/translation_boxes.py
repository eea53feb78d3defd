"""The page of translations: boxes to type in, beside what they translate, prompt by prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import get_language_info

from deliberation.services.translating import Held
from deliberation.translations import (
    KINDS,
    Place,
    Standing,
    kept_as_they_are,
    number_missing,
    standing,
    translation_locales,
    warning_of,
)
from elicitation.models import Prompt, Workshop

NAMES = {"prompt": "What the person said last", "completion": "Answer", "statement": "Statement"}
LINE = 56
LEAST_ROWS, MOST_ROWS = 2, 24


@dataclass(frozen=True)
class Box:
    """One text and the box beside it.

    typed: what is in the box. kept: why it cannot change. why: why what was typed is not stored.
    may_replace: whether it is, when it is sent again.
    """

    standing: Standing
    typed: str
    kept: str = ""
    why: str = ""
    may_replace: bool = False

    @property
    def name(self) -> str:
        """What its fields are called."""
        return self.standing.place.name

    @property
    def title(self) -> str:
        """What it is called on the page."""
        place = self.standing.place
        return NAMES[place.kind] if place.kind == "prompt" else f"{NAMES[place.kind]} {place.pk}"

    @property
    def rows(self) -> int:
        """How high the box is, for the longer of the two."""
        longest = max(self.standing.words, self.typed, key=len)
        lines = sum(1 + len(line) // LINE for line in longest.split("\n"))
        return min(MOST_ROWS, max(LEAST_ROWS, lines))


@dataclass
class Group:
    """A prompt with what was answered, or statements. hidden: it waits behind its warning."""

    prompt: Prompt | None
    hidden: str = ""
    boxes: list[Box] = field(default_factory=list)

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The conversation, for who translates; its last turn stands beside its own box."""
        turns = list(self.prompt.messages) if self.prompt else []
        return turns[:-1] if self.boxes[0].standing.place.kind == "prompt" else turns


@dataclass(frozen=True)
class Language:
    """One language to translate into. missing: how many texts are not in it."""

    tag: str
    name: str
    missing: int


def groups_of(
    workshop: Workshop, places: Sequence[Place], locale: str, *, show: bool
) -> list[Group]:
    """These texts, each prompt's together. show: also what stands behind a warning."""
    found = standing(workshop, [(one.kind, one.pk) for one in places], locale)
    answers = [pk for (kind, pk), one in found.items() if kind == "completion" and one.translation]
    kept = kept_as_they_are(answers, locale)
    boxes = {
        one.place: Box(one, one.translation, kept.get(pk, "") if kind == "completion" else "")
        for (kind, pk), one in found.items()
    }
    return _grouped([boxes[one] for one in places if one in boxes], show=show)


def groups_held(held: Iterable[Held]) -> list[Group]:
    """What was typed and not stored, with what stands there now."""
    boxes = [
        Box(one.now, one.typed.text, why=one.reason, may_replace=one.field == "seen")
        for one in held
        if one.now
    ]
    return _grouped(boxes, show=True)


def _grouped(boxes: Sequence[Box], *, show: bool) -> list[Group]:
    prompts = Prompt.objects.in_bulk({box.standing.place.prompt for box in boxes})
    groups: dict[int, Group] = {}
    for box in boxes:
        number = box.standing.place.prompt
        prompt = prompts.get(number)
        hidden = warning_of(prompt) if prompt and not show else ""
        groups.setdefault(number, Group(prompt, hidden)).boxes.append(box)
    return list(groups.values())


def languages_of(workshop: Workshop, locale: str) -> list[Language]:
    """Those of phones, those that something is translated into, and the one that is asked for."""
    tags = [tag for tag, _ in settings.LANGUAGES]
    tags += [tag for tag in (*translation_locales(workshop), locale) if tag not in tags]
    return [
        Language(tag, language_name(tag), number_missing(workshop, tag))
        for tag in dict.fromkeys(tags)
    ]


def language_name(tag: str) -> str:
    """A language as its own speakers call it; its tag where that is not known."""
    of_phones: Mapping[str, str] = dict(settings.LANGUAGES)
    if tag in of_phones:
        return of_phones[tag]
    try:
        return f"{get_language_info(tag)['name_local']} ({tag})"
    except KeyError:
        return tag


def first_language() -> str:
    """What is translated into where nobody asked for another."""
    others = [tag for tag, _ in settings.LANGUAGES if tag != settings.LANGUAGE_CODE]
    return others[0] if others else settings.LANGUAGE_CODE


def is_of_phones(tag: str) -> bool:
    """Whether phones show this language, or the one that it is a variety of."""
    return tag.split("-")[0] in {known.split("-")[0] for known, _ in settings.LANGUAGES}


def number_of_texts(workshop: Workshop) -> int:
    """How many texts phones show."""
    return sum(kind.shown(workshop).count() for kind in KINDS.values())
