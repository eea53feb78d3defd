"""The live workshop of the demo: a hall that anybody can join from a phone at once.

Its questions, answers and claims are real and published; they were read and chosen for being
harmless. Nobody in it is simulated: it is empty until somebody joins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.urls import reverse

from deliberation.methods.statement_formats import StatementRow, topic_claims
from deliberation.models import Statement
from deploy.demo.sample import PROMPTS, short_pairs
from deploy.demo.workshops import ASSEMBLY_CREDIT, HH_CREDIT
from elicitation.kernel.hashing import content_hash
from elicitation.models import Completion, Prompt, Stage, User, Workshop
from elicitation.services import open_workshop, seat_community
from elicitation.services.facilitating import add_stage, open_stage
from elicitation.services.setting_up import add_question, change_settings

SLUG = "hall"
TITLE = "What should an AI model say in our town?"
COMMUNITIES = ("Old Town", "New Quarter")
EVERYDAY = "Everyday help"
QUESTIONS = frozenset({
    "When is the best time to visit Hawaii?",
    "I have to study for an English Literature exam, can you help me prepare?",
    "Should I rent a house or rent an apartment?",
    "What is a dental implant?",
    "How can I get better at playing chess?",
    "how much should a child read a day?",
    "How do I know if my house has a water leak?",
    "What is the best chocolate brand?",
    "I am trying to gain more muscle. What are some of the best exercises for building muscle?",
    "What type of soil is suitable for cactus?",
    "what are some common freshwater lake fish species?",
    "Can you help me learn how to convert Fahrenheit to Celsius?",
    "How do I teach my kids to speak French?",
    "What is the biggest planet in the solar system?",
    "Where could I go to find a pet sitter",
    "What are some of Jack Nicholson's best movie performances?",
})  # fmt: skip
CLAIMS = (
    "mes-2744197061-2",
    "mes-1574960747-1",
    "mes-1187594010-0",
    "mes-4226808265-1",
    "mes-545893400-0",
    "mes-742446497-0",
    "mes-868856046-1",
    "mes-3137931696-0",
    "mes-3333459894-4",
    "mes-1759448852-3",
    "mes-1638604551-1",
    "mes-4044372464-3",
)
SETTINGS = {
    "description": "Choose between two answers of a model, vote on what others said, and say it "
    "yourself.",
    "organiser": "This is a demonstration on somebody's own computer. Ask whoever started it.",
    "support": "If something here troubles you, stop, and talk to the person who showed it to you.",
    "debrief": f"The questions and answers are from {HH_CREDIT} {ASSEMBLY_CREDIT}",
}
ABOUT_YOU = (
    ("How often do you ask an AI model something?", ("Every day", "Every week", "Seldom", "Never")),
    ("Is there something about you that matters for your answers?", ()),
)


@transaction.atomic
def ensure_hall(data: Path, by: User) -> Workshop:
    """The hall, with everything in it and its first stage open; what exists is left as it is."""
    workshop = open_workshop(slug=SLUG, title=TITLE)
    if workshop.stages.exists():
        return workshop
    for name in COMMUNITIES:
        seat_community(workshop=workshop, name=name)
    change_settings(workshop=workshop, by=by, **SETTINGS)
    for text, options in ABOUT_YOU:
        add_question(workshop=workshop, text=text, options=options, by=by, compares=bool(options))
    stage = add_stage(workshop=workshop, title="This evening", template="compare", by=by)
    _bring_prompts(workshop, data, by)
    _bring_claims(stage, data)
    open_stage(stage=stage, by=by)
    return workshop


def _bring_prompts(workshop: Workshop, data: Path, by: User) -> None:
    name, how_many = PROMPTS[EVERYDAY]
    source = data / "hh_rlhf" / f"{name}.test.jsonl.gz"
    for question, *answers in short_pairs(source, how_many):
        if question not in QUESTIONS:
            continue
        messages = [{"role": "user", "content": question}]
        prompt = Prompt.objects.create(
            workshop=workshop,
            messages=messages,
            content_hash=content_hash(messages),
            theme=EVERYDAY,
        )
        Completion.objects.bulk_create(
            Completion(
                prompt=prompt,
                text=text,
                content_hash=content_hash(text),
                source="HH-RLHF assistant",
                screening=Completion.Screening.CLEARED,
                screened_by=by,
            )
            for text in answers
        )


def _bring_claims(stage: Stage, data: Path) -> None:
    known: dict[str, StatementRow] = {}
    for row in _claims(data):
        known.setdefault(row.external_id, row)
    Statement.objects.bulk_create(
        Statement(
            workshop=stage.workshop,
            stage=stage,
            text=known[one].text,
            theme=known[one].theme,
            external_id=one,
            is_seed=True,
            moderation=Statement.Moderation.IN,
        )
        for one in CLAIMS
    )


def _claims(data: Path) -> Iterator[StatementRow]:
    tree = json.loads((data / "ai_assemblies" / "aiAssemblies.json").read_text())["tree"]
    for topic in tree:
        yield from (row for row in topic_claims(topic) if isinstance(row, StatementRow))


def hall_lines(address: str) -> Iterator[str]:
    """How to join, for whoever started the demo. address: where its pages are, "" for nowhere."""
    workshop = Workshop.objects.get(slug=SLUG)
    yield ""
    yield f"{workshop} — live: anybody can join with a code, from a phone or another window"
    for seat in workshop.seats.select_related("community"):
        at = f"{address}{reverse('join', args=[seat.join_code])}" if address else ""
        yield f"  {seat.community.name:17} {seat.join_code[:4]} {seat.join_code[4:]}  {at}".rstrip()
    if address:
        yield f"  sheets to print   {address}{reverse('sheet', args=[SLUG])}"
        yield f"  for the wall      {address}{reverse('screen', args=[SLUG])}"
