"""Marked passages: where they stand in a text, when the text that people saw differs a little.

Positions are characters (code points), from the first included to the first left out.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

Span = tuple[int, int]
QUOTE_MARKS = "\"'“”‘’«»‹›… \n\t\r"


def same_passage(here: str, there: str, span: Span) -> Span:
    """The passage of `there` that a passage of `here` stands for, where the two differ a little.

    What was put in place of other words stands for all of them. Raises ValueError for a span that
    does not lie within `here`, or is empty.
    """
    start, end = span
    if not 0 <= start < end <= len(here):
        raise ValueError("The passage does not lie within the text.")
    if here == there:
        return span
    starts, ends = [], []
    for (from_here, to_here), (from_there, to_there) in _blocks(here, there):
        if from_here >= end or start >= to_here:
            continue
        is_same = here[from_here:to_here] == there[from_there:to_there]
        starts.append(from_there + (max(0, start - from_here) if is_same else 0))
        ends.append(to_there - (max(0, to_here - end) if is_same else 0))
    return min(starts), max(ends)


def find_words(text: str, words: str) -> Span | None:
    """Where these words first stand in a text, however white space and quotation marks differ."""
    wanted = words.strip(QUOTE_MARKS).split()
    if not wanted:
        return None
    found = re.search(r"\s+".join(map(re.escape, wanted)), text, re.IGNORECASE)
    return found.span() if found else None


def _blocks(here: str, there: str) -> list[tuple[Span, Span]]:
    """Pieces of both texts that stand for one another, in order and without gaps.

    A blank or a comma that both happen to have between other words is no piece by itself.
    """
    one, other = _pieces(here), _pieces(there)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    places_one, places_other = _places(one), _places(other)
    blocks: list[tuple[Span, Span]] = []
    was_changed = False
    for tag, a, b, c, d in matcher.get_opcodes():
        is_changed = tag != "equal" or not any(piece.isalnum() for piece in one[a:b])
        begin = (places_one[a], places_other[c])
        if is_changed and was_changed:
            begin = (blocks[-1][0][0], blocks[-1][1][0])
            blocks.pop()
        blocks.append(((begin[0], places_one[b]), (begin[1], places_other[d])))
        was_changed = is_changed
    return blocks


def _pieces(text: str) -> list[str]:
    return re.findall(r"\w+|\W", text)


def _places(pieces: list[str]) -> list[int]:
    places = [0]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    return places
