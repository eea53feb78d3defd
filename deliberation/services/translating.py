"""Putting what phones show into other languages: by people, and by machines marked as such.

Whoever writes second is told what the first one wrote; a person's words give way to a person's
only. A translation in which people marked words does not change under their marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from deliberation.translations import (
    KINDS,
    Standing,
    clean_words,
    kept_as_they_are,
    seen_as,
    short,
    standing,
)
from elicitation.models import User, Workshop
from elicitation.models.shown import Translation
from elicitation.services.facilitating import announce

Origin = Translation.Origin
Name = tuple[str, int]
# A translation of a short text may be this long, and of a long one so many times as long.
LEAST_ROOM, ROOM = 1000, 4
GONE = "It is not shown to people, or not any more."
CHANGED = "The words that it translates were changed meanwhile. Read them again."
OVERTAKEN = "Somebody else saved another translation meanwhile."
BY_A_PERSON = "A person has translated this; a machine's words do not take the place of theirs."
TWICE = "It is there twice."


@dataclass(frozen=True)
class Typed:
    """One translation as it came in. seen: the `Standing.seen` that its writer had before them.

    origin: who made it; empty for a form, in which words that were changed are a person's.
    line: of the file that it came in.
    """

    kind: str
    pk: int
    seen: str
    text: str
    origin: str = ""
    line: int = 0


@dataclass(frozen=True)
class Held:
    """What was not stored, and why. field: which of a line's. now: how the text stands instead."""

    typed: Typed
    field: str
    reason: str
    now: Standing | None = None


@dataclass
class Saved:
    """What became of it: names of what was stored and removed, how many said nothing new."""

    stored: list[Name] = field(default_factory=list)
    removed: list[Name] = field(default_factory=list)
    known: int = 0
    held: list[Held] = field(default_factory=list)


class NotStored(Exception):
    """One translation cannot be stored; the others can. field: what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@transaction.atomic
def save_translations(
    *,
    workshop: Workshop,
    locale: str,
    by: User | None,
    typed: Sequence[Typed],
    may_remove: bool = True,
) -> Saved:
    """Store all of these that can be; an empty one removes what stood there, where it may.

    What cannot be stored is handed back with the reason, and nothing of it is changed.
    """
    # Who takes their words back holds the workshop too: no translation of them slips in behind.
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    now = standing(workshop, {(one.kind, one.pk) for one in typed}, locale)
    translated = {pk for (kind, pk), one in now.items() if kind == "completion" and one.translation}
    kept = kept_as_they_are(translated, locale)
    saved, becomes = Saved(), dict[Name, Standing]()
    for one in typed:
        name = (one.kind, one.pk)
        try:
            if name in becomes:
                raise NotStored("id", TWICE)
            changed = _changed(one, now.get(name), kept if one.kind == "completion" else {})
        except NotStored as reason:
            saved.held.append(Held(one, reason.field, str(reason), now.get(name)))
            continue
        if changed is None or not (changed.translation or may_remove):
            saved.known += 1
        else:
            becomes[name] = changed
    _store(becomes, locale, saved)
    _tell(workshop, by, locale, saved)
    return saved


def _changed(typed: Typed, now: Standing | None, kept: Mapping[int, str]) -> Standing | None:
    """How the text is to stand; None where nothing new was said. Raises NotStored."""
    if now is None:
        raise NotStored("id", GONE)
    original, _, before = typed.seen.partition(".")
    if original != short(now.words):
        raise NotStored("seen", CHANGED)
    text, origin = clean_words(typed.text), typed.origin
    was_left = any(before == seen_as(text, one) for one in Origin.values) or not (text or before)
    if not origin:
        if was_left:
            return None
        origin = Origin.PERSON
    if (text, origin if text else now.origin) == (now.translation, now.origin):
        return None
    if before != seen_as(now.translation, now.origin):
        raise NotStored("seen", OVERTAKEN)
    if origin == Origin.MACHINE and now.origin == Origin.PERSON:
        raise NotStored("origin", BY_A_PERSON)
    _may_stand(text, now, kept)
    return Standing(now.place, now.words, text, origin)


def _may_stand(text: str, now: Standing, kept: Mapping[int, str]) -> None:
    most = max(LEAST_ROOM, ROOM * len(now.words))
    if len(text) > most:
        raise NotStored("translation", f"It is too long: at most {most:,} characters here.")
    if now.place.pk in kept and text != now.translation:
        raise NotStored("translation", kept[now.place.pk])


def _store(becomes: Mapping[Name, Standing], locale: str, saved: Saved) -> None:
    for kind, what in KINDS.items():
        mine = {pk: one for (own, pk), one in becomes.items() if own == kind}
        rows: Any = what.translation._default_manager
        rows.bulk_create(
            [
                what.translation(
                    **{f"{what.of}_id": pk}, locale=locale, text=one.translation, origin=one.origin
                )
                for pk, one in mine.items()
                if one.translation
            ],
            update_conflicts=True,
            unique_fields=[what.of, "locale"],
            update_fields=["text", "origin"],
        )
        gone = [pk for pk, one in mine.items() if not one.translation]
        rows.filter(**{f"{what.of}__in": gone}, locale=locale).delete()
    for name, one in becomes.items():
        (saved.stored if one.translation else saved.removed).append(name)


def _tell(workshop: Workshop, by: User | None, locale: str, saved: Saved) -> None:
    """Kept without the words: those stand in one place, so that they can be erased there."""
    if saved.stored or saved.removed:
        announce(
            workshop=workshop,
            by=by,
            action="save translations",
            locale=locale,
            stored=[f"{kind}:{pk}" for kind, pk in saved.stored],
            removed=[f"{kind}:{pk}" for kind, pk in saved.removed],
        )
