"""The parts that pages are made of. Each renders one small template in deploy/templates/parts."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from elicitation.kernel.models import Work
from elicitation.models import Workshop

COLOURS = 8
# Below this a share in percent says more than so few people did.
FEW = 10
TOO_FEW = "Too few to say"
NOT_MEASURED = "Not measured"

register = template.Library()


@register.inclusion_tag("parts/provenance.html")
def provenance(workshop: Workshop) -> dict[str, Any]:
    """Say where a workshop's data come from, unless its people gave them here."""
    return {"workshop": workshop}


@register.inclusion_tag("parts/community.html")
def community(name: object, position: int, href: str = "") -> dict[str, Any]:
    """A community's name with its colour and its shape; position is its seat's, counted from 0."""
    return {"name": name, "colour": int(position) % COLOURS, "href": href}


@register.simple_tag
def too_few(n: int | None = None) -> SafeString:
    """The answer where fewer people spoke than may be reported on."""
    return format_html('<span class="too-few">{}</span>', TOO_FEW if n != 0 else "No answers yet")


@register.inclusion_tag("parts/votes.html")
def votes_bar(
    agree: int, disagree: int, passed: int, name: str = "", position: int = 0, small_cell: int = 0
) -> dict[str, Any]:
    """How one community voted on one statement: a bar and the same in words.

    small_cell: the workshop's k for people who trusted us; 0 where the votes were published.
    """
    n = agree + disagree + passed
    context: dict[str, Any] = {"name": name, "position": position, "n": n}
    if n == 0 or (small_cell and is_too_few(agree, disagree, passed, small_cell)):
        return context | {"too_few": True, "n": n and None}
    if n < FEW:
        return context | {"few": True, "agree": agree, "disagree": disagree, "passed": passed}
    widths = [round(100 * count / n, 2) for count in (agree, passed, disagree)]
    return context | {
        "agree_width": plain_number(widths[0]),
        "pass_start": plain_number(widths[0]),
        "pass_width": plain_number(widths[1]),
        "disagree_start": plain_number(widths[0] + widths[1]),
        "disagree_width": plain_number(widths[2]),
        "agree_percent": round(widths[0]),
        "pass_percent": round(widths[1]),
        "disagree_percent": round(widths[2]),
    }


def is_too_few(agree: int, disagree: int, passed: int, small_cell: int) -> bool:
    """Whether a split of votes says something about fewer than k people, or about one alone."""
    return agree + disagree + passed < small_cell or 1 in (agree, disagree)


def plain_number(value: float) -> SafeString:
    """A number for an attribute: a point in every language. The digits hold no markup."""
    return mark_safe(f"{value:.2f}".rstrip("0").rstrip("."))  # noqa: S308


@register.inclusion_tag("parts/interval.html")
def interval(
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
    percent: bool = True,
    digits: int = 2,
    otherwise: str = NOT_MEASURED,
) -> dict[str, Any]:
    """A number with its interval and its n: "62 % (55–69), n 120". None or NaN: `otherwise`.

    value, low, high are shares in 0..1 with percent=True, else plain numbers with so many digits.
    """
    if not is_number(value):
        return {"measured": False, "otherwise": otherwise}
    bounded = is_number(low) and is_number(high)
    return {
        "measured": True,
        "value": figure(value, percent, digits),
        "unit": "\N{NO-BREAK SPACE}%" if percent else "",
        "low": figure(low, percent, digits) if bounded else "",
        "high": figure(high, percent, digits) if bounded else "",
        "between": " to " if bounded and float(low or 0) < 0 else "\N{EN DASH}",
        "n": n,
    }


def is_number(value: float | None) -> bool:
    """Whether there is something to print."""
    return value is not None and value != "" and math.isfinite(float(value))


def figure(value: float | None, percent: bool, digits: int) -> str:
    """The number as people read it, in their language."""
    number = round(100 * float(value or 0)) if percent else round(float(value or 0), digits)
    # Adding zero turns "-0.0" into "0.0"; a real minus sign is not taken for a range's dash.
    return str(localize(number + 0)).replace("-", "\N{MINUS SIGN}")


