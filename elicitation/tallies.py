"""What people said of completions, counted in the database for pages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from elicitation.models import Completion, Preference, Prompt, WorkshopCommunity


@dataclass
class Preferred:
    """How one community answered one pair. one and other: the completions in the pair's order."""

    seat: WorkshopCommunity
    one: int = 0
    other: int = 0
    equal: int = 0
    neither: int = 0

    @property
    def n(self) -> int:
        """All who answered, without those who skipped or flagged."""
        return self.one + self.other + self.equal + self.neither

    @property
    def others(self) -> int:
        """All who took neither of the two."""
        return self.equal + self.neither

    def may_be_told(self, small_cell: int) -> bool:
        """Whether the counts single nobody out; always, where the answers were published (0).

        Each side, and those who took neither, is then half of k people or more: a part that
        nobody took would tell what everybody did.
        """
        fewest = max(3, (small_cell + 1) // 2) if small_cell else 0
        parts = (self.one, self.other, self.others)
        return self.n >= max(small_cell, 1) and min(parts) >= fewest


@dataclass
class Pair:
    """Two completions of one prompt, the older first, with what each community said of them."""

    one: int
    other: int
    communities: dict[int, Preferred] = field(default_factory=dict)

    @property
    def rows(self) -> list[Preferred]:
        """The communities in their seats' order."""
        return sorted(self.communities.values(), key=lambda row: (row.seat.position, row.seat.pk))


def pairs_of(prompt: Prompt) -> list[Pair]:
    """The pairs of one prompt that anybody compared; sides are undone, as they were random."""
    seats = {seat.pk: seat for seat in prompt.workshop.seats.select_related("community")}
    counted = (
        Preference.objects.filter(comparison__prompt=prompt)
        .order_by()
        .values_list(
            "comparison__left", "comparison__right", "comparison__participant__seat", "choice"
        )
        .annotate(number=Count("pk"))
    )
    pairs: dict[tuple[int, int], Pair] = {}
    for left, right, seat, choice, number in counted:
        one, other = sorted((left, right))
        pair = pairs.setdefault((one, other), Pair(one, other))
        row = pair.communities.setdefault(seat, Preferred(seats[seat]))
        name = {"left": "one", "right": "other"}.get(choice, choice)
        if left > right:
            name = {"one": "other", "other": "one"}.get(name, name)
        if name in ("one", "other", "equal", "neither"):
            setattr(row, name, getattr(row, name) + number)
    return [pairs[key] for key in sorted(pairs)]


def numbers_of(prompts: Iterable[Prompt]) -> dict[int, tuple[int, int]]:
    """For each prompt, how many completions and how many preferences it has."""
    prompts = list(prompts)
    completions = _counted(Completion.objects.filter(prompt__in=prompts), "prompt")
    preferences = _counted(
        Preference.objects.filter(comparison__prompt__in=prompts), "comparison__prompt"
    )
    return {
        prompt.pk: (completions.get(prompt.pk, 0), preferences.get(prompt.pk, 0))
        for prompt in prompts
    }


def _counted(rows: QuerySet[Any], path: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(path).annotate(number=Count("pk")))
