"""One JSON object from text that nobody vouches for."""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
# A string, ended or not, or a bracket. Possessive and always matching: linear on hostile text.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def object_from(text: str, *, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """The JSON object in a text; ValueError, with a sentence, for anything else.

    Refuses nesting deeper than max_depth before parsing (deep nesting can end the process), NaN
    and Infinity, numbers beyond a double, NUL and half surrogate pairs (a database holds none).
    """
    if _depth(text, max_depth) > max_depth:
        raise ValueError(f"The values are nested more than {max_depth} deep.")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is not JSON: {error.msg}, at character {error.pos + 1}.") from error
    except ValueError as error:
        raise ValueError(_reason(error)) from error
    if not isinstance(value, dict):
        raise ValueError(f"This is {_kind(value)}, where an object in braces is needed.")
    if "\\u" in text:
        _refuse_unstorable(value)
    return value


def _depth(text: str, limit: int) -> int:
    """How deep the brackets nest; 0 at once where there are too few of them to matter."""
    if text.count("[") + text.count("{") <= limit:
        return 0
    depth = deepest = 0
    for token in TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows; use null.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("A number is too large.")
    return number


def _reason(error: ValueError) -> str:
    return "A number is too long." if "integer string conversion" in str(error) else str(error)


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def _refuse_unstorable(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("A text holds a NUL character.")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("A text holds half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)
