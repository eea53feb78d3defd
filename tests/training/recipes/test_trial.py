"""A dry run: what it reckons, and that it leaves the run as it was."""

from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import (
    PRINCIPLE,
    demonstration,
    make_run,
    pair,
    read,
    two_communities,
)
from training.recipes import dpo, kto, orpo, reward, rlaif, sft
from training.recipes._trial import Spent, Trial, duration, spread


def test_what_was_not_done_is_reckoned_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    trial, now = Trial(began=Spent()), [0.0]
    monkeypatch.setattr(Spent, "now", staticmethod(lambda: Spent(now[0], now[0] / 2)))
    sizes = [3.0, 9.0, 2.0, 5.0, 4.0, 1.0, 6.0]  # two seconds for each unit of size
    for size in trial.in_part("asking", sizes, sizes):
        now[0] += 100.0 if size == 9 else 2 * size  # the first one pays for warming up
    done = [sizes[i] for i in spread(sizes, 4)]
    left = sum(sizes) - sum(done)
    assert trial.parts["asking"].clock == pytest.approx(100 + 2 * (sum(done) - 9) + 2 * left)
    assert trial.skipped.processor == pytest.approx(left)
    assert trial.whole().clock == pytest.approx(now[0] + 2 * left)


def test_units_are_the_largest_and_some_from_all_over() -> None:
    assert spread([1.0] * 3, 4) == [0, 1, 2]
    assert spread([5.0, 1.0, 9.0, 2.0, 3.0, 1.0, 4.0, 2.0, 6.0], 4)[0] == 2
    assert len(set(spread(list(range(100)), 4))) == 4
    assert spread([], 4) == []


def test_seconds_are_said_as_people_do() -> None:
    assert [duration(s) for s in (12.3, 100, 5400, 7260)] == [
        "12 s",
        "2 min",
        "1 h 30 min",
        "2 h 1 min",
    ]


RECIPES: list[tuple[Any, dict[str, Any]]] = [
    (dpo, {"ld_alpha": 0.5, "samples": 2}),
    (sft, {}),
    (kto, {}),
    (orpo, {}),
    (reward, {"reward": {"members": 2}}),
    (rlaif, {"constitution": [PRINCIPLE], "judge": {"principles_per_pair": 1}}),
]


@pytest.mark.training
@pytest.mark.parametrize(("recipe", "settings"), RECIPES)
def test_every_recipe_can_be_tried_out_and_nothing_is_left(
    tmp_path: Path, base: Path, recipe: Any, settings: dict[str, Any], capsys: Any
) -> None:
    from tests.training.recipes.test_kto import thumbs

    name = recipe.__name__.rpartition(".")[2]
    rows = {"sft": [demonstration(f"d{i}") for i in range(40)], "kto": thumbs(40)}
    held_out = [pair(f"h{i}") for i in range(40)]
    run = make_run(
        tmp_path / "run",
        base,
        rows.get(name, two_communities(40)),
        held_out,
        **{"recipe": name, "max_steps": 40, "evaluate": True, **settings},
    )
    before = {path.name for path in run.iterdir()}
    assert recipe.main([str(run), "--dry-run"]) == 0
    assert {path.name for path in run.iterdir()} == before | {"estimate.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    told = read(run, "estimate.json")
    assert told["sentence"] in capsys.readouterr().out
    assert told["steps"] == 40
    assert told["parts"]["training"] > 30 * told["step_seconds"]
    assert told["seconds"] >= told["parts"]["training"]
    assert told["peak_memory_mb"] > 100


@pytest.mark.training
def test_a_dry_run_comes_near_what_then_happens(tmp_path: Path, base: Path) -> None:
    held_out = [pair(f"h{i}") for i in range(80)]
    settings = {"max_steps": 60, "evaluate": True, "save_every": 20}
    run = make_run(tmp_path, base, two_communities(240), held_out, **settings)
    assert dpo.main([str(run), "--dry-run"]) == 0
    assert dpo.main([str(run)]) == 0
    reckoned, took = (read(run, f"{name}.json") for name in ("estimate", "card"))
    # Loosely: other programs use this machine too. The benchmark measures how near it comes.
    assert 0.5 < reckoned["processor_seconds"] / took["processor_seconds"] < 2


@pytest.mark.training
def test_bad_rows_are_told_by_a_dry_run_too(tmp_path: Path, base: Path, capsys: Any) -> None:
    run = make_run(tmp_path / "run", base, [pair("a", share=2)])
    assert dpo.main([str(run), "--dry-run"]) == 2
    assert '"share" must be' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert not (run / "error.json").exists()
