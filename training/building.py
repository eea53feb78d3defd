"""From what people said, or a file that somebody brings, to rows that could be frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from elicitation.kernel.tabular import BadRow, TabularError, read_jsonl
from elicitation.methods.row_fields import RowRefused
from policy.models import ConstitutionVersion, Principle
from training.answers import Answers, read_answers
from training.errors import TrainingRefused
from training.evaluation_cases import situations_of
from training.kinds import FROM_A_FILE, Kind
from training.methods.row_checks import coverage, keep_apart, leaks, people_behind, repeats
from training.methods.rows import (
    EVERYTHING,
    Measure,
    Messages,
    Rows,
    build_preference_rows,
    in_place_of_training,
)
from training.methods.rows_attached import build_attached_rows, stepwise_row, verifiable_row
from training.methods.rows_demonstrations import build_demonstration_rows, build_rewrite_rows
from training.methods.rows_refusals import build_refusal_rows
from training.methods.rows_thumbs import build_thumbs_rows
from training.methods.selection import Selection
from training.methods.splits import Sides, draw_sides

WITHHELD = "answers of people who did not agree to training"
# Which answers training rows of a kind are made of, besides judgements of pairs.
BESIDE_PAIRS = {Kind.SFT: ("rewrites",), Kind.THUMBS: ("thumbs",)}


def measures_of(version: ConstitutionVersion) -> list[Measure]:
    """The principles that a measurable feature speaks for, as rows can use them.

    A principle that abstains selects nothing. Directions are per community; "" speaks for all.
    """
    return [
        Measure(
            number=principle.number,
            feature=principle.measure["feature"],
            direction=direction,
            threshold=principle.measure["threshold"],
            theme=principle.measure["theme"],
            communities=frozenset([community]) if community else frozenset(),
        )
        for principle in version.principles.all()
        if principle.measure and principle.resolution != Principle.Resolution.ABSTAIN
        for community, direction in sorted(principle.measure["directions"].items())
    ]


@dataclass(frozen=True)
class Attached:
    """A file of questions or steps that somebody brings. attribution: source and licence."""

    path: Path
    attribution: str
    name: str = ""

    @property
    def called(self) -> str:
        """What the file is called, where the path does not say."""
        return self.name or self.path.name


@dataclass(frozen=True)
class Built:
    """Rows that could be frozen, what must be said about them, and what was looked at."""

    rows: Rows
    sentences: list[str]
    checks: dict[str, Any]


def build_rows(
    version: ConstitutionVersion,
    kind: str,
    seed: int,
    selection: Selection = EVERYTHING,
    attached: Attached | None = None,
) -> Built:
    """The rows of a constitution version's workshops (or of a file), and what was checked.

    Raises TrainingRefused where nothing is left to train on, or what must not be would be.
    """
    if attached is not None and kind not in FROM_A_FILE:
        raise TrainingRefused(f"Rows of kind {kind} come from what people said, not from a file.")
    workshops = list(version.constitution.workshops.all())
    answers = read_answers(workshops, version.constitution.community, selection.regions)
    if kind in FROM_A_FILE:
        rows = _attached_rows(kind, attached, answers, seed, selection)
    else:
        rows = _rows_of_people(version, kind, answers, seed, selection)
    rows = keep_apart(rows, situations_of(workshops), selection)
    if not rows.splits["train"]:
        raise TrainingRefused(
            f"There is nothing to train on: no row of {version} is left. "
            + " ".join(rows.sentences)
        )
    if leaked := leaks(rows):
        raise TrainingRefused(
            f"{leaked} held-out prompts are nearly those of training rows: the test would measure "
            "memory. Freeze with another seed."
        )
    withheld = _withheld(answers, kind)
    checks = _checks(rows, answers, kind) | {"people_withheld": len(set(withheld))}
    sentences = list(rows.sentences)
    if withheld:
        rows = replace(rows, left_out={**rows.left_out, WITHHELD: len(withheld)})
        sentences.append(f"Left out: {len(withheld)} {WITHHELD}.")
    return Built(rows, sentences, checks)


def _withheld(answers: Answers, kind: str) -> list[int]:
    """Whose answers would have been used and may not be, one entry per answer."""
    if kind in FROM_A_FILE:
        return []
    names = ("judgements", *BESIDE_PAIRS.get(Kind(kind), ()))
    return [person for name in names for person in answers.withheld[name]]


def _rows_of_people(
    version: ConstitutionVersion, kind: str, answers: Answers, seed: int, selection: Selection
) -> Rows:
    # Numeric, so it is loaded where rows are built and nowhere else.
    from policy.methods.features import completion_features

    measures = measures_of(version)
    if not measures:
        raise TrainingRefused(
            f"No principle of {version} is measured by a revealed preference, so none can say "
            "which pairs it bears on. Draft from a workshop in which people compared completions."
        )
    _check_names(version, answers, selection)
    sides = _sides(answers, [], seed, selection)
    how: dict[str, Any] = {"sides": sides, "selection": selection}
    measured: dict[str, Any] = {**how, "features": completion_features}
    rows = build_preference_rows(answers.judgements, measures, **measured)
    if kind == Kind.SFT:
        written = build_rewrite_rows(answers.rewrites, measures, **measured)
        return build_demonstration_rows(rows, written, selection=selection)
    if kind == Kind.THUMBS:
        thumbs = build_thumbs_rows(answers.thumbs, measures, **measured)
        return in_place_of_training(rows, [thumbs], {}, selection)
    if kind == Kind.REFUSALS:
        names = answers.people()
        refusals = build_refusal_rows(rows, answers.prompts, measures, names, **how)
        return in_place_of_training(rows, [refusals], {}, selection)
    return rows


def _attached_rows(
    kind: str, attached: Attached | None, answers: Answers, seed: int, selection: Selection
) -> Rows:
    if attached is None or not attached.attribution.strip():
        raise TrainingRefused(
            f"Rows of kind {kind} come from a file: name it, and say where it comes from and under "
            "which licence."
        )
    lines = list(_lines_of(kind, attached))
    sides = _sides(answers, [said["prompt"] for _, said in lines], seed, selection)
    return build_attached_rows(kind, lines, file=attached.called, sides=sides)


def _lines_of(kind: str, attached: Attached) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line of a file as it was understood. Raises TrainingRefused at the first that is not."""
    read = verifiable_row if kind == Kind.VERIFIABLE else stepwise_row
    try:
        for row in read_jsonl(attached.path):
            if isinstance(row, BadRow):
                raise TabularError(attached.called, row.line, row.field, row.reason)
            try:
                yield row.line, read(row.values)
            except RowRefused as error:
                place = (attached.called, row.line, error.field, error.reason)
                raise TabularError(*place) from error
    except (TabularError, OSError) as error:
        raise TrainingRefused(f"The file cannot be used. {error}") from error


