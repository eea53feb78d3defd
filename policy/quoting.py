"""People's words on pages about fault lines: what may be shown now, and one sentence made of them.

An analysis keeps quotes that could be shown when it was made. Whether they still may is asked each
time, since people can take that back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deliberation.models import Statement
from elicitation.methods.taking_back import TAKEN_BACK
from elicitation.models import AnswerEvent, Workshop
from policy.inputs_words import people_who_may_be_quoted

Quote = Mapping[str, Any]
# Longer words are whole among the quotes below; a sentence of them would be a page.
LONGEST_IN_A_SENTENCE = 280


def quotable_now(workshop: Workshop, lines: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of these lines' quotes that may be shown today."""
    quotes = [one for line in lines for one in line.get("quotes", ()) if one["text"] != TAKEN_BACK]
    if not quotes:
        return set()
    people = people_who_may_be_quoted(workshop)
    answers = AnswerEvent.objects.filter(pk__in=_numbers(quotes, "answer"), erased_at=None)
    statements = Statement.objects.filter(pk__in=_numbers(quotes, "statement")).exclude(
        moderation=Statement.Moderation.OUT
    )
    told = {
        f"answer:{pk}" for pk, who in answers.values_list("pk", "participant_id") if who in people
    }
    return told | {
        f"statement:{pk}"
        for pk, author in statements.values_list("pk", "author_id")
        if author is None or author in people
    }


def tradeoff(line: Mapping[str, Any], quotes: Sequence[Quote]) -> str:
    """One sentence of both sides' own words, whole; of one side's where the other has none.

    Words and names come from the data; only "more than" is ours. Empty without quotes.
    """
    sides = [
        " and ".join(name for name, where in line["direction"].items() if where == side)
        for side in ("higher", "lower")
    ]
    parts = []
    for place in (0, 1):
        one = next((q for q in quotes if q["side"] == place and _fits(q)), None)
        if one is not None and all(sides):
            parts.append(f"{sides[place]}, more than {sides[1 - place]}: “{one['text'].strip()}”")
    return "; ".join(parts)


def trace(quote: Quote, numbers: Mapping[str, str]) -> str:
    """Where a quote comes from, in words: "Statement 12", "Reason in answer 5531".

    numbers: what pages call each statement, by its key, as in "statement:407".
    """
    kind, _, number = str(quote["id"]).partition(":")
    if kind == "statement":
        return f"Statement {numbers.get(str(quote['id']), number)}"
    return f"{str(quote['kind']).capitalize()} in answer {number}"


def _numbers(quotes: Iterable[Quote], kind: str) -> set[int]:
    parts = (str(one["id"]).partition(":") for one in quotes)
    return {int(number) for name, _, number in parts if name == kind}


def _fits(quote: Quote) -> bool:
    return len(quote["text"]) <= LONGEST_IN_A_SENTENCE
