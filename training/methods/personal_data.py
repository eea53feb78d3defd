"""What reaches or identifies somebody in a text, replaced by what it was.

Telephone numbers are found by phonenumbers (the Python port of Google's libphonenumber, Apache-2.0,
released every few weeks): in international form anywhere, in national form for the given regions
where they are written in groups. Cards and accounts are told from other numbers by their check
digits (ISO/IEC 7812, ISO 13616). Names and postal addresses are not found.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

REGIONS = ("US", "GB")
_EMAIL = re.compile(r"[\w.%+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+")
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]\d|\w)")
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d|\w)")
_DIGITS = re.compile(r"(?:\d[\s()./+-]{0,3}){7}")
_LONG_NUMBER = re.compile(r"\+?(?:\d[\s()./+-]?){6,}\d")
Kinds = Counter[str]


def scrub(
    text: str, *, regions: Sequence[str] = REGIONS, own_words: bool = False
) -> tuple[str, Kinds]:
    """The text with placeholders such as "[e-mail address]", and how many of each kind there were.

    regions: countries (ISO 3166) whose national telephone numbers are known. own_words: whether a
    participant wrote it; then links and all numbers of seven digits or more go too, as a model's
    arithmetic is worth keeping and a person's number is not worth the risk.
    """
    found: Kinds = Counter()
    for kind, pattern, is_one in _patterns(own_words):
        text = _replaced(text, kind, pattern, is_one, found)
    if _DIGITS.search(text):
        text = _without_telephones(text, regions, found)
    if own_words:
        text = _replaced(text, "long number", _LONG_NUMBER, _always, found)
    return text, found


def _patterns(own_words: bool) -> Iterator[tuple[str, re.Pattern[str], Callable[[str], bool]]]:
    yield "e-mail address", _EMAIL, _always
    if own_words:
        yield "link", _LINK, _always
    yield "bank account", _ACCOUNT, _is_account
    yield "payment card", _CARD, _is_card
    yield "social security number", _SOCIAL_SECURITY, _always
    yield "network address", _ADDRESS, _is_public_address


def _replaced(
    text: str,
    kind: str,
    pattern: re.Pattern[str],
    is_one: Callable[[str], bool],
    found: Kinds,
) -> str:
    def placed(match: re.Match[str]) -> str:
        if not is_one(match[0]):
            return match[0]
        found[kind] += 1
        return f"[{kind}]"

    return pattern.sub(placed, text)


def _without_telephones(text: str, regions: Sequence[str], found: Kinds) -> str:
    spans = sorted({span for region in (None, *regions) for span in _telephones(text, region)})
    parts, end = [], 0
    for start, stop in spans:
        if start < end:  # the same number, known in two regions
            continue
        parts += [text[end:start], "[telephone number]"]
        found["telephone number"] += 1
        end = stop
    return "".join([*parts, text[end:]])


def _telephones(text: str, region: str | None) -> Iterator[tuple[int, int]]:
    find, how = _library()
    for match in find(text, region, leniency=how):
        # Ten digits in one block are a number like any other.
        if not match.raw_string.isdigit():
            yield match.start, match.end


@cache
def _library() -> tuple[Callable[..., Iterable[Any]], int]:
    """Loaded where datasets are made, and nowhere else: its tables are large."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    return PhoneNumberMatcher, Leniency.STRICT_GROUPING


def _always(_: str) -> bool:
    return True


def _is_card(text: str) -> bool:
    """Whether the digits sum to a multiple of ten by Luhn's rule, and are not all the same."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def _is_account(text: str) -> bool:
    """Whether the remainder by 97 is one, letters counted from ten (ISO 7064)."""
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return len(plain) >= 15 and int("".join(str(int(one, 36)) for one in moved)) % 97 == 1


def _is_public_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False
