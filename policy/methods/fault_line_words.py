"""A fault line in words: only numbers, labels' names, and what stands in the items themselves."""

from collections.abc import Sequence

import numpy as np

from policy.methods.fault_line_items import FaultItem
from policy.methods.words import distinctive

QUOTE = 120
TOO_FEW = "Too few answers to say."
NO_DIFFERENCE = "No difference found"


def line_name(inside: Sequence[FaultItem], everything: Sequence[FaultItem]) -> str:
    """Up to three distinctive words or phrases; the start of an item's text if there are none."""
    keys = {item.key for item in inside}
    outside = [item.text for item in everything if item.key not in keys]
    found = distinctive([item.text for item in inside], outside)
    return ", ".join(found) or quote(inside[0].text, 40) or "(no text)"


def quote(text: str, longest: int = QUOTE) -> str:
    """The text on one line, cut where it is too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def line_summary(
    name: str,
    pattern: str,
    size: tuple[float, float, float],
    inside: Sequence[FaultItem],
    strongest: FaultItem,
) -> str:
    """One sentence of numbers and quotes. size: the mean difference with its interval."""
    middle, low, high = (f"{value:.2f}" for value in size)
    items = f"{len(inside)} item{'s' if len(inside) > 1 else ''}"
    between = "" if np.isnan(size[1]) else f" (95 % interval {low} to {high})"
    values = ", ".join(
        f"{label} {value:.2f}"
        for label, value in sorted(strongest.values.items(), key=lambda pair: (-pair[1], pair[0]))
        if not np.isnan(value)
    )
    return (
        f"{name}: {pattern}, {middle} apart on {items}{between}; "
        f"most on “{quote(strongest.text)}” ({values})."
    )


def broad_summary(
    name: str, pattern: str, size: tuple[float, float, float], counts: tuple[int, int]
) -> str:
    """One sentence of a broad line. counts: its lines and their items."""
    middle, low, high = (f"{value:.2f}" for value in size)
    between = "" if np.isnan(size[1]) else f" (95 % interval {low} to {high})"
    who = pattern or "who stands against whom changes from line to line"
    return (
        f"{name}: {counts[0]} lines on {counts[1]} items, {middle} apart on average{between}; "
        f"{who}."
    )


def found_sentence(lines: int, credible: int, tested: int) -> str:
    """How many items differ and along how many lines."""
    plural = "s" if lines > 1 else ""
    return f"{credible} of {tested} items divide people, along {lines} fault line{plural}."


def nothing_sentence(items: Sequence[FaultItem], tested: Sequence[FaultItem]) -> str:
    """Why there is no fault line."""
    if not items or not tested:
        return TOO_FEW
    return f"{NO_DIFFERENCE} on any of {len(tested)} items that is large and certain enough."
