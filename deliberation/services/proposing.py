"""Proposing statements: writing one, putting it otherwise, and taking it back before others vote.

What was written stays as events. The statement is the author's to change until a moderator accepts
it; from then on others vote on these words, and only moderation rewords them, by lineage.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from deliberation.methods.wording import similar
from deliberation.models import Statement
from deliberation.services.showing import votable
from elicitation.errors import AnswerRefused
from elicitation.models import Activity, AnswerEvent, Device, Participant, Stage
from elicitation.services.answers import Said, record_events

LONGEST = 280
# So that nobody fills the moderators' day: statements of one person in one activity.
MOST = 30
KIND_OF_STAGE = {
    Stage.Kind.THEMES: Statement.Kind.THEME,
    Stage.Kind.RULES: Statement.Kind.RULE,
}


@dataclass(frozen=True)
class Proposal:
    """What somebody proposes. when, should: of a norm, from which its text is made."""

    text: str = ""
    why: str = ""
    when: str = ""
    should: str = ""

    @property
    def words(self) -> str:
        """The statement's text."""
        if not self.should:
            return self.text
        should = _without(self.should.rstrip(".。 "), _("it should"))
        when = _without(self.when.rstrip(",.。، "), _("when"))
        if not when:
            return _("It should %(should)s.") % {"should": should}
        return _("When %(when)s, it should %(should)s.") % {"when": when, "should": should}


def _without(text: str, start: str) -> str:
    """A text without the words that its label has said already."""
    repeats = text.casefold().startswith(f"{start.casefold()} ")
    return text[len(start) :].lstrip() if repeats else text


@transaction.atomic
def propose_statement(
    *,
    device: Device,
    activity: Activity,
    proposal: Proposal,
    key: str,
    client_seq: int | None = None,
) -> Statement:
    """Store a new statement, which a moderator reads before others vote on it.

    It is of the author's community, unless the activity's settings say for_all. The same key again
    changes nothing. Raises AnswerRefused.
    """
    _check(proposal)
    author = _locked(device)
    name = f"said-{hashlib.sha256(f'{author.pk}:{key}'.encode()).hexdigest()[:16]}"
    mine = Statement.objects.filter(author=author, stage=activity.stage)
    found = mine.filter(external_id=name).first()
    if found is not None:
        return found
    if mine.count() >= MOST:
        raise AnswerRefused(
            _("You have written %(most)s here already. Take one back to write another.")
            % {"most": MOST}
        )
    statement = Statement.objects.create(
        workshop_id=author.workshop_id,
        community=None if activity.settings.get("for_all") else author.seat.community,
        stage=activity.stage,
        kind=KIND_OF_STAGE.get(Stage.Kind(activity.stage.kind), Statement.Kind.NORM),
        text=proposal.words,
        why=proposal.why,
        author=author,
        external_id=name,
    )
    _record(device, activity, statement, proposal, key, client_seq)
    return statement


@transaction.atomic
def reword_statement(
    *,
    device: Device,
    activity: Activity,
    statement: Statement,
    proposal: Proposal,
    key: str,
    client_seq: int | None = None,
) -> Statement:
    """Put one's own statement in other words. Raises AnswerRefused once it was looked at."""
    _check(proposal)
    event = _record(device, activity, statement, proposal, key, client_seq)
    if event is not None:
        _change(statement, text=proposal.words, why=proposal.why)
    return statement


@transaction.atomic
def take_back_statement(
    *,
    device: Device,
    activity: Activity,
    statement: Statement,
    key: str,
    client_seq: int | None = None,
) -> None:
    """Take out one's own statement. Raises AnswerRefused once it was looked at."""
    if _record(device, activity, statement, None, key, client_seq) is not None:
        reason = _("You took it back.")
        _change(statement, moderation=Statement.Moderation.OUT, moderation_reason=reason)


def alike(text: str, participant: Participant, activity: Activity) -> list[Statement]:
    """Up to three statements of others that say something like it, the most alike first."""
    found = votable(activity, participant.seat.community_id).exclude(author=participant)
    rows = {statement.pk: statement for statement in found.prefetch_related("translations")}
    return [rows[key] for key in similar(text, {key: row.text for key, row in rows.items()})]


def _check(proposal: Proposal) -> None:
    words = proposal.words
    if not words:
        raise AnswerRefused(_("Write a few words first."))
    if len(words) > LONGEST:
        raise AnswerRefused(
            _("That is %(long)s letters; others read at most %(most)s. Try to say one thing.")
            % {"long": len(words), "most": LONGEST}
        )


def _locked(device: Device) -> Participant:
    """The author; what they send at one moment passes one at a time."""
    people = Participant.objects.select_related("seat__community")
    return people.select_for_update(of=("self",)).get(pk=device.participant_id)


def _record(
    device: Device,
    activity: Activity,
    statement: Statement,
    proposal: Proposal | None,
    key: str,
    client_seq: int | None,
) -> AnswerEvent | None:
    """Keep what was written as an event; None where a newer one of this device overtook it."""
    body: dict[str, Any] = {"taken_back": True}
    if proposal is not None:
        body = {"text": proposal.words, "why": proposal.why}
    said = Said(
        participant=device.participant,
        key=key,
        target=statement.pk,
        body=body,
        stage=activity.stage,
        device=device,
        client_seq=client_seq,
    )
    recorded = record_events(AnswerEvent.Kind.STATEMENT, [said])
    return recorded.latest.get((device.participant_id, statement.pk))


def _change(statement: Statement, **fields: str) -> None:
    """Change a statement that nobody has looked at yet."""
    waiting = Statement.objects.filter(
        pk=statement.pk, moderation=Statement.Moderation.UNREVIEWED
    ).exclude(is_seed=True)
    if not waiting.update(**fields):
        raise AnswerRefused(
            _("It is no longer waiting to be read, so these words stay as they are.")
        )
    statement.refresh_from_db()
