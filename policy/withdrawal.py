"""What policy does when somebody takes something back.

Analyses in which they were counted, and what was drafted from those, are marked stale; they keep
their counts and lose what was about this one person: words, place on the map, approvals.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from deliberation.models import Statement
from deliberation.withdrawal import statements_of
from elicitation.kernel.models import Work
from elicitation.kernel.work import cancel, enqueue
from elicitation.methods.taking_back import TAKEN_BACK, shows_words, without_titles, without_words
from elicitation.models import AnswerEvent, IdentityQuestion, Withdrawal
from elicitation.services.answers import BATCH, in_batches
from elicitation.signals import TakenBack, Touched, listen
from policy.models import (
    Analysis,
    Citation,
    ConstitutionVersion,
    Endorsement,
    FaultLine,
    FaultLineEdit,
    OpinionGroup,
    Principle,
)

Kind = AnswerEvent.Kind
Scope = Withdrawal.Scope
ANALYSE = "policy.tasks.analyse"
# What an analysis counts.
COUNTED = (Kind.PREFERENCE, Kind.VOTE, Kind.STATEMENT, Kind.REWRITE)


def analyses_resting_on(taken: TakenBack) -> QuerySet[Analysis]:
    """The analyses that were made after the first of these answers arrived."""
    since = _first_of(taken)
    if since is None:
        return Analysis.objects.none()
    return Analysis.objects.filter(
        workshop=taken.participant.workshop_id, created_at__gte=since
    ).order_by("pk")


def versions_resting_on(taken: TakenBack) -> QuerySet[ConstitutionVersion]:
    """The constitution versions that were drafted from those analyses."""
    return ConstitutionVersion.objects.filter(
        analysis__in=analyses_resting_on(taken).values("pk")
    ).order_by("pk")


@listen
def take_back(taken: TakenBack) -> Touched:
    """Mark as stale what rested on these answers, and take this person's words out of it."""
    touched = Touched()
    statements = [one.pk for one in statements_of(taken)]
    if taken.scope in (Scope.ALL, Scope.ANSWERS):
        for batch in in_batches(taken.event_ids(Kind.ENDORSEMENT), BATCH):
            touched.erased["endorsement"] += Endorsement.objects.filter(event__in=batch).delete()[0]
        _begin_again(taken)
        for analysis in analyses_resting_on(taken):
            _mark_analysis(analysis, taken, touched)
        for version in versions_resting_on(taken).select_related("constitution"):
            _mark_version(version, taken, statements, touched)
    if statements and taken.scope != Scope.TRAINING:
        quoting = Citation.objects.filter(statement__in=statements).exclude(quote="")
        touched.redacted += quoting.exclude(quote=TAKEN_BACK).update(quote=TAKEN_BACK)
    return touched


def _first_of(taken: TakenBack) -> datetime | None:
    compared = IdentityQuestion.objects.filter(
        workshop=taken.participant.workshop_id, compares=True
    ).values_list("pk", flat=True)
    moments = [
        event.recorded_at
        for event in taken.events
        if event.kind in COUNTED or (event.kind == Kind.IDENTITY and event.target in compared)
    ]
    authored = Statement.objects.filter(pk__in=[one.pk for one in statements_of(taken)])
    return min([*moments, *authored.values_list("created_at", flat=True)], default=None)


def _begin_again(taken: TakenBack) -> None:
    """Stop analyses that have read these answers already, and ask for them anew."""
    under_way = Work.objects.filter(
        task=ANALYSE,
        status=Work.Status.RUNNING,
        arguments__workshop_id=taken.participant.workshop_id,
    )
    for work in under_way:
        if cancel(work):
            enqueue(ANALYSE, subject=work.subject, **work.arguments)


def _mark_analysis(analysis: Analysis, taken: TakenBack, touched: Touched) -> None:
    analysis.stale_because = analysis.stale_because or taken.because
    before = analysis.result
    analysis.result = without_words(_without_place(before, taken), taken.words)
    drawn = {name: without_titles(one, taken.words) for name, one in analysis.charts.items()}
    analysis.charts = {
        name: drawing for name, drawing in drawn.items() if not shows_words(drawing, taken.words)
    }
    analysis.approvers = _without_approvals(analysis.approvers, taken)
    analysis.save(update_fields=["stale_because", "result", "charts", "approvers"])
    if _takes_votes(taken):
        groups = OpinionGroup.members.through.objects
        groups.filter(opiniongroup__analysis=analysis, participant=taken.participant).delete()
    for line in FaultLine.objects.filter(analysis=analysis):
        line.name = without_words(line.name, taken.words)
        line.detail = without_words(line.detail, taken.words)
        line.save(update_fields=["name", "detail"])
    for edit in FaultLineEdit.objects.filter(analysis=analysis):
        edit.detail = without_words(edit.detail, taken.words)
        edit.save(update_fields=["detail"])
    touched.redacted += analysis.result != before
    touched.name(
        "analyses",
        number=analysis.pk,
        day=analysis.created_at.date().isoformat(),
        title=taken.participant.workshop.title,
    )


def _takes_votes(taken: TakenBack) -> bool:
    return taken.is_everything or bool(taken.event_ids(Kind.VOTE))


def _without_place(result: dict[str, Any], taken: TakenBack) -> dict[str, Any]:
    """The result without where this person stood on the map of opinions."""
    space = result.get("opinion_space") or {}
    if not _takes_votes(taken) or not space.get("points"):
        return result
    name = taken.participant.pseudonym
    points = [point for point in space["points"] if point["participant"] != name]
    return {**result, "opinion_space": {**space, "points": points}}


def _without_approvals(approvers: dict[str, list[int]], taken: TakenBack) -> dict[str, list[int]]:
    """Who agreed with what, without this person where their vote was taken back."""
    votes = {str(event.target) for event in taken.events if event.kind == Kind.VOTE}
    person = taken.participant.pk
    return {
        statement: [one for one in people if one != person]
        if taken.is_everything or statement in votes
        else people
        for statement, people in approvers.items()
    }


def _mark_version(
    version: ConstitutionVersion, taken: TakenBack, statements: Sequence[int], touched: Touched
) -> None:
    version.stale_because = version.stale_because or taken.because
    version.choosing = without_words(version.choosing, taken.words)
    version.save(update_fields=["stale_because", "choosing"])
    title = version.constitution.title
    touched.name("constitutions", title=title, number=version.number)
    for principle in version.principles.prefetch_related("citations"):
        text = without_words(principle.text, taken.words)
        touched.redacted += text != principle.text
        numbers = without_words(principle.numbers, taken.words)
        if _rests_on(principle, taken, statements):
            numbers = {"stale_because": taken.because} | numbers
            touched.name("principles", title=title, version=version.number, number=principle.number)
        Principle.objects.filter(pk=principle.pk).update(text=text, numbers=numbers)


def _rests_on(principle: Principle, taken: TakenBack, statements: Sequence[int]) -> bool:
    """Whether a principle cites a statement of theirs or with their vote, or what they chose."""
    votes = {event.target for event in taken.events if event.kind == Kind.VOTE}
    cited = {one.statement_id for one in principle.citations.all() if one.statement_id}
    chose = bool(taken.event_ids(Kind.PREFERENCE)) and any(
        one.kind == Citation.Kind.PREFERENCE for one in principle.citations.all()
    )
    return chose or bool(cited & votes) or bool(cited & set(statements))
