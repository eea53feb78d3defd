"""Votes with a planted truth: two communities opposed on two subjects, at one on a third."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SUBJECTS = {
    "medicine": (
        "Answers about medicine should name the doctor to see.",
        "Medicine questions deserve a warning about dosage.",
        "It should refuse to suggest a dosage of medicine.",
        "A doctor should check every answer about medicine.",
        "When someone asks about a dosage it should ask for their doctor.",
    ),
    "river": (
        "The river should be measured by the village.",
        "Fishing in the river should stop in spring.",
        "Boats on the river should slow down near fishing nets.",
        "The village decides who may go fishing.",
        "Boats and fishing nets need a village licence.",
    ),
    "school": (
        "Schools should teach children in two languages.",
        "Children may choose the languages of their school.",
        "Teachers should be paid to learn languages.",
        "Every school needs teachers who speak with children at home.",
        "Teachers and children write the school rules.",
    ),
}
TEXTS = [text for texts in SUBJECTS.values() for text in texts]
SUBJECT = np.repeat([0, 1, 2], 5)


@dataclass(frozen=True)
class Planted:
    votes: NDArray[np.float64]
    labels: NDArray[np.int64]


def votes(seed: int, *, people: int = 120, gap: float = 0.3, communities: int = 2) -> Planted:
    """Opposed by 2 × gap on medicine and school, in either direction; alike on the river."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(communities, size=people)
    lean = np.where(np.arange(communities) % 2 == 0, gap, -gap)[:, None]
    direction = rng.choice([-1.0, 1.0], len(TEXTS)) * (SUBJECT != 1)
    agrees = rng.random((people, len(TEXTS))) < (0.5 + lean * direction)[labels]
    table = np.where(agrees, 1.0, -1.0)
    table[rng.random(table.shape) < 0.05] = 0.0
    table[rng.random(table.shape) < 0.3] = np.nan
    return Planted(table, labels)
