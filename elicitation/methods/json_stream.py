"""Large JSON documents, a member at a time: memory holds one item, never the document."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

DECODER = json.JSONDecoder()
LONGEST_ITEM = 16 * 1024 * 1024
BLANK = " \t\r\n"
DELIMITERS = frozenset(BLANK + ",:]}")


class NotJson(ValueError):
    """The document is not JSON, or an item of it is too long or too deep; with a sentence."""


def json_items(
    chunks: Iterable[str], streamed: Collection[str] = (), longest: int = LONGEST_ITEM
) -> Iterator[tuple[str, int, Any]]:
    """Each item of a document as (member, position, value).

    A document that is an array gives its items as members "" at positions 1, 2, …; one that is an
    object gives its members, at position 0, and those named in `streamed` that are arrays item by
    item. longest: characters of one item. Raises NotJson.
    """
    text = _Text(iter(chunks), longest)
    opening = text.peek()
    if opening == "[":
        yield from _items(text, "")
    elif opening == "{":
        yield from _members(text, streamed)
    else:
        raise NotJson("The file is neither a JSON array nor a JSON object.")
    if text.peek():
        raise NotJson("Something follows the end of the JSON document.")


def _members(text: "_Text", streamed: Collection[str]) -> Iterator[tuple[str, int, Any]]:
    text.take("{")
    while text.peek() != "}":
        name = text.value("the name of a member")
        text.take(":")
        if name in streamed and text.peek() == "[":
            yield from _items(text, name)
        else:
            yield str(name), 0, text.value(f"the member {str(name)[:40]!r}")
        if not text.separator("}"):
            break
    text.take("}")


def _items(text: "_Text", member: str) -> Iterator[tuple[str, int, Any]]:
    text.take("[")
    position = 0
    while text.peek() != "]":
        position += 1
        yield member, position, text.value(f"item {position}")
        if not text.separator("]"):
            break
    text.take("]")


class _Text:
    """The part of the document that has been read and not yet understood."""

    def __init__(self, chunks: Iterator[str], longest: int) -> None:
        self.chunks = chunks
        self.longest = longest
        self.text = ""
        self.at = 0

    def peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in BLANK:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.read(1):
                return ""

    def take(self, character: str) -> None:
        """Pass over this character."""
        if self.peek() != character:
            raise NotJson(f"The JSON document breaks off or lacks a {character!r}.")
        self.at += 1

    def separator(self, closing: str) -> bool:
        """Pass over a comma; False before the closing character."""
        if self.peek() == closing:
            return False
        self.take(",")
        if self.peek() == closing:
            raise NotJson(f"A comma stands before {closing!r}.")
        return True

    def value(self, what: str) -> Any:
        """The next value. It is read whole, twice as much at each try, so time stays linear."""
        self.peek()
        wanted = 1
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if len(self.text) - self.at > self.longest:
                    raise NotJson(f"{what} is too long or is not JSON.") from error
                if not self.read(wanted):
                    raise NotJson(f"{what} is not JSON, or the file breaks off in it.") from error
            except (RecursionError, ValueError) as error:
                raise NotJson(f"{what} is nested too deeply or holds a huge number.") from error
            else:
                # A number at the end of what was read may go on in the next chunk: 1 and then .5.
                length = end - self.at
                if self.text[end : end + 1] in DELIMITERS or not self.read(wanted):
                    self.at += length
                    return value
            wanted = max(wanted, len(self.text) - self.at)

    def read(self, wanted: int) -> bool:
        """Read on by some characters, forgetting what is understood; False at the end."""
        parts = [self.text[self.at :]]
        self.at = 0
        for chunk in self.chunks:
            parts.append(chunk)
            wanted -= len(chunk)
            if wanted <= 0:
                break
        self.text = "".join(parts)
        return len(parts) > 1
