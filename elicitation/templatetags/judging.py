"""The words around models' answers, as people who judge them read them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from elicitation.items import Item
from elicitation.models import Activity, AnswerEvent, IdentityQuestion
from elicitation.services.judging import HIGHEST, LOWEST, THUMBS, criteria_of

SPEAKERS = {
    "user": gettext_lazy("A person"),
    "assistant": gettext_lazy("A model"),
    "system": gettext_lazy("What the model was told"),
}
CRITERIA = {
    "helpful": gettext_lazy("It helps"),
    "true": gettext_lazy("It is true, as far as I know"),
    "safe": gettext_lazy("It does no harm"),
    "tone": gettext_lazy("It has the right tone"),
}
GRADES = {
    1: gettext_lazy("not at all"),
    2: gettext_lazy("a little"),
    3: gettext_lazy("partly"),
    4: gettext_lazy("mostly"),
    5: gettext_lazy("fully"),
}
# Short words under "Answer 1 is better" and "Answer 2 is better", and the whole for who hears it.
SCALE = {
    "left:3": (gettext_lazy("Much"), gettext_lazy("Answer 1 is much better")),
    "left:1": (gettext_lazy("A bit"), gettext_lazy("Answer 1 is a bit better")),
    "equal": (gettext_lazy("Equal"), gettext_lazy("About equal")),
    "right:1": (gettext_lazy("A bit"), gettext_lazy("Answer 2 is a bit better")),
    "right:3": (gettext_lazy("Much"), gettext_lazy("Answer 2 is much better")),
}
OTHERWISE = {
    "left": gettext_lazy("Answer 1 is better"),
    "right": gettext_lazy("Answer 2 is better"),
    "neither": gettext_lazy("Neither is acceptable"),
    "flag": gettext_lazy("You said that something is wrong with it"),
}

register = template.Library()


@register.filter
def speaker(role: str) -> str:
    """Who speaks in a conversation."""
    return str(SPEAKERS.get(role, role))


@register.simple_tag
def scale(item: Item) -> list[dict[str, Any]]:
    """The five answers to which is better, from the first to the second."""
    chosen = choice_of(item)
    return [
        {"value": value, "short": short, "long": long, "is_chosen": value == chosen}
        for value, (short, long) in SCALE.items()
    ]


def choice_of(item: Item) -> str:
    """What was chosen before, with how strongly, as a form sends it."""
    choice, strength = item.said.get("choice", ""), item.said.get("strength")
    return f"{choice}:{strength}" if choice in ("left", "right") and strength else str(choice)


@register.simple_tag
def criteria(activity: Activity, item: Item) -> list[dict[str, Any]]:
    """What to judge an answer by, each with its grades."""
    before = item.said.get("values", {})
    return [
        {
            "name": name,
            "words": CRITERIA.get(name, name),
            "is_unsaid": name not in before,
            "grades": [
                {"value": str(value), "words": words, "is_chosen": before.get(name) == value}
                for value, words in GRADES.items()
                if LOWEST <= value <= HIGHEST
            ],
        }
        for name in criteria_of(activity)
    ]


@register.simple_tag
def places(item: Item) -> list[dict[str, Any]]:
    """The answers to bring into order, each with the places that it can get."""
    before = item.said.get("places", [])
    count = range(1, len(item.answers) + 1)
    return [
        {
            "number": number,
            "name": f"place:{number - 1}",
            "words": words,
            "places": [
                {
                    "value": str(place),
                    "words": place_words(place, len(item.answers)),
                    "is_chosen": before[number - 1 : number] == [place],
                }
                for place in count
            ],
        }
        for number, words in zip(count, item.answers, strict=True)
    ]


def place_words(place: int, of: int) -> str:
    """A place in words."""
    if place == 1:
        return _("1, the best")
    if place == of:
        return _("%(place)s, the last") % {"place": place}
    return str(place)


@register.simple_tag
def options(question: IdentityQuestion, item: Item) -> list[dict[str, Any]]:
    """The answers to choose from, and which were chosen before."""
    chosen = item.said.get("choices", [])
    return [{"words": option, "is_chosen": option in chosen} for option in question.options]


@register.simple_tag
def said_in_words(item: Item) -> str:
    """What somebody answered, in short."""
    said = item.said
    if item.kind == AnswerEvent.Kind.PREFERENCE:
        choice = choice_of(item)
        words = SCALE[choice][1] if choice in SCALE else OTHERWISE.get(said.get("choice", ""))
        return str(words or _("Skipped"))
    if item.kind == AnswerEvent.Kind.REWRITE:
        return str(said.get("text") or _("Skipped"))
    if item.kind == AnswerEvent.Kind.RANKING and said:
        order = sorted(enumerate(said["places"], start=1), key=lambda one: one[1])
        return " · ".join(_("Answer %(number)s") % {"number": number} for number, _place in order)
    return values_in_words(said.get("values", {}))


def values_in_words(values: dict[str, int]) -> str:
    """Grades in words."""
    if THUMBS in values:
        return _("A good answer") if values[THUMBS] > 0 else _("Not a good answer")
    graded = [f"{CRITERIA.get(name, name)}: {GRADES[value]}" for name, value in values.items()]
    return " · ".join(graded) or _("Skipped")
