"""A process reward model finds the planted wrong step, and what can be done with it."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import make_run, metrics, read
from tests.training.recipes.sums import digit_model, write_rows
from training.methods.step_errors import first_error, first_errors_report
from training.recipes import best_of_n, stepwise
from training.recipes._steps import load_step_scorer

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return digit_model(tmp_path_factory.mktemp("digits") / "tiny")


def solution(number: int, wrong: int | None) -> dict[str, Any]:
    """Four small sums, each on its line; the one at `wrong`, if any, does not add up."""
    lottery = random.Random(number)
    sums = [(lottery.randrange(4), lottery.randrange(2)) for _ in range(4)]
    shown = [
        a + b if i != wrong else a + b + lottery.choice((1, 2)) for i, (a, b) in enumerate(sums)
    ]
    return {
        "id": f"s{number:03d}",
        "prompt": [{"role": "user", "content": f"{number}"}],
        "steps": [f"{a}+{b}={c}" for (a, b), c in zip(sums, shown, strict=True)],
        "labels": [i != wrong for i in range(4)],
    }


def solutions(start: int, count: int) -> list[dict[str, Any]]:
    return [solution(i, (None, 0, 1, 2, 3)[i % 5]) for i in range(start, start + count)]


def make_steps(folder: Path, base: Path, **config: Any) -> Path:
    settings = {"batch_size": 32, "max_steps": 90, "lora": None, "learning_rate": 3e-3, **config}
    run = make_run(folder, base, solutions(0, 400), [], recipe="stepwise", **settings)
    write_rows(run / "heldout.jsonl", solutions(500, 50))
    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    run = make_steps(tmp_path_factory.mktemp("steps") / "run", digits, evaluate=True)
    assert stepwise.main([str(run)]) == 0
    return run


def test_the_planted_wrong_step_is_found_in_solutions_not_seen_before(trained: Path) -> None:
    told = read(trained, "report.json")["steps"]
    assert told["first_error_found"]["estimate"] > 0.8
    assert told["right_let_pass"]["estimate"] > 0.8
    assert metrics(trained)[-1]["communities"]["everyone"]["accuracy"] > 0.9


def test_a_scorer_read_back_says_the_same_and_long_solutions_are_cut(trained: Path) -> None:
    scorer = load_step_scorer(trained / "final", "cpu")
    good, bad = solution(900, None), solution(900, 2)
    scores = scorer.score([(tuple(row["prompt"]), row["steps"]) for row in (good, bad)])
    assert first_error(scores[0]) is None
    assert first_error(scores[1]) == 2
    cut = scorer.score([(tuple(good["prompt"]), good["steps"] * 20)])[0]
    assert len(cut) == 80
    assert cut[-1] == 0.0  # what does not fit is not taken for right


def planted(number: int) -> tuple[dict[str, Any], list[list[Any]]]:
    """A question, and five solutions of which three make the same mistake in the last step."""
    right = solution(number, None)["steps"]
    a, _, answer = right[-1].partition("=")
    wrong = [*right[:-1], f"{a}={int(answer) + 1}"]
    row = {**solution(number, None), "community": "everyone", "weight": 1.0, "answer": answer}
    texts = ["\n".join(steps) for steps in (wrong, right, wrong, wrong, right)]
    return row, [[text, len(text)] for text in texts]


def test_best_of_n_by_steps_beats_the_majority_that_errs_together(
    tmp_path: Path, digits: Path, trained: Path
) -> None:
    asked = [planted(number) for number in range(700, 720)]
    parts = [{"kind": "steps", "folder": str(trained / "final"), "weight": 10.0}]
    online = {"rewards": parts, "generations": 5, "new_tokens": 6}
    rows = [row for row, _ in asked]
    run = make_run(tmp_path, digits, rows, [], recipe="best_of_n", online=online)
    write_rows(run / "samples.jsonl", [{"id": r["id"], "drawn": drawn} for r, drawn in asked])
    assert best_of_n.main([str(run)]) == 0
    told = read(run, "report.json")["answers"]
    assert told["majority"]["estimate"] == told["first"]["estimate"] == 0.0
    assert told["best_of_n"]["estimate"] > 0.7
    assert told["weighted_majority"]["estimate"] > 0.7


def test_a_search_by_steps_is_made_with_the_same_scorer(
    tmp_path: Path, digits: Path, trained: Path
) -> None:
    parts = [{"kind": "steps", "folder": str(trained / "final")}]
    search = {"beams": 2, "branches": 2, "depth": 2}
    online = {"rewards": parts, "generations": 2, "new_tokens": 6, "search": search}
    rows = [planted(700)[0], planted(701)[0]]
    run = make_run(tmp_path, digits, rows, [], recipe="best_of_n", online=online)
    assert best_of_n.main([str(run)]) == 0
    assert set(read(run, "report.json")["answers"]) >= {"step_search", "best_of_n"}


def test_calling_everything_right_or_wrong_finds_nothing() -> None:
    labels = [[True, True], [True, False]]
    assert first_errors_report(labels, [[0.9, 0.9], [0.9, 0.9]])["f1"] == 0
    assert first_errors_report(labels, [[0.1, 0.1], [0.1, 0.1]])["f1"] == 0
    assert first_errors_report(labels, [[0.9, 0.9], [0.9, 0.1]])["f1"] == 1
    with pytest.raises(ValueError, match="2 labels came with 1 scores"):
        first_errors_report([[True, True]], [[0.5]])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": [True]}, '"labels" must be as long as its 4 steps'),
        ({"labels": [1, 1, 1, 1]}, '"labels" must be a list of true and false'),
        ({"steps": []}, '"steps" must be a list of texts'),
    ],
)
def test_steps_and_labels_must_fit(
    tmp_path: Path, digits: Path, change: dict[str, Any], sentence: str
) -> None:
    run = make_run(tmp_path, digits, [{**solution(1, None), **change}], [], recipe="stepwise")
    assert stepwise.main([str(run)]) == 2
    assert f"train.jsonl, line 1: {sentence}" in read(run, "error.json")["sentence"]
