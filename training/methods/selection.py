"""What somebody asks of a dataset: which rows, and how much each weighs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from training.methods.personal_data import REGIONS

DEFAULT_WEIGHT = 1.0


@dataclass(frozen=True)
class Selection:
    """Filters and weights of a dataset. Everything in it is part of the dataset's name.

    communities, themes, principles: only these; empty for all. least_n, least_agreement: training
    rows that fewer people judged, or of which fewer than this share (.5 to 1) agree, are left out;
    what is held out is never narrowed by them, or only the easy part would be measured.
    community_weights, principle_weights: relative, 1 where not named; 0 leaves a principle out, and
    a community out of training. held_out_prompts, held_out_people: shares in [0, 1).
    most_synthetic: the largest share of training rows that nobody wrote or judged, in [0, 1].
    regions: countries whose national telephone numbers are scrubbed.
    """

    communities: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    principles: tuple[int, ...] = ()
    least_n: int = 1
    least_agreement: float = 0.5
    community_weights: Mapping[str, float] = field(default_factory=dict)
    principle_weights: Mapping[int, float] = field(default_factory=dict)
    held_out_prompts: float = 0.25
    held_out_people: float = 0.15
    most_synthetic: float = 0.5
    regions: tuple[str, ...] = REGIONS

    def __post_init__(self) -> None:
        """Refuse what cannot be, with a ValueError that people can read."""
        for share in (self.held_out_prompts, self.held_out_people):
            if not 0 <= share < 1:
                raise ValueError(f"A held-out share lies in [0, 1), not {share}.")
        if not 0 <= self.most_synthetic <= 1:
            raise ValueError(f"The share of synthetic rows is 0 to 1, not {self.most_synthetic}.")
        if not 0.5 <= self.least_agreement <= 1:
            raise ValueError(f"Agreement lies between .5 and 1, not {self.least_agreement}.")
        if self.least_n < 1:
            raise ValueError(f"A row rests on one person at least, not {self.least_n}.")
        _check_weights(self.community_weights)
        _check_weights(self.principle_weights)

    def takes(self, community: str, theme: str) -> bool:
        """Whether answers of this community about this theme are asked for."""
        named = not self.communities or community in self.communities
        return named and (not self.themes or theme in self.themes)

    def is_clear(self, share: float, n: int) -> bool:
        """Whether enough people judged a row, and agree enough, to train on it."""
        return n >= self.least_n and max(share, 1 - share) >= self.least_agreement - 1e-9

    def weight_of(self, community: str) -> float:
        """How much a community weighs beside the others."""
        return self.community_weights.get(community, DEFAULT_WEIGHT)

    def principle_weight(self, number: int) -> float:
        """How much a principle weighs; 0 where it is not asked for."""
        if self.principles and number not in self.principles:
            return 0.0
        return self.principle_weights.get(number, DEFAULT_WEIGHT)

    def unknown(
        self, communities: Iterable[str], themes: Iterable[str], principles: Iterable[int]
    ) -> str:
        """A sentence on the first name in it that does not exist; empty where all do."""
        asked: Sequence[tuple[str, set[Any], set[Any]]] = (
            ("community", {*self.communities, *self.community_weights}, set(communities)),
            ("theme", set(self.themes), set(themes)),
            ("principle", {*self.principles, *self.principle_weights}, set(principles)),
        )
        for what, names, known in asked:
            if missing := sorted(names - known):
                there = ", ".join(map(str, sorted(known))) or "none"
                return f"There is no {what} {missing[0]!r}; there are: {there}."
        return ""


def as_plain(selection: Selection) -> dict[str, Any]:
    """A selection as JSON holds it: keys are texts, tuples lists."""
    plain = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(selection).items()
    }
    weights = selection.principle_weights.items()
    return plain | {"principle_weights": {str(number): weight for number, weight in weights}}


def from_plain(values: Mapping[str, Any]) -> Selection:
    """A selection from what `as_plain` made. Raises ValueError."""
    known = {one.name for one in fields(Selection)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f"A selection has no {unknown[0]}; it has {', '.join(sorted(known))}.")
    read: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    if "principle_weights" in read:
        read["principle_weights"] = {int(n): w for n, w in read["principle_weights"].items()}
    return Selection(**read)


def weights_from(given: Iterable[str]) -> dict[str, float]:
    """What is written as NAME=NUMBER, such as "river=2". Raises ValueError with a sentence."""
    weights = {}
    for one in given:
        name, _, weight = one.rpartition("=")
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            raise ValueError(f"A weight is written as NAME=NUMBER, not {one.strip()!r}.") from None
    return weights


def numbered(weights: Mapping[str, float]) -> dict[int, float]:
    """Weights of principles by their numbers. Raises ValueError with a sentence."""
    for name in weights:
        if not name.isdecimal():
            raise ValueError(f"A principle is named by its number, not {name!r}.")
    return {int(name): weight for name, weight in weights.items()}


def _check_weights(weights: Mapping[Any, float]) -> None:
    for name, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise ValueError(f"The weight of {name} is a number from 0, not {weight}.")
