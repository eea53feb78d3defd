"""Who and what is held out: whole prompts, with all that say nearly the same, and people.

The same seed holds out the same in every kind of dataset of the same workshops, as long as all
their prompts and people are given, so that a model trained on one kind after another is not tested
on what it saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from training.methods.near_duplicates import groups_of_near_duplicates

Split = Literal["train", "heldout", "heldout_people"]
Person = tuple[str, str]  # workshop, pseudonym
Messages = Sequence[Mapping[str, str]]

SPLITS: tuple[Split, ...] = ("train", "heldout", "heldout_people")
# A community with fewer people than this keeps all of them for training: holding one of three out
# would say more about that one than about people.
FEWEST_PEOPLE_TO_HOLD_OUT = 10


@dataclass(frozen=True)
class Sides:
    """What is held out. prompts_out: the share of prompts. people: those held out.

    names: opening → the opening that stands for all that say nearly the same.
    """

    seed: int
    prompts_out: float
    people: frozenset[Person]
    names: Mapping[str, str]

    def is_prompt_out(self, messages: Messages) -> bool:
        """Whether a conversation is held out, as everything that opens nearly like it is."""
        first = opening(messages)
        return _chance(self.seed, "prompt", self.names.get(first, first)) < self.prompts_out

    def split_of(self, messages: Messages, person: Person) -> Split | None:
        """The split of one person's answer to one prompt; None for what would stand on both."""
        prompt_out, person_out = self.is_prompt_out(messages), person in self.people
        if prompt_out and person_out:
            return None
        return "heldout" if prompt_out else "heldout_people" if person_out else "train"


def draw_sides(
    prompts: Iterable[Messages],
    people: Mapping[str, set[Person]],
    *,
    seed: int,
    held_out_prompts: float = 0.25,
    held_out_people: float = 0.15,
) -> Sides:
    """Hold out about these shares of prompts and of each community's people, in [0, 1).

    prompts: all of them. people: community → everyone who answered. Deterministic given the seed.
    """
    return Sides(
        seed,
        held_out_prompts,
        frozenset(
            person
            for members in people.values()
            if len(members) >= FEWEST_PEOPLE_TO_HOLD_OUT
            for person in members
            if _chance(seed, "person", "/".join(person)) < held_out_people
        ),
        _names({opening(messages) for messages in prompts}),
    )


def opening(messages: Messages) -> str:
    """What conversations that differ only later share, so that they are held out together.

    A system turn is no part of it: a whole workshop can have the same one.
    """
    asked = [message for message in messages if message["role"] == "user"] or messages
    return " ".join(str(asked[0]["content"]).lower().split())


def _names(openings: set[str]) -> dict[str, str]:
    """Every opening that others nearly repeat → the first of them in order."""
    known = sorted(openings)
    groups = groups_of_near_duplicates(known)
    return {known[place]: known[group[0]] for group in groups for place in group}


def _chance(seed: int, what: str, name: str) -> float:
    """A number in [0, 1) that depends on nothing but these."""
    digest = hashlib.sha256(f"{seed}\0{what}\0{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
