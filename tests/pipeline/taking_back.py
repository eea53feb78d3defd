"""A line from two people's own words to weights, for tests of what taking back reaches.

Amara mills and Bela fishes; both said things in every way there is. Around them, the mill of
`making` gives the numbers that an analysis needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from deliberation.models import Statement
from deliberation.services import cast_vote
from elicitation.kernel.work import run_inline
from elicitation.methods.taking_back import shows_words
from elicitation.models import (
    AnswerEvent,
    Case,
    Comparison,
    Completion,
    Device,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Prompt,
    Rewrite,
    Stage,
    Workshop,
)
from elicitation.services import record_preference
from elicitation.services.answers import Said, record_events
from elicitation.services.consent import agree
from elicitation.services.joining import Phone, add_device, keep_contact
from policy.models import (
    Analysis,
    Citation,
    ConstitutionVersion,
    Endorsement,
    Principle,
    Ratification,
)
from policy.services import draft_constitution
from tests.line import one_community, report_result
from tests.pipeline.making import make_workshop
from training.models import Checkpoint, DatasetSnapshot, EvaluationReport
from training.services import freeze_snapshot, prepare_run

Kind = AnswerEvent.Kind
WAYS = ("rationale", "statement", "why", "divide", "rewrite", "situation", "wish", "self", "reason")


class Line:
    """One of everything, from two people's words to a report."""

    def __init__(self) -> None:
        self.workshop = make_workshop()
        Workshop.objects.filter(pk=self.workshop.pk).update(provenance=Workshop.Provenance.LIVE)
        self.workshop.refresh_from_db()
        self.stage = Stage.objects.create(
            workshop=self.workshop, kind="norms", title="Norms", status=Stage.Status.OPEN
        )
        self.question = IdentityQuestion.objects.create(workshop=self.workshop, text="Your work?")
        self.amara, self.bela = self._person("millers", "amara"), self._person("anglers", "bela")
        self._everyone_agrees_with(self._say_everything(self.amara, "left"))
        self._everyone_agrees_with(self._say_everything(self.bela, "right"))
        self._millers_agree_with(self._propose(self.amara, "divide"))
        self.analysis = analysed(self.workshop)
        self.version = draft_constitution(workshop=self.workshop, analysis=self.analysis)
        self._follow_what_people_chose()
        self._endorse(self.amara)
        self._endorse(self.bela)
        self.snapshot = freeze_snapshot(version=self.version, kind="preference")
        self.run = prepare_run(snapshot=self.snapshot, recipe="dpo", base="tiny")
        (Path(self.run.folder) / "card.json").write_text(
            json.dumps({"parameters": self.run.config})
        )
        self.checkpoint = Checkpoint.objects.create(
            run=self.run, folder="", weights_hash="w" * 64, step=4
        )
        report = report_result(millers=one_community(0.1, 0.05, 0.2))
        EvaluationReport.objects.create(checkpoint=self.checkpoint, result=report)

    def _person(self, community: str, name: str) -> Participant:
        seat = self.workshop.seats.get(community__slug=community)
        person = Participant.objects.create(seat=seat, workshop=self.workshop, pseudonym=name)
        agree(participant=person, train_models=True, be_quoted=True, be_contacted=True)
        keep_contact(participant=person, address=f"{name}@example.org")
        return person

    def _say_everything(self, person: Participant, choice: str) -> Statement:
        """Answers in every way, each with words of this person's own."""
        device = add_device(participant=person, phone=Phone("install", "agent"))
        for prompt in Prompt.objects.filter(workshop=self.workshop):
            left, right = prompt.completions.order_by("pk")
            put = Comparison.objects.create(
                participant=person, prompt=prompt, left=left, right=right
            )
            why = {"rationale": words_of(person, "rationale")}
            record_preference(
                participant=person, comparison=put, choice=choice, key=f"{put.pk}", **why
            )
        self._write(person, device)
        return self._propose(person)

    def _write(self, person: Participant, device: Device) -> None:
        completion = Completion.objects.filter(prompt__workshop=self.workshop).first()
        assert completion is not None
        whose = {"participant": person}
        rewrite = {"text": words_of(person, "rewrite")}
        event = told(person, Kind.REWRITE, completion.pk, rewrite, device)
        Rewrite.objects.create(**whose, completion=completion, event=event, **rewrite)
        case = {name: words_of(person, name) for name in ("situation", "wish")}
        event = told(person, Kind.CASE, 1_000 + person.pk, case, device)
        Case.objects.create(**whose, event=event, **case)
        oneself = {"choices": [], "text": words_of(person, "self")}
        event = told(person, Kind.IDENTITY, self.question.pk, oneself, device)
        IdentityAnswer.objects.create(**whose, question=self.question, event=event, **oneself)

    def _propose(self, person: Participant, way: str = "statement") -> Statement:
        said = {"text": words_of(person, way), "why": words_of(person, "why")}
        event = told(person, Kind.STATEMENT, 0, said, None, key=way)
        return Statement.objects.create(
            workshop=self.workshop,
            stage=self.stage,
            author=person,
            external_id=f"{person.pseudonym}-{event.key}",
            moderation=Statement.Moderation.IN,
            **said,
        )

    def _everyone_agrees_with(self, statement: Statement) -> None:
        for person in Participant.objects.filter(workshop=self.workshop):
            vote(person, statement, 1)

    def _millers_agree_with(self, statement: Statement) -> None:
        for person in Participant.objects.filter(workshop=self.workshop):
            vote(person, statement, 1 if person.seat.community.slug == "millers" else -1)

    def _follow_what_people_chose(self) -> None:
        """A principle that answers bear on: one wants short ones and the other long ones."""
        directions = {"millers": -1, "anglers": 1}
        measure = {"feature": "length", "theme": "", "threshold": 0.1, "directions": directions}
        principle = Principle.objects.create(
            version=self.version,
            number=9,
            text="Millers: prefer shorter answers. Anglers: prefer longer ones.",
            status=Principle.Status.CONTESTED,
            resolution=Principle.Resolution.PER_COMMUNITY,
            measure=measure,
        )
        Citation.objects.create(principle=principle, kind=Citation.Kind.PREFERENCE)

    def _endorse(self, person: Participant) -> None:
        ratification, _ = Ratification.objects.get_or_create(
            version=self.version, stage=self.stage, community=person.seat.community
        )
        principle = self.version.principles.get(number=1)
        reason = {"choice": "object", "reason": words_of(person, "reason")}
        event = told(person, Kind.ENDORSEMENT, principle.pk, reason, None)
        Endorsement.objects.create(
            ratification=ratification,
            participant=person,
            principle=principle,
            event=event,
            **reason,
        )


