"""Published formats of preferences, row by row: a row in, what each person judged out.

Sources: HH-RLHF (Bai et al. 2022, jsonl of two transcripts), PandaLM (Wang et al. 2023, JSON of
pairs with three annotators), annotated pairs of Inverse Constitutional AI (Findeis et al. 2024,
JSON version 2), and our own table for jsonl and csv.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from elicitation.methods.row_fields import (
    RowRefused,
    choice_field,
    short_field,
    strength_field,
    text_field,
    time_field,
)

Message = dict[str, str]
TURN = re.compile(r"\n\n(Human|Assistant):")
ROLES = {"Human": "user", "Assistant": "assistant"}
CHOICES = ("a", "b", "equal", "neither", "skip", "flag")
PANDALM_CHOICES = {0: "equal", 1: "a", 2: "b"}
ICAI_CHOICES: dict[str | None, str] = {
    "a": "a",
    "text_a": "a",
    "b": "b",
    "text_b": "b",
    "tie": "equal",
    "equal": "equal",
    "both": "equal",
    "neither": "neither",
    None: "skip",
}
MAX_TURNS = 500
NOT_TEXT = "rows hold a completion that is no text in the file (a truth value or a number)."


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """What one person said of two completions of one prompt.

    choice: one of CHOICES. rater: the source's id of the person, "" where it names none. source_a,
    source_b: which model answered, "" where unknown. remarks: what a reader of the report should
    know although the row is kept.
    """

    messages: tuple[Message, ...]
    completion_a: str
    completion_b: str
    choice: str
    rater: str = ""
    source_a: str = ""
    source_b: str = ""
    strength: int | None = None
    rationale: str = ""
    theme: str = ""
    content_warning: str = ""
    said_at_ms: int | None = None
    pair_id: str = ""
    remarks: tuple[str, ...] = ()

    def judgement(self) -> dict[str, Any]:
        """What tells this answer from others, wherever its row stands in the file."""
        return {
            "messages": list(self.messages),
            "a": [self.completion_a, self.source_a],
            "b": [self.completion_b, self.source_b],
            "choice": self.choice,
            "strength": self.strength,
            "rationale": self.rationale,
            "said_at_ms": self.said_at_ms,
            "pair_id": self.pair_id,
        }


def hh_pairs(row: Any) -> Iterator[JudgedPair]:
    """HH-RLHF: two transcripts that part at the last "Assistant:"; the rater is not named."""
    chosen, rejected = text_field(row, "chosen"), text_field(row, "rejected")
    prompt, liked = _last_answer(chosen, "chosen")
    other_prompt, disliked = _last_answer(rejected, "rejected")
    if prompt != other_prompt:
        raise RowRefused("rejected", "The prompts of the two transcripts differ.")
    yield _told_apart(JudgedPair(_turns(prompt), liked, disliked, "a"))


def pandalm_pairs(row: Any) -> Iterator[JudgedPair]:
    """PandaLM: one instruction, two models' answers, and each annotator's 0 (tie), 1 or 2."""
    instruction, given = text_field(row, "instruction"), text_field(row, "input", missing="")
    sources = short_field(row, "cmp_key").split("_")
    if len(sources) != 2:
        raise RowRefused("cmp_key", "The two models are not named as one_other.")
    first, first_remarks = _completion(row, "response1")
    second, second_remarks = _completion(row, "response2")
    annotators = sorted(name for name in row if name.startswith("annotator"))
    if not annotators:
        raise RowRefused("annotator1", "The row holds no annotator's answer.")
    pairs = [
        JudgedPair(
            messages=(_asked(f"{instruction}\n\n{given}" if given else instruction),),
            completion_a=first,
            completion_b=second,
            choice=choice_field(row, name, PANDALM_CHOICES),
            rater=name.removeprefix("annotator"),
            source_a=sources[0],
            source_b=sources[1],
            pair_id=str(row.get("idx", ""))[:120],
            remarks=first_remarks or second_remarks,
        )
        for name in annotators
    ]
    yield from map(_told_apart, pairs)


def icai_pairs(people: frozenset[str]) -> Callable[[Any], Iterator[JudgedPair]]:
    """Annotated pairs: a reader for comparisons that keeps the annotations of these people."""

    def pairs(row: Any) -> Iterator[JudgedPair]:
        annotations = row.get("annotations") if isinstance(row, dict) else None
        if not isinstance(annotations, dict):
            raise RowRefused("annotations", "The comparison has no table of annotations.")
        first, source_a = _response(row, "response_a")
        second, source_b = _response(row, "response_b")
        messages = (_asked(text_field(row, "prompt")),)
        for annotator in sorted(annotations.keys() & people):
            answer = annotations[annotator]
            yield _told_apart(
                JudgedPair(
                    messages=messages,
                    completion_a=first,
                    completion_b=second,
                    choice=choice_field(answer, "pref", ICAI_CHOICES),
                    rater=annotator,
                    source_a=source_a,
                    source_b=source_b,
                    pair_id=short_field(row, "id", missing=""),
                )
            )

    return pairs


def icai_people(annotators: Any) -> frozenset[str]:
    """The annotators that are people: a principle that a model applied is not one."""
    if not isinstance(annotators, dict):
        raise RowRefused("annotators", "The file has no table of annotators.")
    return frozenset(
        name
        for name, about in annotators.items()
        if not (isinstance(about, dict) and about.get("type") == "principle")
    )


def table_pairs(row: Any) -> Iterator[JudgedPair]:
    """Our own table (jsonl, csv): prompt or messages, completion_a, completion_b, choice, and more.

    Optional: rater, strength (1 to 3), rationale, source_a, source_b, theme, said_at (ISO 8601 or
    milliseconds since 1970), pair_id, content_warning.
    """
    yield _told_apart(
        JudgedPair(
            messages=_messages(row),
            completion_a=text_field(row, "completion_a"),
            completion_b=text_field(row, "completion_b"),
            choice=choice_field(row, "choice", {choice: choice for choice in CHOICES}),
            rater=short_field(row, "rater", missing="", longest=500),
            source_a=short_field(row, "source_a", missing=""),
            source_b=short_field(row, "source_b", missing=""),
            strength=strength_field(row, "strength"),
            rationale=text_field(row, "rationale", missing=""),
            theme=short_field(row, "theme", missing=""),
            content_warning=short_field(row, "content_warning", missing="", longest=200),
            said_at_ms=time_field(row, "said_at"),
            pair_id=short_field(row, "pair_id", missing=""),
        )
    )


def _told_apart(pair: JudgedPair) -> JudgedPair:
    """The pair, unless nothing but the side tells its completions apart."""
    same_text = pair.completion_a == pair.completion_b
    if same_text and pair.source_a == pair.source_b:
        raise RowRefused("completion_b", "The two completions are identical.")
    return pair


def _last_answer(transcript: str, field: str) -> tuple[str, str]:
    prompt, marker, answer = transcript.rpartition("\n\nAssistant:")
    if not marker:
        raise RowRefused(field, "The transcript has no turn of the assistant.")
    if TURN.search(answer):
        raise RowRefused(field, "The transcript does not end with the assistant's turn.")
    return prompt, answer.strip()


def _turns(prompt: str) -> tuple[Message, ...]:
    before, *parts = TURN.split(prompt)
    turns = tuple(
        {"role": ROLES[speaker], "content": words.strip()}
        for speaker, words in zip(parts[::2], parts[1::2], strict=True)
    )
    if before.strip() or not turns or turns[0]["role"] != "user":
        raise RowRefused("chosen", "The transcript does not begin with a person's turn.")
    return _ends_with_a_person(turns, "chosen")


def _messages(row: Any) -> tuple[Message, ...]:
    messages = row.get("messages") if isinstance(row, dict) else None
    if messages in (None, ""):
        return (_asked(text_field(row, "prompt")),)
    if isinstance(messages, str):  # a cell of a csv file
        try:
            messages = json.loads(messages)
        except (ValueError, RecursionError) as error:
            raise RowRefused("messages", "The messages are not valid JSON.") from error
    if not isinstance(messages, list) or not 0 < len(messages) <= MAX_TURNS:
        raise RowRefused("messages", f"The messages are not a list of 1 to {MAX_TURNS} turns.")
    return _ends_with_a_person(tuple(map(_message, messages)), "messages")


def _message(turn: Any) -> Message:
    if not isinstance(turn, dict) or turn.get("role") not in ("system", "user", "assistant"):
        raise RowRefused("messages", "A turn has no role of system, user or assistant.")
    return {"role": turn["role"], "content": text_field(turn, "content")}


def _ends_with_a_person(turns: tuple[Message, ...], field: str) -> tuple[Message, ...]:
    if turns[-1]["role"] != "user":
        raise RowRefused(field, "The prompt does not end with a person's turn.")
    return turns


def _asked(words: str) -> Message:
    if not words.strip():
        raise RowRefused("prompt", "The prompt is empty.")
    return {"role": "user", "content": words}


def _completion(row: Mapping[str, Any], field: str) -> tuple[str, tuple[str, ...]]:
    # PandaLM's file holds the bare words True and False as JSON truth values.
    if isinstance(row.get(field), bool | int | float):
        return str(row[field]), (NOT_TEXT,)
    return text_field(row, field), ()


def _response(row: Mapping[str, Any], field: str) -> tuple[str, str]:
    response = row.get(field)
    if isinstance(response, dict):
        return text_field(response, "text"), short_field(response, "model", missing="")
    return text_field(row, field), ""