def _sides(answers: Answers, more: list[Messages], seed: int, selection: Selection) -> Sides:
    """What is held out: the same in every kind, so that one after another can be tested."""
    return draw_sides(
        [*(prompt.messages for prompt in answers.prompts), *more],
        answers.people(),
        seed=seed,
        held_out_prompts=selection.held_out_prompts,
        held_out_people=selection.held_out_people,
    )


def _check_names(version: ConstitutionVersion, answers: Answers, selection: Selection) -> None:
    problem = selection.unknown(
        answers.people(),
        {prompt.theme for prompt in answers.prompts},
        version.principles.values_list("number", flat=True),
    )
    if problem:
        raise TrainingRefused(problem)


def _checks(rows: Rows, answers: Answers, kind: str) -> dict[str, Any]:
    """What was looked at before freezing, with numbers of people that pages withhold by."""
    checks: dict[str, Any] = {"repeats": repeats(rows), "leaks": leaks(rows)}
    if kind in FROM_A_FILE:
        return checks
    judged: dict[str, set[int]] = {name: set() for name in answers.people()}
    for judgement in answers.judgements:
        judged[judgement.community].add(judgement.pair.prompt_id)
    for thumb in answers.thumbs:
        judged[thumb.community].add(thumb.prompt_id)
    for rewrite in answers.rewrites:
        judged[rewrite.community].add(rewrite.prompt_id)
    return checks | {
        "personal_data": dict(answers.scrubbed),
        "coverage": coverage(rows, answers.prompts, judged),
        "people": people_behind(rows),
    }
