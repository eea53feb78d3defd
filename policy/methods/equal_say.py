"""How much of an answer each counts, so that nobody decides by answering without end.

The cap looks at how many answers somebody gave and never at what they say: whoever thinks otherwise
than the rest keeps their whole weight. It rests on the median person, whom fewer than half of all
people, however many answers they give, cannot move beyond what others gave.
"""

import numpy as np
from numpy.typing import NDArray

from policy.methods.davidson import Floats

# A person's answers count for at most so many times the median person's.
TIMES_THE_MEDIAN = 2.0


def most_answers(people: NDArray[np.intp], times: float = TIMES_THE_MEDIAN) -> float:
    """As how many answers one person's may count at most; inf where nobody answered.

    people: (n,) whose each answer is, numbered. Raises ValueError unless times is at least 1.
    """
    if not times >= 1:
        raise ValueError("The cap must be at least once what the median person gave.")
    each = np.bincount(people)
    each = each[each > 0]
    return times * float(np.median(each)) if each.size else np.inf


def equal_say(people: NDArray[np.intp], most: float) -> Floats:
    """Weights of answers, (n,) in (0, 1], with which nobody's add up to more than `most`.

    Whoever gave fewer keeps weight 1 on each; all answers of one person weigh the same.
    """
    each = np.bincount(people, minlength=1)
    return np.asarray(np.minimum(1.0, most / np.maximum(each, 1))[people], dtype=np.float64)
