"""What deliberation does when somebody takes back: votes go, and their statements fall silent.

A statement that others voted on keeps its place, its number and their votes; its words go, and
nobody votes on it any more. What was revealed of it keeps its counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from deliberation.models import (
    Label,
    Reveal,
    Statement,
    StatementLineage,
    StatementTranslation,
    Vote,
)
from elicitation.methods.taking_back import TAKEN_BACK, texts_in, without_words
from elicitation.models import AnswerEvent, Withdrawal
from elicitation.services.answers import BATCH, in_batches
from elicitation.signals import TakenBack, Touched, listen

REASON = "Its author took it back."


def statements_of(taken: TakenBack) -> list[Statement]:
    """The statements whose words go: all that this person wrote, or those among the answers."""
    authored = Statement.objects.filter(author=taken.participant).order_by("pk")
    if taken.scope in (Withdrawal.Scope.ALL, Withdrawal.Scope.QUOTES):
        return list(authored)
    said = [event for event in taken.events if event.kind == AnswerEvent.Kind.STATEMENT]
    return [one for one in authored if said and _is_among(one, said)]


@listen
def take_back(taken: TakenBack) -> Touched:
    """Erase this person's votes, the words of their statements, and labels others gave them."""
    touched = Touched()
    if taken.scope not in (
        Withdrawal.Scope.ALL,
        Withdrawal.Scope.ANSWERS,
        Withdrawal.Scope.QUOTES,
    ):
        return touched
    statements = statements_of(taken)
    taken.words |= set(_words_of(statements))
    if taken.scope == Withdrawal.Scope.QUOTES:
        return touched
    for batch in in_batches(taken.event_ids(AnswerEvent.Kind.VOTE), BATCH):
        touched.erased["vote"] += Vote.objects.filter(event__in=batch).delete()[0]
    if taken.is_everything:
        Label.objects.filter(participant=taken.participant).delete()
    _redact_around(statements, taken, touched)
    _silence(statements)
    touched.erased["statement"] += len(statements)
    return touched


def _is_among(statement: Statement, said: Iterable[AnswerEvent]) -> bool:
    """Whether one of these events wrote the statement."""
    return any(
        event.target == statement.pk
        or event.key in statement.external_id
        or statement.text in texts_in(event.body)
        for event in said
    )


def _words_of(statements: Iterable[Statement]) -> Iterable[str]:
    """Their words, but for a text that somebody else's statement says as well: that one stays."""
    for one in statements:
        same = Statement.objects.filter(workshop=one.workshop_id, text=one.text)
        if not same.exclude(author=one.author_id).exists():
            yield from (text for text in (one.text, one.why) if text)


def _silence(statements: Iterable[Statement]) -> None:
    pks = [one.pk for one in statements]
    StatementTranslation.objects.filter(statement__in=pks).delete()
    Statement.objects.filter(pk__in=pks).update(
        text=TAKEN_BACK,
        why="",
        quotes=[],
        moderation=Statement.Moderation.OUT,
        moderation_reason=REASON,
    )


def _redact_around(statements: Iterable[Statement], taken: TakenBack, touched: Touched) -> None:
    """Take their words out of what moderators made of their statements, and out of reveals."""
    pks = [one.pk for one in statements]
    made = StatementLineage.objects.filter(parent__in=pks).exclude(child__author=taken.participant)
    children = list(made.values_list("child", flat=True))
    near = Statement.objects.filter(pk__in=children).order_by("pk")
    for one in near:
        text, why = without_words(one.text, taken.words), without_words(one.why, taken.words)
        if (text, why) != (one.text, one.why):
            Statement.objects.filter(pk=one.pk).update(text=text, why=why)
            one.translations.all().delete()
            touched.redacted += 1
    for reveal in Reveal.objects.filter(statement__in=[*pks, *children]):
        result = without_words(reveal.result, taken.words)
        if result != reveal.result:
            Reveal.objects.filter(pk=reveal.pk).update(result=result)
