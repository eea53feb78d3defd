"""What may be put to people: completions that somebody has read, and for whom each is fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from elicitation.methods.assignment import Exposure, key_of
from elicitation.models import (
    Activity,
    Comparison,
    Completion,
    Participant,
    RankingTask,
    Showing,
    Workshop,
)

SHOWN = (Completion.Screening.CLEARED, Completion.Screening.SEVERE)


@dataclass(frozen=True)
class Cleared:
    """One completion that may be shown. words: the hash of its text."""

    pk: int
    prompt: int
    words: str
    is_severe: bool


@dataclass(frozen=True)
class Put:
    """Something that was put to a person: in what kind of activity, and which completions."""

    kind: str
    prompt: int
    completions: tuple[int, ...]


def shelf_of(workshop: Workshop) -> list[Cleared]:
    """Every completion of a workshop that may be shown to somebody, by prompt."""
    rows = Completion.objects.filter(prompt__workshop=workshop, screening__in=SHOWN)
    fields = ("pk", "prompt", "content_hash", "screening", "prompt__is_severe")
    return [
        Cleared(pk, prompt, words, severe or screening == Completion.Screening.SEVERE)
        for pk, prompt, words, screening, severe in rows.order_by("prompt", "pk").values_list(
            *fields
        )
    ]


def by_prompt(shelf: Iterable[Cleared]) -> dict[int, list[Cleared]]:
    """What may be shown for each prompt."""
    found: dict[int, list[Cleared]] = {}
    for one in shelf:
        found.setdefault(one.prompt, []).append(one)
    return found


def fit_for(participant: Participant, shelf: Iterable[Cleared]) -> set[int]:
    """The completions that this person may meet: severe ones only where they chose so."""
    return {one.pk for one in shelf if participant.sees_severe or not one.is_severe}


def put_to(participant: Participant) -> list[Put]:
    """Everything that was put to a person so far."""
    compared = Comparison.objects.filter(participant=participant)
    ranked = RankingTask.objects.filter(participant=participant)
    shown = Showing.objects.filter(participant=participant)
    return [
        *(
            Put(Activity.Kind.COMPARE, prompt, (left, right))
            for prompt, left, right in compared.values_list("prompt", "left", "right")
        ),
        *(
            Put(Activity.Kind.RANK, prompt, tuple(completions))
            for prompt, completions in ranked.values_list("prompt", "completions")
        ),
        *(
            Put(kind, prompt, (completion,))
            for kind, prompt, completion in shown.values_list(
                "activity__kind", "completion__prompt", "completion"
            )
        ),
    ]


def exposure_of(
    participant: Participant, kind: str, put: Iterable[Put], shelf: Iterable[Cleared]
) -> Exposure:
    """What a person has met, and how many severe things they may still meet in this workshop."""
    put = list(put)
    severe = {one.pk for one in shelf if one.is_severe}
    met = sum(not severe.isdisjoint(one.completions) for one in put)
    left = max(0, participant.workshop.exposure_cap - met) if participant.sees_severe else 0
    return Exposure(
        keys=frozenset(key_of(one.completions) for one in put if one.kind == kind),
        prompts=frozenset(one.prompt for one in put),
        severe_left=left,
    )
