"""Choosing among several completions, and searching step by step, with a scorer."""

from collections import defaultdict
from collections.abc import Callable, Sequence

Steps = tuple[str, ...]
# The scores of a solution's steps so far, one per step, in [0, 1].
StepScorer = Callable[[Sequence[Steps]], Sequence[Sequence[float]]]
# Several ways to go on after these steps; an empty one says that nothing follows.
Continue = Callable[[Steps, int], Sequence[str]]


def best_of(scores: Sequence[float]) -> int:
    """The index of the highest score; the first of equals. Raises ValueError without any.

    Stiennon et al. 2020 ("best-of-n"). NaN never wins.
    """
    if not scores:
        raise ValueError("There is nothing to choose from.")
    return max(range(len(scores)), key=lambda i: (scores[i] == scores[i], scores[i], -i))


def majority(answers: Sequence[str | None]) -> str | None:
    """The answer given most often (Wang et al. 2023, self-consistency); the first of equals.

    None stands for no answer and is never chosen while there is another.
    """
    return weighted_majority(answers, [1.0] * len(answers))


def weighted_majority(answers: Sequence[str | None], weights: Sequence[float]) -> str | None:
    """The answer whose givers weigh most (Li et al. 2023, "DIVERSE"); the first of equals."""
    total: dict[str, float] = defaultdict(float)
    for answer, weight in zip(answers, weights, strict=True):
        if answer is not None:
            total[answer] += weight
    return max(total, key=lambda answer: total[answer]) if total else None


def solution_score(step_scores: Sequence[float]) -> float:
    """A solution is as good as its worst step; 0 without steps.

    Lightman et al. 2023 compare the product and the minimum; the minimum does not punish length.
    """
    return min(step_scores, default=0.0)


def search_by_steps(
    go_on: Continue, score: StepScorer, *, beams: int, branches: int, depth: int
) -> Steps:
    """The best solution that a beam over steps finds (Snell et al. 2024, section 5.2).

    Each of up to `beams` beginnings is continued in `branches` ways; all are scored by their worst
    step and the best kept, up to `depth` steps. An empty continuation ends a solution. Raises
    ValueError when a width or the depth is below 1.
    """
    if min(beams, branches, depth) < 1:
        raise ValueError("Beams, branches and depth must each be at least 1.")
    kept: list[tuple[Steps, bool]] = [((), False)]
    for _ in range(depth):
        if all(ended for _, ended in kept):
            break
        kept = _best(_grown(kept, go_on, branches), score, beams)
    return kept[0][0]


def _grown(
    kept: Sequence[tuple[Steps, bool]], go_on: Continue, branches: int
) -> list[tuple[Steps, bool]]:
    grown: dict[tuple[Steps, bool], None] = {}
    for steps, ended in kept:
        if ended:
            grown[steps, True] = None
            continue
        for step in go_on(steps, branches):
            grown[(*steps, step) if step else steps, not step] = None
    return list(grown) or list(kept)


def _best(
    grown: Sequence[tuple[Steps, bool]], score: StepScorer, beams: int
) -> list[tuple[Steps, bool]]:
    values = [solution_score(found) for found in score([steps for steps, _ in grown])]
    order = sorted(range(len(grown)), key=lambda i: (-values[i], i))
    return [grown[i] for i in order[:beams]]
