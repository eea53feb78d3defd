"""Storing judged pairs in batches: people, prompts, completions, comparisons, events."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from elicitation.methods.preference_formats import JudgedPair
from elicitation.models import (
    AnswerEvent,
    Comparison,
    Completion,
    ImportedFile,
    Participant,
    Prompt,
    WorkshopCommunity,
)
from elicitation.services.intake import Intake
from elicitation.services.people import seat_people


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer on its way in: where it stood, who gave it, and the hashes that name its parts."""

    line: int
    pair: JudgedPair
    pseudonym: str
    key: str
    prompt: str
    left: tuple[str, str]
    right: tuple[str, str]
    choice: str


def store_judged(batch: list[Judged], seat: WorkshopCommunity, intake: Intake) -> None:
    """Store what of a batch is new; memory is bounded by the batch."""
    people = _people(batch, seat)
    batch = _still_here(batch, people, intake)
    prompts = _prompts(batch, seat.workshop_id)
    completions = _completions(batch, prompts, intake.imported)
    comparisons = _comparisons(batch, people, prompts, completions)
    # What has the key of a stored answer is that answer, from an earlier file or row.
    AnswerEvent.objects.bulk_create(
        [
            _event(judged, people[judged.pseudonym], comparison, intake.imported)
            for judged, comparison in zip(batch, comparisons, strict=True)
        ],
        ignore_conflicts=True,
    )
    intake.read(len(batch))


def text_hash(text: str) -> str:
    """The name of a completion's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _still_here(
    batch: list[Judged], people: dict[str, Participant], intake: Intake
) -> list[Judged]:
    """Those whose person did not withdraw: a later file must not bring their answers back."""
    gone = [judged for judged in batch if people[judged.pseudonym].withdrawn_at is not None]
    for judged in gone:
        intake.turn_away(intake.imported.name, judged.line, "This person withdrew.", "rater")
    return [judged for judged in batch if people[judged.pseudonym].withdrawn_at is None]


def _people(batch: list[Judged], seat: WorkshopCommunity) -> dict[str, Participant]:
    kinds = {
        Participant.Identity.IMPORTED: [j.pseudonym for j in batch if j.pair.rater],
        Participant.Identity.IMPORTED_ROW: [j.pseudonym for j in batch if not j.pair.rater],
    }
    people: dict[str, Participant] = {}
    for identity, pseudonyms in kinds.items():
        people |= seat_people(seat=seat, pseudonyms=pseudonyms, identity=identity)
    return people


def _prompts(batch: list[Judged], workshop_id: int) -> dict[str, int]:
    """The primary keys of the batch's prompts, by their hash."""
    wanted = {judged.prompt: judged for judged in batch}
    found = dict(
        Prompt.objects.filter(workshop_id=workshop_id, content_hash__in=list(wanted)).values_list(
            "content_hash", "pk"
        )
    )
    made = Prompt.objects.bulk_create(
        Prompt(
            workshop_id=workshop_id,
            messages=list(judged.pair.messages),
            content_hash=judged.prompt,
            theme=judged.pair.theme,
            content_warning=judged.pair.content_warning,
        )
        for content, judged in wanted.items()
        if content not in found
    )
    return found | {prompt.content_hash: prompt.pk for prompt in made}


def _completions(
    batch: list[Judged], prompts: dict[str, int], imported: ImportedFile
) -> dict[tuple[int, str, str], int]:
    """The primary keys of the batch's completions, by prompt, hash and source."""
    wanted: dict[tuple[int, str, str], str] = {}
    for judged in batch:
        pair, prompt = judged.pair, prompts[judged.prompt]
        for text, source in (
            (pair.completion_a, pair.source_a),
            (pair.completion_b, pair.source_b),
        ):
            wanted[(prompt, text_hash(text), source)] = text
    # By prompt alone: two lists in one query make SQLite try every pair of them.
    rows = Completion.objects.filter(prompt__in={prompt for prompt, _, _ in wanted})
    columns = rows.values_list("prompt_id", "content_hash", "source", "pk")
    found = {
        (prompt, content, source): pk
        for prompt, content, source, pk in columns.iterator()
        if (prompt, content, source) in wanted
    }
    # Sorted, so that the order of primary keys does not tell which completion was chosen.
    missing = sorted(wanted.keys() - found.keys())
    made = Completion.objects.bulk_create(
        Completion(
            prompt_id=prompt,
            text=wanted[(prompt, content, source)],
            content_hash=content,
            source=source,
            imported_file=imported,
        )
        for prompt, content, source in missing
    )
    return found | {(one.prompt_id, one.content_hash, one.source): one.pk for one in made}


def _comparisons(
    batch: list[Judged],
    people: dict[str, Participant],
    prompts: dict[str, int],
    completions: dict[tuple[int, str, str], int],
) -> list[int]:
    """The primary key of each answer's comparison."""
    wanted: dict[tuple[int, int, int], int] = {}
    identities = []
    for judged in batch:
        prompt = prompts[judged.prompt]
        left, right = completions[(prompt, *judged.left)], completions[(prompt, *judged.right)]
        identities.append((people[judged.pseudonym].pk, left, right))
        wanted[identities[-1]] = prompt
    rows = Comparison.objects.filter(left__in={left for _, left, _ in wanted})
    columns = rows.values_list("participant_id", "left", "right", "pk")
    found = {
        (person, left, right): pk
        for person, left, right, pk in columns.iterator()
        if (person, left, right) in wanted
    }
    made = Comparison.objects.bulk_create(
        Comparison(participant_id=person, prompt_id=prompt, left_id=left, right_id=right)
        for (person, left, right), prompt in wanted.items()
        if (person, left, right) not in found
    )
    found |= {(one.participant_id, one.left_id, one.right_id): one.pk for one in made}
    return [found[identity] for identity in identities]


def _event(
    judged: Judged, participant: Participant, comparison: int, imported: ImportedFile
) -> AnswerEvent:
    pair = judged.pair
    body = {"choice": judged.choice, "strength": pair.strength, "rationale": pair.rationale}
    return AnswerEvent(
        participant=participant,
        key=judged.key,
        kind=AnswerEvent.Kind.PREFERENCE,
        target=comparison,
        body=body | ({"pair_id": pair.pair_id} if pair.pair_id else {}),
        said_at_ms=pair.said_at_ms,
        imported_file=imported,
        source_file=imported.name,
        source_line=judged.line,
    )
