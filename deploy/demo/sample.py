"""The sample workshop: simulated people judge real prompts and completions, and real claims."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import transaction

from deliberation.models import Statement
from deliberation.services import VoteSaid, cast_votes
from deploy.demo import planting
from deploy.demo.planting import EVERYDAY, RISKY, Person
from elicitation.kernel.hashing import content_hash
from elicitation.models import Comparison, Completion, Participant, Prompt, Workshop
from elicitation.services import (
    PreferenceSaid,
    record_preferences,
    seat_community,
    seat_people,
)

PROMPTS = {EVERYDAY: ("helpful-base", 110), RISKY: ("harmless-base", 70)}
WARNING = "Someone asks for something harmful or offensive."
# Short enough for a small machine to train on whole: characters of a prompt and of a completion.
LONGEST_PROMPT, SHORTEST, LONGEST = 260, 20, 380

Report = Callable[[int, int, str], None]


def short_pairs(path: Path, how_many: int) -> Iterator[tuple[str, str, str]]:
    """(question, one completion, the other) of the first short single-question records."""
    found = 0
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            pair = _pair(record["chosen"], record["rejected"])
            if pair and found < how_many:
                found += 1
                yield pair


def _pair(chosen: str, rejected: str) -> tuple[str, str, str] | None:
    prompt, _, one = chosen.rpartition("\n\nAssistant:")
    other_prompt, _, other = rejected.rpartition("\n\nAssistant:")
    one, other = one.strip(), other.strip()
    single = prompt.count("\n\nHuman:") == 1 and "\n\nAssistant:" not in prompt
    short = len(prompt) <= LONGEST_PROMPT and all(
        SHORTEST <= len(text) <= LONGEST for text in (one, other)
    )
    if prompt != other_prompt or one == other or not single or not short:
        return None
    # In the order of the alphabet, so that which one was once chosen leaves no trace.
    first, second = sorted((one, other))
    return prompt.removeprefix("\n\nHuman:").strip(), first, second


@transaction.atomic
def fill_sample_workshop(workshop: Workshop, data: Path, seed: int, report: Report) -> None:
    """Seat the simulated people and record what they say. All of it or nothing.

    The claims must have been imported. The same seed gives the same answers.
    """
    members = planting.people(seed)
    seated = _seat(workshop, members)
    pairs = _prompts(workshop, data)
    report(1, 3, "Simulated people compare completions")
    _compare(members, seated, pairs, seed)
    report(2, 3, "Simulated people vote on claims")
    _vote(workshop, members, seated, seed)
    report(3, 3, "The sample workshop is filled")


def _seat(workshop: Workshop, members: list[Person]) -> dict[str, Participant]:
    seated: dict[str, Participant] = {}
    for community in planting.PEOPLE:
        names = [person.pseudonym for person in members if person.community == community]
        seat = seat_community(workshop=workshop, name=community)
        seated |= seat_people(seat=seat, pseudonyms=names, identity=Participant.Identity.SIMULATED)
    return seated


def _prompts(workshop: Workshop, data: Path) -> list[tuple[Prompt, Completion, Completion]]:
    made = []
    for theme, (name, how_many) in PROMPTS.items():
        source = data / "hh_rlhf" / f"{name}.test.jsonl.gz"
        for question, one, other in short_pairs(source, how_many):
            messages = [{"role": "user", "content": question}]
            prompt = Prompt.objects.create(
                workshop=workshop,
                messages=messages,
                content_hash=content_hash(messages),
                theme=theme,
                content_warning=WARNING if theme == RISKY else "",
            )
            sides = [
                Completion.objects.create(
                    prompt=prompt,
                    text=text,
                    content_hash=content_hash(text),
                    source="HH-RLHF assistant",
                )
                for text in (one, other)
            ]
            made.append((prompt, sides[0], sides[1]))
    return made


def _compare(
    members: list[Person],
    seated: dict[str, Participant],
    pairs: list[tuple[Prompt, Completion, Completion]],
    seed: int,
) -> None:
    # Numeric, so it is loaded where answers are simulated and nowhere else.
    from policy.methods.features import completion_features

    features = {
        completion.pk: completion_features(prompt.last_turn, completion.text)
        for prompt, *sides in pairs
        for completion in sides
    }
    chance = random.Random(f"comparisons {seed}")  # noqa: S311
    core = chance.sample(range(len(pairs)), planting.CORE)
    rest = [place for place in range(len(pairs)) if place not in core]
    said, comparisons = [], []
    for person in members:
        own = core + chance.sample(rest, planting.COMPARISONS_PER_PERSON - len(core))
        for place in own:
            prompt, *sides = pairs[place]
            left, right = chance.sample(sides, 2)
            comparisons.append(
                Comparison(
                    participant=seated[person.pseudonym],
                    prompt=prompt,
                    left=left,
                    right=right,
                    propensity=1.0 if place in core else (len(own) - len(core)) / len(rest),
                )
            )
            said.append(
                planting.choose(person, prompt.theme, features[left.pk], features[right.pk], chance)
            )
    Comparison.objects.bulk_create(comparisons, batch_size=1000)
    record_preferences(
        PreferenceSaid(one.participant, one, choice, key=f"sample:{number}")
        for number, (one, choice) in enumerate(zip(comparisons, said, strict=True))
    )


def _vote(
    workshop: Workshop, members: list[Person], seated: dict[str, Participant], seed: int
) -> None:
    statements = list(Statement.objects.filter(workshop=workshop).order_by("id"))
    picked = planting.pick_claims([s.theme for s in statements], [s.text for s in statements])
    chance = random.Random(f"votes {seed}")  # noqa: S311
    votes = [
        VoteSaid(
            seated[person.pseudonym],
            statements[place],
            choice,
            key=f"sample:{statements[place].external_id}",
        )
        for person in members
        for place in picked
        if (choice := planting.vote(person, statements[place].theme, chance)) is not None
    ]
    cast_votes(votes)
