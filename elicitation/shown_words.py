"""The words that people see: blind, in their language where there is a translation, marked so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from elicitation.methods.blinding import blind
from elicitation.models import Completion, CompletionTranslation, Prompt, PromptTranslation

Translated = TypeVar("Translated", PromptTranslation, CompletionTranslation)


@dataclass(frozen=True)
class Words:
    """A text as it is shown. For a translation also its language, who made it, and the original."""

    text: str
    locale: str = ""
    origin: str = ""
    original: str = ""


@dataclass(frozen=True)
class Turn:
    """One turn of a conversation. who: "user", "assistant" or "system"."""

    who: str
    words: Words


def shown_text(text: str) -> str:
    """A text as people see it: no model's name of itself, and lines as browsers keep them."""
    return blind(text.replace("\r\n", "\n").replace("\r", "\n")).text


def shown_words(text: str, translation: PromptTranslation | CompletionTranslation | None) -> Words:
    """A text, or its translation with the text beside it."""
    if translation is None:
        return Words(shown_text(text))
    return Words(
        shown_text(translation.text), translation.locale, translation.origin, shown_text(text)
    )


def turns_of(prompt: Prompt, translation: PromptTranslation | None) -> list[Turn]:
    """A prompt's whole conversation; a translation is of its last turn."""
    last = len(prompt.messages) - 1
    return [
        Turn(
            str(message.get("role", "")),
            shown_words(str(message.get("content", "")), translation if place == last else None),
        )
        for place, message in enumerate(prompt.messages)
    ]


def prompt_translations(prompts: Collection[int], language: str) -> dict[int, PromptTranslation]:
    """The translations of these prompts into a language, by prompt."""
    rows = PromptTranslation.objects.filter(prompt__in=prompts)
    return {one.prompt_id: one for one in _worst_first(_into(rows, language), language)}


def completion_translations(
    completions: Collection[int], language: str
) -> dict[int, CompletionTranslation]:
    """The translations of these completions into a language, by completion."""
    rows = CompletionTranslation.objects.filter(completion__in=completions)
    return {one.completion_id: one for one in _worst_first(_into(rows, language), language)}


def translated(completion: Completion, locale: str) -> Words:
    """A completion's words in exactly this locale; the original for none."""
    found = completion.translations.filter(locale=locale).first() if locale else None
    return shown_words(completion.text, found)


def _into(rows: QuerySet[Any], language: str) -> QuerySet[Any]:
    base = language.split("-")[0]
    return rows.filter(Q(locale=language) | Q(locale=base) | Q(locale__startswith=f"{base}-"))


def _worst_first(rows: Iterable[Translated], language: str) -> list[Translated]:
    """So that the last holds: this very variety of the language, and rather by a person."""
    return sorted(rows, key=lambda row: (row.locale == language, row.origin == "person", row.pk))
