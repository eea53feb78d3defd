"""What people wrote and marked beside their choices, and what of it may be quoted.

Plain Python: rows in, rows out. Only the worker needs it, but nothing here is numeric.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import F

from deliberation.models import Statement
from elicitation.models import (
    Completion,
    Consent,
    Participant,
    Preference,
    Rewrite,
    Workshop,
)
from elicitation.models.shown import CompletionTranslation

Kind = Literal["reason", "mark", "rewrite"]
CHOSEN = ("left", "right", "equal", "neither")
HARD = (Completion.Screening.SEVERE, Completion.Screening.WITHHELD)
# Words by which somebody could be reached or known are nobody's to publish.
REACHES_SOMEBODY = re.compile(r"[^\s@]+@[^\s@]+|https?://|www\.|(?:\d[\s()./+-]?){7,}")


@dataclass(frozen=True)
class Said:
    """Words of one person beside one choice.

    key: their answer, as a quote is traced. person: row among the participants. choice: what was
    chosen where, by words and hashes alone. beyond: a text whose words were there before. quotable:
    whether it may be shown as a quote.
    """

    key: str
    kind: Kind
    person: int
    choice: str
    text: str
    beyond: str
    quotable: bool


def read_words(workshop: Workshop, row_of: Mapping[int, int]) -> list[Said]:
    """Reasons, marked passages and rewrites of a workshop, in an order that is always the same.

    row_of: participant id → row; whoever is not in it is left out. Nothing by people who did not
    agree to be quoted is quotable, nor anything beside what carries a warning.
    """
    quotable = people_who_may_be_quoted(workshop)
    found = [*_beside_preferences(workshop, row_of, quotable)]
    found += _rewrites(workshop, row_of, quotable)
    return sorted(found, key=lambda one: (one.person, one.kind, one.choice, one.text, one.beyond))


def people_who_may_be_quoted(workshop: Workshop) -> set[int]:
    """Participants whose words may be shown, by the rule of `elicitation.services.consent`."""
    said: dict[int, bool] = dict(
        Consent.objects.filter(participant__workshop=workshop)
        .order_by("pk")
        .values_list("participant_id", "be_quoted")
    )
    people = Participant.objects.filter(workshop=workshop, withdrawn_at=None)
    person = Participant.Identity.PERSON
    return {pk for pk, who in people.values_list("pk", "identity") if said.get(pk, who != person)}


def unquotable_statements(workshop: Workshop) -> set[int]:
    """Statements of people who did not agree to be quoted."""
    quotable = people_who_may_be_quoted(workshop)
    rows = Statement.objects.filter(workshop=workshop).exclude(author=None)
    return {pk for pk, author in rows.values_list("pk", "author_id") if author not in quotable}


def may_be_shown(text: str) -> bool:
    """Whether nothing in a text reaches somebody: no address, no number to call."""
    return bool(text.strip()) and not REACHES_SOMEBODY.search(text)


def _beside_preferences(
    workshop: Workshop, row_of: Mapping[int, int], quotable: set[int]
) -> Iterable[Said]:
    rows = Preference.objects.filter(
        comparison__participant__workshop=workshop, choice__in=CHOSEN
    ).exclude(rationale="", spans=[])
    for row in rows.values(
        "event_id",
        "choice",
        "rationale",
        "spans",
        person=F("comparison__participant_id"),
        prompt=F("comparison__prompt__content_hash"),
        left=F("comparison__left__content_hash"),
        right=F("comparison__right__content_hash"),
        left_id=F("comparison__left_id"),
        right_id=F("comparison__right_id"),
        left_text=F("comparison__left__text"),
        right_text=F("comparison__right__text"),
        left_screening=F("comparison__left__screening"),
        right_screening=F("comparison__right__screening"),
        severe=F("comparison__prompt__is_severe"),
        warning=F("comparison__prompt__content_warning"),
    ).iterator(chunk_size=5_000):
        if row["person"] not in row_of:
            continue
        who, choice = row_of[row["person"]], _choice(row)
        key = f"answer:{row['event_id']}"
        if text := row["rationale"].strip():
            mild = not (row["severe"] or row["warning"] or _is_hard(row))
            may = mild and row["person"] in quotable and may_be_shown(text)
            yield Said(key, "reason", who, choice, text, "", may)
        if marked := _marked(row):
            # A model's words, chosen by a person: counted, never shown as theirs.
            yield Said(key, "mark", who, choice, marked, "", False)


def _choice(row: Mapping[str, Any]) -> str:
    """The prompt, and the answer chosen; where none was, both."""
    if row["choice"] in ("left", "right"):
        return f"{row['prompt']} {row[row['choice']]}"
    return f"{row['prompt']} {row['choice']} {' '.join(sorted((row['left'], row['right'])))}"


def _is_hard(row: Mapping[str, Any]) -> bool:
    return row["left_screening"] in HARD or row["right_screening"] in HARD


def _marked(row: Mapping[str, Any]) -> str:
    """The passages that decided it, one a line."""
    passages = []
    for span in row["spans"] or ():
        text = _span_text(row, span)
        passages.append(text[int(span["start"]) : int(span["end"])].strip())
    return "\n".join(one for one in passages if one)


def _span_text(row: Mapping[str, Any], span: Mapping[str, Any]) -> str:
    side = "right" if span["side"] == "right" else "left"
    if not span.get("locale"):
        return str(row[f"{side}_text"])
    translated = CompletionTranslation.objects.filter(
        completion=row[f"{side}_id"], locale=span["locale"]
    )
    return str(translated.values_list("text", flat=True).first() or "")


def _rewrites(workshop: Workshop, row_of: Mapping[int, int], quotable: set[int]) -> Iterable[Said]:
    rows = Rewrite.objects.filter(participant__workshop=workshop).select_related(
        "completion__prompt"
    )
    for row in rows.iterator(chunk_size=5_000):
        completion = row.completion
        if row.participant_id not in row_of:
            continue
        prompt = completion.prompt
        mild = not (prompt.is_severe or prompt.content_warning or completion.screening in HARD)
        may = mild and row.participant_id in quotable and may_be_shown(row.text)
        choice = f"{prompt.content_hash} {completion.content_hash}"
        who = row_of[row.participant_id]
        yield Said(f"answer:{row.event_id}", "rewrite", who, choice, row.text, completion.text, may)