@register.simple_block_tag
def reveal(content: str, warning: str = "") -> SafeString:
    """Keep what may hurt behind a warning that says what it is; opens without a script.

    {% reveal prompt.content_warning %} … {% endreveal %}. No warning: shown as it is.
    """
    if not warning:
        return mark_safe(content)  # noqa: S308  the block was rendered, and escaped, by its template
    return format_html(
        '<details class="warned"><summary>Content warning: <span dir="auto">{}</span> '
        '<span class="act"><span class="show">Show it</span><span class="hide">Hide it</span>'
        '</span></summary><div class="inside">{}</div></details>',
        warning,
        mark_safe(content),  # noqa: S308
    )


@register.simple_tag
def quote(text: str, who: object = "", aside: bool = False) -> SafeString:
    """Somebody's words, whole, as a quote; who: whose they are, or where from."""
    by = format_html('<footer dir="auto">{}</footer>', who) if who else ""
    return format_html(
        '<blockquote class="quote{}"><p dir="auto">{}</p>{}</blockquote>',
        " aside" if aside else "",
        str(text).strip(),
        by,
    )


@register.simple_tag
def stat(label: str, value: object, note: object = "") -> SafeString:
    """One tile; put several in <dl class="tiles">. None: not measured."""
    shown = localize(value) if value is not None else NOT_MEASURED
    small = format_html('<span class="note">{}</span>', note) if note else ""
    return format_html('<div class="tile"><dt>{}</dt><dd>{}{}</dd></div>', label, shown, small)


@register.simple_block_tag
def empty(content: str, title: str) -> SafeString:
    """What an empty page says: what will be here and the next step. The block is its body."""
    return format_html(
        '<div class="empty"><h2>{}</h2>{}</div>',
        title,
        mark_safe(content),  # noqa: S308
    )


@register.inclusion_tag("parts/progress_box.html")
def progress(work: Work | None, url: str) -> dict[str, Any]:
    """What a piece of work is doing, and how far; asks url (elicitation.progress) again."""
    return progress_context(work) | {"url": url} if work else {"work": None, "url": url}


def progress_context(work: Work) -> dict[str, Any]:
    """What parts/progress.html shows of a piece of work."""
    share = work.share_done
    return {
        "work": work,
        "done": localize(work.progress.get("done")),
        "of": localize(work.progress.get("of")),
        "thousandths": None if share is None else str(round(1000 * share)),
    }


@register.inclusion_tag("parts/chart.html")
def chart(
    svg: str,
    title: str,
    says: str = "",
    columns: Sequence[str] = (),
    rows: Sequence[Sequence[Any]] = (),
) -> dict[str, Any]:
    """A stored drawing, a title that says what it shows, its text, and its numbers as a table.

    svg comes from our own worker (kernel.charts.svg), which made it safe and named it; title,
    says and rows are escaped.
    """
    return {
        "svg": mark_safe(svg),  # noqa: S308
        "title": title,
        "says": says,
        "columns": columns,
        "rows": [[Cell(value) for value in row] for row in rows],
    }


class Cell:
    """One value of a table: numbers line up at their end."""

    def __init__(self, value: Any) -> None:
        self.is_number = isinstance(value, int | float) and not isinstance(value, bool)
        self.value = value

    def __str__(self) -> str:
        missing = self.value is None or (self.is_number and not math.isfinite(self.value))
        return NOT_MEASURED if missing else str(localize(self.value))


@register.inclusion_tag("parts/pages.html", takes_context=True)
def pages(context: Mapping[str, Any], page: Any) -> dict[str, Any]:
    """Links to the page before and after, keeping what was asked for."""
    request: HttpRequest = context["request"]
    result: dict[str, Any] = {"page": page}
    for name, wanted, number in (
        ("before", page.has_previous(), page.number - 1),
        ("after", page.has_next(), page.number + 1),
    ):
        if wanted:
            query = request.GET.copy()
            query["page"] = str(number)
            result[name] = query.urlencode()
    return result


@register.filter
def turns(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The turns of a conversation with who speaks, in words."""
    names = {"user": "Person", "assistant": "Model", "system": "Instruction"}
    return [
        {"who": names.get(str(turn.get("role")), turn.get("role")), "text": turn.get("content", "")}
        for turn in messages
    ]
