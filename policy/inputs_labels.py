"""By what people of a workshop are told apart, beside their communities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from deliberation.models import Label
from elicitation.models import IdentityAnswer, Workshop

SEVERAL = "several of these"


def read_label_sets(workshop: Workshop, row_of: Mapping[int, int]) -> dict[str, dict[int, str]]:
    """Name of each label set → the label of each participant that has one.

    row_of: the participants that count. Beside imported sets, one for each question about oneself
    by which the workshop compares people.
    """
    sets: dict[str, dict[int, str]] = {}
    for name, person, label in Label.objects.filter(label_set__workshop=workshop).values_list(
        "label_set__name", "participant_id", "name"
    ):
        if person in row_of:
            sets.setdefault(name, {})[person] = label
    return sets | _said_of_oneself(workshop, row_of)


def _said_of_oneself(workshop: Workshop, row_of: Mapping[int, int]) -> dict[str, dict[int, str]]:
    """What each ticked. A label that fewer have than may be told of is nobody's."""
    sets: dict[str, dict[int, str]] = {}
    for question in workshop.identity_questions.filter(compares=True):
        ticked = IdentityAnswer.objects.filter(question=question).values_list(
            "participant_id", "choices"
        )
        labels = {
            person: choices[0] if len(choices) == 1 else SEVERAL
            for person, choices in ticked
            if choices and person in row_of
        }
        sizes = Counter(labels.values())
        told = {who: label for who, label in labels.items() if sizes[label] >= workshop.small_cell}
        if len(set(told.values())) > 1:
            sets[f"“{question.text}”"] = told
    return sets
