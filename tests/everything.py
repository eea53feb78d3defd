"""A workshop that holds one of everything that people and models write, in words that a test gives.

Amara takes part, with a phone; Farid facilitates. Every activity is open and half done.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.test import Client

from deliberation.models import Statement, StatementTranslation
from deliberation.services.moderating import merge_statements, moderate_statement
from deliberation.services.revealing import open_round, reveal
from elicitation.models import (
    Activity,
    AnswerEvent,
    Community,
    Comparison,
    Completion,
    CompletionTranslation,
    IdentityQuestion,
    Participant,
    Prompt,
    PromptTranslation,
    RankingTask,
    Showing,
    Stage,
    User,
    Workshop,
)
from elicitation.services.consent import give_contact
from elicitation.services.withdrawing import withdraw
from policy.ratifying import open_ratification
from policy.services import draft_constitution
from tests.deliberation.statements import people, state, vote
from tests.elicitation.stock import stock
from tests.line import full_result, make_analysis
from tests.phones import open_activity, phone_of, send

# Words for one place, no longer than so many characters, never the same twice.
Say = Callable[[str, int], str]
RECEIPT = UUID(int=7)
LONG = 1000
JUDGED = ("compare", "rate", "criteria", "rank", "rewrite")


def everything(amara: Participant, farid: User, say: Say) -> Client:
    """Fill the workshop of this person; her phone."""
    workshop = amara.workshop
    _introduce(workshop, say)
    _bring_prompts(workshop, say)
    for place, kind in enumerate((*JUDGED, "case", "propose", "vote", "identity")):
        open_activity(workshop, kind, position=place, settings=_settings(kind, say))
    for _ in range(3):
        options = [say("option", 80), say("option", 80)]
        IdentityQuestion.objects.create(
            workshop=workshop, text=say("question", 200), options=options
        )
    phone = phone_of(amara)
    _judge(phone, amara, say)
    _write(phone, say)
    _talk(phone, amara, farid, say)
    _review(phone, workshop, farid, say)
    give_contact(participant=amara, address=say("address", 254))
    skipped = AnswerEvent.objects.filter(participant=amara, kind="case").earliest("pk")
    withdraw(participant=amara, scope="answers", key=RECEIPT, targets=[skipped.pk])
    return phone


def _settings(kind: str, say: Say) -> dict[str, list[str]]:
    """Criteria of the workshop's own beside those that are known."""
    own = say("criterion", 40).replace(":", " ")
    return {"criteria": ["helpful", own]} if kind == "criteria" else {}


def _introduce(workshop: Workshop, say: Say) -> None:
    """What people are told of the workshop and its communities."""
    long = ("description", "organiser", "content_warning", "support", "debrief")
    told = {name: say(name, LONG) for name in (*long, "provenance_note", "attribution")}
    Workshop.objects.filter(pk=workshop.pk).update(title=say("title", 200), **told)
    workshop.refresh_from_db()
    for community in workshop.communities.all():
        words = {"name": say("community", 120), "description": say("community is", LONG)}
        Community.objects.filter(pk=community.pk).update(**words)
    Stage.objects.filter(workshop=workshop).update(title=say("stage", 120))


def _bring_prompts(workshop: Workshop, say: Say) -> None:
    """Four prompts of three answers; some warned of, some translated."""
    for place, prompt in enumerate(stock(workshop, prompts=4, completions=3)):
        turns = [{"role": "user", "content": say("prompt", LONG)} for _ in range(2)]
        warning = say("warning", 200) if place == 1 else ""
        Prompt.objects.filter(pk=prompt.pk).update(
            messages=turns, theme=say("theme", 120), content_warning=warning
        )
        for completion in prompt.completions.all():
            named = {"source": say("source", 120), "revision": say("revision", 120)}
            texts = {"text": say("completion", LONG), **named}
            Completion.objects.filter(pk=completion.pk).update(**texts)
            _translate_completion(completion, say)
        PromptTranslation.objects.create(
            prompt=prompt, locale="ar", text=say("translation", LONG), origin="machine"
        )


def _translate_completion(completion: Completion, say: Say) -> None:
    for locale, origin in (("ar", "person"), ("en", "machine")):
        CompletionTranslation.objects.create(
            completion=completion, locale=locale, text=say("translation", LONG), origin=origin
        )


