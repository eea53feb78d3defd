"""Screening: what models answered reaches phones only after somebody has read and cleared it.

The rule: nobody sees harmful text unwarned. Severe text has a warning that says what it is, and
goes only to people who chose to see such things.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from elicitation.errors import Refused
from elicitation.models import Completion, Prompt, User, Workshop
from elicitation.services.facilitating import announce

Screening = Completion.Screening
DECISIONS = (Screening.CLEARED, Screening.SEVERE, Screening.WITHHELD)


@dataclass(frozen=True)
class Decision:
    """What becomes of one completion. was: its state when the reader saw it."""

    completion: int
    was: str
    becomes: str


@dataclass(frozen=True)
class Warned:
    """What is said before a prompt, and whether only those who chose to see such things get it."""

    content_warning: str
    is_severe: bool


@dataclass(frozen=True)
class Screened:
    """How many completions were decided; overtaken: somebody else decided them meanwhile."""

    decided: int
    overtaken: int


@transaction.atomic
def screen(
    *,
    workshop: Workshop,
    by: User,
    decisions: Sequence[Decision],
    warnings: Mapping[int, Warned],
) -> Screened:
    """Store what somebody decided after reading. warnings: prompt → what is said before it.

    Raises Refused, with nothing stored, where severe text would go without a warning.
    """
    prompts = Prompt.objects.select_for_update().filter(workshop=workshop)
    _warn(prompts.in_bulk(list(warnings)), warnings)
    shown = Completion.objects.filter(
        prompt__workshop=workshop, pk__in=[one.completion for one in decisions]
    )
    prompt_of = {one.pk: one.prompt for one in shown.select_related("prompt")}
    counted: Counter[str] = Counter()
    for one in decisions:
        if one.completion in prompt_of:
            counted[_decide(prompt_of[one.completion], one, by)] += 1
    overtaken = counted.pop("", 0)
    announce(
        workshop=workshop,
        by=by,
        action="screen completions",
        prompts=sorted(warnings),
        **dict(counted),
    )
    return Screened(sum(counted.values()), overtaken)


def _warn(prompts: Mapping[int, Prompt], warnings: Mapping[int, Warned]) -> None:
    for pk, prompt in prompts.items():
        prompt.content_warning = warnings[pk].content_warning
        prompt.is_severe = warnings[pk].is_severe
        if prompt.is_severe and not prompt.content_warning:
            raise Refused("Say what is severe about it: people read that before they choose.")
        prompt.save(update_fields=["content_warning", "is_severe"])
        if prompt.is_severe:
            # Whoever asks phones for items looks at completions; a severe prompt taints its own.
            cleared = prompt.completions.filter(screening=Screening.CLEARED)
            cleared.update(screening=Screening.SEVERE)
        elif not prompt.content_warning and _has_severe(prompt):
            raise Refused("A severe answer needs a warning; withhold or clear the answer first.")


def _has_severe(prompt: Prompt) -> bool:
    return prompt.completions.filter(screening=Screening.SEVERE).exists()


def _decide(prompt: Prompt, one: Decision, by: User) -> str:
    """The state that was stored; nothing where somebody else was first."""
    if one.becomes not in DECISIONS:
        raise Refused("An answer is cleared, severe or withheld.")
    becomes = one.becomes
    if becomes == Screening.CLEARED and prompt.is_severe:
        becomes = Screening.SEVERE
    if becomes == Screening.SEVERE and not prompt.content_warning:
        raise Refused("Say what is severe about it: people read that before they choose.")
    waiting = Completion.objects.filter(pk=one.completion, screening=one.was)
    return becomes if waiting.update(screening=becomes, screened_by=by) else ""