def words_of(person: Participant, way: str) -> str:
    """What this person says in this way, and nobody else does."""
    if person.pseudonym == "amara":
        return f"As amara put it for the {way}: honesty & “care” before any profit."
    return f"The {way} of bela asks that <nobody> should dam the old river for grain."


def all_words(person: Participant) -> list[str]:
    """Everything that this person said."""
    return [*(words_of(person, way) for way in WAYS), f"{person.pseudonym}@example.org"]


def vote(person: Participant, statement: Statement, choice: int) -> None:
    """One vote."""
    key = f"vote-{statement.pk}"
    cast_vote(participant=person, statement=statement, choice=choice, key=key)


def told(
    person: Participant,
    kind: str,
    target: int,
    body: dict[str, str],
    device: Device | None,
    key: str = "",
) -> AnswerEvent:
    """One stored answer."""
    said = Said(person, key or f"{kind}-{target}", target, body, device=device)
    return record_events(kind, [said]).events[0]


def analysed(workshop: Workshop) -> Analysis:
    """Analyse here and now, by the same task as the worker."""
    work = run_inline("policy.tasks.analyse", subject="test", workshop_id=workshop.pk, seed=7)
    return Analysis.objects.get(pk=work.result["analysis"])


def places_of(words: Iterable[str], home: Path) -> set[str]:
    """Every column of the database and every file that holds one of these texts."""
    words = list(words)
    columns = {name for name, text in stored_texts() if holds(text, words)}
    files = {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and holds(path.read_bytes().decode(errors="replace"), words)
    }
    return columns | files


def stored_texts() -> Iterator[tuple[str, str]]:
    """Every text in every table, with the name of its column."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField | TextField | JSONField):
                values = model._base_manager.values_list(field.attname, flat=True)
                for value in values.iterator():
                    text = value if isinstance(value, str) else json.dumps(value, default=str)
                    yield f"{model._meta.label}.{field.name}", text


def holds(text: str, words: list[str]) -> bool:
    """Whether one of these texts is in it, as it is, as JSON has it, or broken into lines."""
    plain = text.encode().decode("unicode_escape", errors="replace") if "\\u" in text else text
    return shows_words(text, words) or any(word in plain for word in words)


def stale_things() -> dict[str, set[int]]:
    """What is marked as stale, by table."""
    tables = (Analysis, ConstitutionVersion, DatasetSnapshot, Checkpoint)
    return {
        model.__name__: set(
            model._default_manager.exclude(stale_because="").values_list("pk", flat=True)
        )
        for model in tables
    }


def everything_about(person: Participant) -> dict[str, object]:
    """What is stored of one person, to see that nothing of it changed."""
    events = AnswerEvent.objects.filter(participant=person).order_by("pk")
    return {
        "bodies": list(events.values_list("body", flat=True)),
        "rows": [
            model._default_manager.filter(event__participant=person).count()
            for model in (Rewrite, Case, IdentityAnswer, Endorsement)
        ],
        "consents": person.consents.count(),
        "left": person.withdrawn_at,
    }