def _judge(phone: Client, amara: Participant, say: Say) -> None:
    """One answer of each kind that judges; another waits in each."""
    slug = amara.workshop.slug
    for kind in JUDGED:
        assert phone.get(f"/w/{slug}/{kind}/").status_code == 200
    compared = Comparison.objects.filter(participant=amara).earliest("pk")
    why = {"rationale": say("why", LONG), "decided": say("decided", 500)}
    sent(phone, slug, "preference", compared.pk, choice="left:2", **why)
    ranked = RankingTask.objects.filter(participant=amara).earliest("pk")
    places = {f"place:{number}": str(number + 1) for number in range(3)}
    sent(phone, slug, "ranking", ranked.pk, **places)
    first = {kind: _shown(amara, kind).pk for kind in ("rate", "criteria", "rewrite")}
    sent(phone, slug, "rating", first["rate"], value="1")
    sent(phone, slug, "rating", first["criteria"], **{"values:helpful": "4"})
    sent(phone, slug, "rewrite", first["rewrite"], text=say("rewrite", LONG))


def _shown(amara: Participant, kind: str) -> Showing:
    return Showing.objects.filter(participant=amara, activity__kind=kind).earliest("pk")


def sent(phone: Client, slug: str, kind: str, target: int, **body: object) -> None:
    """Send one answer, which is taken."""
    response = send(phone, slug, kind, target, **body)
    assert response.status_code == 302, response.content.decode()


def _write(phone: Client, say: Say) -> None:
    """Cases, an answer about oneself, and statements."""
    for _ in range(2):
        halves = {"situation": say("situation", LONG), "wish": say("wish", LONG)}
        sent(phone, "river", "case", 0, **halves)
    question = IdentityQuestion.objects.earliest("pk")
    about = {"choices[]": question.options[:1], "text": say("oneself", 300)}
    sent(phone, "river", "identity", question.pk, **about)
    for _ in range(4):
        sent(phone, "river", "statement", 0, when="", should=say("statement", 200), why="so")
    Statement.objects.filter(author__isnull=False).update(why=say("because", 100))


def _talk(phone: Client, amara: Participant, farid: User, say: Say) -> None:
    """What became of Amara's statements; others', votes on them, results, and a second vote."""
    activity = Activity.objects.get(kind="vote")
    waits, accepted, out, merged = Statement.objects.filter(author=amara).order_by("pk")
    moderate_statement(statement=accepted, becomes="in", by=farid)
    moderate_statement(statement=out, becomes="out", by=farid, reason=say("reason", 500))
    merge_statements(merged=merged, into=accepted, by=farid)
    fishers = people(activity, "fishers", 24)
    for person in fishers:
        Participant.objects.filter(pk=person.pk).update(pseudonym=say("pseudonym", 80))
    for _ in range(4):
        statement = _stated(activity, say)
        vote(activity, statement, [amara, *fishers], 12, 9, 4)
    reveal(activity=activity, by=farid)
    open_round(activity=activity, by=farid)
    sent(phone, "river", "vote", statement.pk, choice="1", round="2")
    assert waits.moderation == "unreviewed"


def _stated(activity: Activity, say: Say) -> Statement:
    """Somebody's statement, translated twice."""
    themes = {"theme": say("theme", 120), "subtheme": say("subtheme", 120)}
    quotes = [say("quote", LONG), {"text": say("quote", LONG), "who": say("who", 80)}]
    statement = state(
        activity, say("statement", 280), why=say("because", 280), quotes=quotes, **themes
    )
    for locale, origin in (("ar", "machine"), ("en", "person")):
        StatementTranslation.objects.create(
            statement=statement, locale=locale, text=say("translation", LONG), origin=origin
        )
    return statement


def _review(phone: Client, workshop: Workshop, farid: User, say: Say) -> None:
    """A constitution before its communities; one rule is objected to."""
    texts = [
        Statement.objects.create(workshop=workshop, text=say("norm", 280), external_id=f"n{place}")
        for place in range(2)
    ]
    make_analysis(workshop, full_result(*texts))
    version = draft_constitution(workshop=workshop)
    stage = Stage.objects.create(
        workshop=workshop, kind="review", title=say("stage", 120), position=1, status="open"
    )
    open_ratification(version=version, stage=stage, by=farid)
    words = {"reason": say("objection", LONG), "amendment": say("amendment", LONG)}
    rule = version.principles.earliest("number")
    sent(phone, "river", "endorsement", rule.pk, choice="object", **words)
