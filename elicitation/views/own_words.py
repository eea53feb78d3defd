"""Pages on which people write of their own: cases, and, if they like, something of themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.activities import open_activities
from elicitation.items import Item
from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
)
from elicitation.views.judging import frame
from elicitation.views.numbers import number_asked, numbers_asked

Kind = Activity.Kind


@never_cache
@require_safe
def cases(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a test of one's own, see those that one wrote, and change them."""
    device = access.device_or_join(request, slug)
    activity = takes_answers(device.participant, Kind.CASE)
    mine = Case.objects.filter(participant=device.participant).select_related("stage")
    changed = mine.filter(pk=number_asked(request, "item"), stage__status="open").first()
    blank = Item(kind=AnswerEvent.Kind.CASE.value, target="0")
    page = {
        **frame(device, Kind.CASE.value),
        "activity": activity,
        "item": activity and (as_item(changed) if changed else blank),
        "mine": mine.order_by("-pk"),
    }
    return render(request, "elicitation/phone/cases.html", page)


def as_item(case: Case) -> Item:
    """A case to change."""
    said = {"situation": case.situation, "wish": case.wish}
    return Item(kind=AnswerEvent.Kind.CASE.value, target=str(case.pk), said=said)


def takes_answers(participant: Participant, kind: str) -> Activity | None:
    """The first activity of this kind that takes answers now."""
    found = (one for one in open_activities(participant) if one.kind == kind)
    return next((one for one in found if one.takes_answers), None)


@never_cache
@require_safe
def about_you(request: HttpRequest, slug: str) -> HttpResponse:
    """Questions about oneself that nobody has to answer."""
    device = access.device_or_join(request, slug)
    activity = takes_answers(device.participant, Kind.IDENTITY)
    questions = list(IdentityQuestion.objects.filter(workshop=device.participant.workshop_id))
    page = {
        **frame(device, Kind.IDENTITY.value),
        "activity": activity,
        "items": questions_left(request, device.participant, questions) if activity else [],
        "part": "elicitation/phone/identity.html",
        "questions": questions,
    }
    return render(request, "elicitation/phone/about_you.html", page)


def questions_left(
    request: HttpRequest, participant: Participant, questions: list[IdentityQuestion]
) -> list[tuple[Item, IdentityQuestion]]:
    """Those not answered yet; or the one that is asked for, with its answer."""
    asked = number_asked(request, "item")
    chosen = [question for question in questions if question.pk == asked]
    if not chosen:
        passed = numbers_asked(request, "skip") | set(
            AnswerEvent.objects.filter(
                participant=participant, kind=AnswerEvent.Kind.IDENTITY
            ).values_list("target", flat=True)
        )
        chosen = [question for question in questions if question.pk not in passed]
    answers = {
        answer.question_id: {"choices": answer.choices, "text": answer.text}
        for answer in IdentityAnswer.objects.filter(participant=participant, question__in=chosen)
    }
    return [
        (
            Item(
                kind=AnswerEvent.Kind.IDENTITY.value,
                target=str(question.pk),
                number=questions.index(question) + 1,
                of=len(questions),
                said=answers.get(question.pk, {}),
            ),
            question,
        )
        for question in chosen
    ]
