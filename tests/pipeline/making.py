"""A small workshop with a constitution, made by hand: for tests that need no analysis."""

from __future__ import annotations

from elicitation.kernel.hashing import content_hash
from elicitation.models import Comparison, Completion, Participant, Prompt, Workshop
from elicitation.services import (
    PreferenceSaid,
    open_workshop,
    record_preferences,
    seat_community,
    seat_people,
)
from policy.models import Analysis, Constitution, ConstitutionVersion, Principle

SHORT, LONG = "Yes.", "Yes, and here is a good deal more that you did not ask about."


def make_workshop(slug: str = "mill", prompts: int = 16, people: int = 6) -> Workshop:
    """Two communities that judge the same pairs; one wants short answers, the other long ones."""
    workshop = open_workshop(slug=slug, provenance=Workshop.Provenance.SIMULATED)
    pairs = []
    for number in range(prompts):
        messages = [{"role": "user", "content": f"Question {number} about the mill?"}]
        prompt = Prompt.objects.create(
            workshop=workshop, messages=messages, content_hash=content_hash(messages)
        )
        texts = [f"{number}: {SHORT}", f"{number}: {LONG}"]
        sides = [
            Completion.objects.create(prompt=prompt, text=text, content_hash=content_hash(text))
            for text in texts
        ]
        pairs.append((prompt, sides))
    for name, wanted in (("Millers", "left"), ("Anglers", "right")):
        names = [f"{name.lower()}-{number}" for number in range(people)]
        seated = seat_people(
            seat=seat_community(workshop=workshop, name=name),
            pseudonyms=names,
            identity=Participant.Identity.SIMULATED,
        )
        record_preferences(
            PreferenceSaid(person, _put(person, prompt, sides), wanted, key=f"{prompt.pk}")
            for person in seated.values()
            for prompt, sides in pairs
        )
    return workshop


def make_version(workshop: Workshop) -> ConstitutionVersion:
    """A version whose one principle is about length, contested and resolved per community."""
    analysis = Analysis.objects.create(
        workshop=workshop, input_hash="0" * 64, seed=1, code_version="by hand", result={}
    )
    constitution = Constitution.objects.create(title="About the mill")
    constitution.workshops.add(workshop)
    version = ConstitutionVersion.objects.create(
        constitution=constitution, number=1, analysis=analysis, content_hash="1" * 64
    )
    Principle.objects.create(
        version=version,
        number=1,
        text="Millers: Prefer shorter answers. Anglers: Prefer answers that are longer.",
        status=Principle.Status.CONTESTED,
        resolution=Principle.Resolution.PER_COMMUNITY,
        measure={
            "feature": "length",
            "theme": "",
            "threshold": 0.1,
            "directions": {"millers": -1, "anglers": 1},
        },
    )
    return version


def _put(person: Participant, prompt: Prompt, sides: list[Completion]) -> Comparison:
    return Comparison.objects.create(
        participant=person, prompt=prompt, left=sides[0], right=sides[1]
    )
