"""Taking people's words out of what was made from them, leaving everything else as it was."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

TAKEN_BACK = "[taken back]"
# Shorter texts than this occur by chance: they are replaced only where they stand alone.
SHORTEST_PHRASE = 20
# A drawing breaks lines and can end them early, so a beginning is enough to know a text by.
KNOWN_BY = 24

TAGS = re.compile(r"<[^>]*>")
TITLE = re.compile(r"<title>([^<]*)</title>")
SPACE = re.compile(r"\s+")


def without_words(value: Any, words: Collection[str]) -> Any:
    """The same JSON value with every one of these texts replaced by "[taken back]".

    words: whole texts. One of 20 characters or more is replaced wherever it occurs within a
    string; a shorter one only where it is the whole string. Keys of mappings stay.
    """
    ordered = sorted({word.strip() for word in words} - {""}, key=len, reverse=True)
    return _without(value, ordered) if ordered else value


def texts_in(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_in(part)


def shows_words(drawing: str, words: Collection[str]) -> bool:
    """Whether an SVG drawing holds one of these texts, however its lines are broken."""
    drawn = html.unescape(drawing)
    flat = SPACE.sub("", TAGS.sub("", drawn)), SPACE.sub("", drawn)
    beginnings = {SPACE.sub("", word)[:KNOWN_BY] for word in words} - {""}
    return any(beginning in text for beginning in beginnings for text in flat)


def without_titles(drawing: str, words: Collection[str]) -> str:
    """The same SVG drawing with "[taken back]" for what marks show under a pointer of these texts.

    Words that are drawn stay: a drawing that `shows_words` still is not to be kept.
    """
    return TITLE.sub(
        lambda found: f"<title>{TAKEN_BACK}</title>" if shows_words(found[1], words) else found[0],
        drawing,
    )


def _without(value: Any, ordered: list[str]) -> Any:
    if isinstance(value, str):
        return _replaced(value, ordered)
    if isinstance(value, Mapping):
        return {key: _without(part, ordered) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without(part, ordered) for part in value]
    return value


def _replaced(text: str, ordered: list[str]) -> str:
    for word in ordered:
        if text.strip() == word:
            return TAKEN_BACK
        if len(word) >= SHORTEST_PHRASE:
            text = text.replace(word, TAKEN_BACK)
    return text
