"""The passages that decided an answer: marked on the screen, or given as words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from elicitation.errors import AnswerRefused
from elicitation.methods.spans import Span, find_words, same_passage
from elicitation.models import Comparison, Completion
from elicitation.shown_words import shown_text

MOST_SPANS = 20
# What a mark looks like on its way: side, first character, first one left out, and the language.
MARK = re.compile(r"(left|right):(\d{1,7}):(\d{1,7})(?::([A-Za-z0-9-]{1,10}))?")


def marked_spans(comparison: Comparison, marks: Iterable[str]) -> list[dict[str, Any]]:
    """Marks such as "left:12:40" or, of a translation, "left:12:40:es".

    They count the characters of what was shown; what is kept counts those of the text behind it.
    Raises AnswerRefused for what lies outside of it.
    """
    spans = []
    for mark in list(dict.fromkeys(marks))[:MOST_SPANS]:
        found = MARK.fullmatch(mark)
        if found is None:
            raise AnswerRefused(_("'%(mark)s' marks no passage.") % {"mark": mark[:40]})
        side, start, end, locale = found.groups(default="")
        spans.append(_kept(comparison, side, (int(start), int(end)), locale))
    return spans


def decided_by(comparison: Comparison, words: str, choice: str) -> dict[str, Any] | None:
    """Where these words stand, first in the answer that was chosen; None where in neither."""
    for side in ("right", "left") if choice == "right" else ("left", "right"):
        for locale, text in _versions(_side(comparison, side)):
            found = find_words(shown_text(text), words)
            if found is not None:
                return _kept(comparison, side, found, locale)
    return None


@dataclass(frozen=True)
class Mark:
    """A passage that was marked before. name: as it is sent. words: as they are shown."""

    name: str
    words: str


def marks_of(comparison: Comparison, spans: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """What was marked, on the texts as they are shown; without what is not there any more."""
    marks = []
    for span in spans:
        side, locale = str(span["side"]), str(span.get("locale", ""))
        text = dict(_versions(_side(comparison, side))).get(locale)
        if text is None:
            continue
        shown = shown_text(text)
        start, end = same_passage(text, shown, (int(span["start"]), int(span["end"])))
        name = f"{side}:{start}:{end}" + (f":{locale}" if locale else "")
        marks.append(Mark(name, shown[start:end]))
    return marks


def _kept(comparison: Comparison, side: str, shown: Span, locale: str) -> dict[str, Any]:
    text = dict(_versions(_side(comparison, side))).get(locale)
    try:
        if text is None:
            raise ValueError("There is no such translation.")
        start, end = same_passage(shown_text(text), text, shown)
    except ValueError as error:
        raise AnswerRefused(_("What you marked is not in this answer.")) from error
    return {"side": side, "start": start, "end": end} | ({"locale": locale} if locale else {})


def _side(comparison: Comparison, side: str) -> Completion:
    return comparison.left if side == "left" else comparison.right


def _versions(completion: Completion) -> Iterator[tuple[str, str]]:
    """The text itself, and its translations by locale."""
    yield "", completion.text
    yield from completion.translations.order_by("pk").values_list("locale", "text")
