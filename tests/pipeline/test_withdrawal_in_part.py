"""Taking back a part: some answers, one use of them, an address; and until when."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from deliberation.models import Statement, Vote
from elicitation.errors import Refused, TooLate
from elicitation.methods.taking_back import TAKEN_BACK
from elicitation.models import (
    AnswerEvent,
    Consent,
    ContactDetail,
    IdentityQuestion,
    Preference,
    Withdrawal,
    Workshop,
)
from elicitation.services import record_preference
from elicitation.services.withdrawing import withdraw
from policy.models import Analysis, Citation
from policy.services import draft_constitution
from tests.pipeline.taking_back import (
    Line,
    everything_about,
    stale_things,
    words_of,
)
from training.errors import TrainingRefused
from training.lineage import trace_participant
from training.models import DatasetSnapshot
from training.services import freeze_snapshot

Scope = Withdrawal.Scope
NOTHING: dict[str, set[int]] = {
    name: set() for name in ("Analysis", "ConstitutionVersion", "DatasetSnapshot", "Checkpoint")
}


def test_taking_back_training_leaves_the_answers_and_what_was_agreed(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back(Scope.TRAINING)
    assert stale_things() == NOTHING | {
        "DatasetSnapshot": {line.snapshot.pk},
        "Checkpoint": {line.checkpoint.pk},
    }
    mine = Preference.objects.filter(comparison__participant=line.amara)
    assert mine.first().rationale == words_of(line.amara, "rationale")
    assert not Consent.objects.filter(participant=line.amara).latest("pk").train_models


def test_a_dataset_frozen_after_that_counts_who_is_left_out(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back(Scope.TRAINING)
    again = freeze_snapshot(version=line.version, kind="preference")
    assert again != line.snapshot
    assert again.summary["left_out"]["answers of people who did not agree to training"] == 16
    assert "16 answers of people who did not agree" in " ".join(again.summary["sentences"])
    assert {found["snapshot"] for found in trace_participant("amara")} == set()
    assert {found["snapshot"] for found in trace_participant("bela")} == {again.hash}


def test_taking_back_quotes_redacts_them_where_they_were_cited(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    receipt = take_back(Scope.QUOTES).receipt
    assert stale_things() == NOTHING
    quotes = set(Citation.objects.exclude(quote="").values_list("quote", flat=True))
    assert quotes == {TAKEN_BACK, words_of(line.bela, "statement")}
    assert receipt["redacted"] == Citation.objects.filter(quote=TAKEN_BACK).count() > 0
    mine = Statement.objects.filter(author=line.amara).earliest("pk")
    assert mine.text == words_of(line.amara, "statement")


def test_nobody_is_quoted_who_did_not_agree_to_it(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back(Scope.QUOTES)
    again = draft_constitution(workshop=line.workshop, analysis=copy_of(line.analysis))
    quotes = set(Citation.objects.filter(principle__version=again).values_list("quote", flat=True))
    assert words_of(line.bela, "statement") in quotes
    assert words_of(line.amara, "statement") not in quotes


def copy_of(analysis: Analysis) -> Analysis:
    """The same analysis once more."""
    analysis.refresh_from_db()
    analysis.pk, analysis._state.adding = None, True
    analysis.save()
    return analysis


def test_one_answer_goes_with_its_history_and_the_others_stay(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    row = Preference.objects.filter(comparison__participant=line.amara).earliest("pk")
    put, others = row.comparison, Preference.objects.exclude(pk=row.pk).count()
    record_preference(participant=line.amara, comparison=put, choice="equal", key="again")
    receipt = take_back(Scope.ANSWERS, targets=[row.event_id]).receipt
    assert receipt["erased"] == {"preference": 1, "messages": 2}
    assert not Preference.objects.filter(comparison=put).exists()
    assert Preference.objects.count() == others
    line.amara.refresh_from_db()
    assert line.amara.withdrawn_at is None


def test_a_statement_taken_back_keeps_its_votes_and_leaves_the_floor(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    statement = Statement.objects.filter(author=line.amara).earliest("pk")
    votes = Vote.objects.filter(statement=statement).count()
    event = AnswerEvent.objects.get(participant=line.amara, key="statement")
    take_back(Scope.ANSWERS, targets=[event.pk])
    statement.refresh_from_db()
    assert (statement.text, statement.why) == (TAKEN_BACK, "")
    assert statement not in Statement.objects.standing()
    assert Vote.objects.filter(statement=statement).count() == votes
    assert stale_things()["Analysis"] == {line.analysis.pk}


def test_an_answer_of_somebody_else_cannot_be_taken_back(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    theirs = AnswerEvent.objects.filter(participant=line.bela).earliest("pk")
    with pytest.raises(Refused, match="not yours"):
        take_back(Scope.ANSWERS, targets=[theirs.pk])
    assert stale_things() == NOTHING


def test_contact_details_go_and_nothing_else(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    before = everything_about(line.amara) | {"consents": 2}
    assert take_back(Scope.CONTACT).receipt["erased"] == {"contact": 1}
    assert ContactDetail.objects.get().address == "bela@example.org"
    assert everything_about(line.amara) == before
    assert stale_things() == NOTHING


def test_after_the_workshops_day_it_says_who_to_write_to(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    over = timezone.localdate() - timedelta(days=2)
    Workshop.objects.update(withdraw_until=over, organiser="The mill, mill@example.org")
    with pytest.raises(TooLate, match=r"mill@example\.org"):
        take_back()
    assert take_back(Scope.TRAINING).receipt["from_now_on"]
    assert stale_things() == NOTHING
    assert take_back(Scope.CONTACT).receipt["erased"] == {"contact": 1}


def test_a_dataset_frozen_while_somebody_leaves_is_not_kept(
    line: Line, take_back: Callable[..., Withdrawal], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import services

    real = services.write_snapshot

    def meanwhile(*arguments: Any) -> Any:
        written = real(*arguments)
        take_back(Scope.TRAINING)
        return written

    monkeypatch.setattr(services, "write_snapshot", meanwhile)
    with pytest.raises(TrainingRefused, match="while this was being frozen"):
        freeze_snapshot(version=line.version, kind="preference", seed=8)
    assert DatasetSnapshot.objects.count() == 1
    assert len(list(Path(line.snapshot.folder).parent.glob("*/manifest.json"))) == 1


def test_who_leaves_after_the_rows_are_gone_is_told_of_the_same_weights(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    take_back()
    receipt = withdraw(participant=line.bela, scope=Scope.TRAINING, key=uuid.uuid4()).receipt
    assert receipt["trained"] == [{"run": line.run.pk, "recipe": "dpo"}]


def test_taking_back_something_about_oneself_touches_only_what_compared_people_by_it(
    line: Line, take_back: Callable[..., Withdrawal]
) -> None:
    mine = AnswerEvent.objects.get(participant=line.amara, kind=AnswerEvent.Kind.IDENTITY)
    with transaction.atomic():
        take_back(Scope.ANSWERS, targets=[mine.pk])
        assert stale_things()["Analysis"] == set()
        transaction.set_rollback(True)
    IdentityQuestion.objects.update(compares=True)
    take_back(Scope.ANSWERS, targets=[mine.pk])
    assert stale_things()["Analysis"] == {line.analysis.pk}
