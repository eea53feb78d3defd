"""KTO against its paper: values, reference point, weights, and what a run does."""

import math
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.training.recipes.directories import (
    ASIDE,
    SHORT,
    make_run,
    metrics,
    pair,
    read,
    thumb,
    weights,
)
from tests.training.recipes.test_continuing import when
from training.recipes import kto
from training.recipes._config_parts import Kto
from training.recipes._rows import ThumbRow

pytestmark = pytest.mark.training


def thumbs(count: int) -> list[dict[str, Any]]:
    """Praise for SHORT, blame for ASIDE, in two communities."""
    names = ("upstream", "downstream")
    return [
        thumb(f"t{i:02d}", names[i // 2 % 2], up=i % 2 == 0, completion=(SHORT, ASIDE)[i % 2])
        for i in range(count)
    ]


def trained(folder: Path) -> Path:
    assert kto.main([str(folder)]) == 0
    return folder


def run_of(folder: Path, base: Path, rows: list[dict[str, Any]], **config: Any) -> Path:
    return make_run(folder, base, rows, recipe="kto", **config)


def test_values_are_the_papers() -> None:
    import torch

    from training.recipes._kto_loss import kto_losses

    ratios, desirable = torch.tensor([5.0, 5.0, -3.0]), torch.tensor([True, False, False])
    losses = kto_losses(ratios, desirable, reference_point=1.0, beta=0.5).tolist()
    by_hand = [1 / (1 + math.exp(2)), 1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))]
    assert losses == pytest.approx(by_hand, abs=1e-6)


def test_as_much_praise_as_blame_teaches_nothing_and_a_majority_wins() -> None:
    import torch

    from training.recipes._kto_loss import kto_losses

    def pull(praise: float, blame: float) -> float:
        ratio = torch.tensor(0.7, requires_grad=True)
        losses = kto_losses(ratio.repeat(2), torch.tensor([True, False]), 0.2, 0.1)
        (torch.tensor([praise, blame]) * losses).sum().backward()
        assert ratio.grad is not None
        return -float(ratio.grad)

    assert pull(1, 1) == pytest.approx(0, abs=1e-8)
    assert pull(3, 1) == pytest.approx(-pull(1, 3))
    assert pull(3, 1) > 0


def test_a_model_that_has_not_moved_loses_one_half(tmp_path: Path, base: Path) -> None:
    first = metrics(trained(run_of(tmp_path, base, thumbs(8), max_steps=1)))[0]
    assert first["loss"] == pytest.approx(0.5, abs=1e-4)
    assert first["reference_point"] == pytest.approx(0, abs=1e-3)
    assert first["log_ratio"] == pytest.approx(0, abs=1e-3)


def test_praised_completions_gain_on_blamed_ones(tmp_path: Path, base: Path) -> None:
    people = [{"participant": f"p{i}", "answer": 1} for i in range(12)]
    held_out = [
        pair(f"h{i}", "upstream", chosen=SHORT, rejected=ASIDE, judgements=people)
        for i in range(12)
    ]
    settings = {"max_steps": 40, "learning_rate": 3e-3, "evaluate": True}
    run = trained(make_run(tmp_path, base, thumbs(16), held_out, recipe="kto", **settings))
    told = read(run, "report.json")["communities"]["upstream"]
    assert told["tuned"]["estimate"] == 1.0
    assert told["margin"]["tuned"] > told["margin"]["base"] + 1
    assert metrics(run)[-1]["accuracy"] == 1.0
    assert metrics(run)[-1]["communities"]["downstream"]["margin"] > 0.1


def test_the_reference_point_is_of_the_whole_step(tmp_path: Path, base: Path) -> None:
    told = {}
    for size in (4, 1):
        shape = {"batch_size": size, "gradient_accumulation": 4 // size, "max_steps": 4}
        told[size] = metrics(trained(run_of(tmp_path / str(size), base, thumbs(16), **shape)))
    for one, other in zip(told[4], told[1], strict=True):
        for name in ("loss", "reference_point", "log_ratio"):
            assert one[name] == pytest.approx(other[name], abs=1e-4)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-3)
    assert min(row["reference_point"] for row in told[4]) >= 0


def test_the_rarer_side_is_raised_until_both_weigh_the_same() -> None:
    ask = ({"role": "user", "content": "Hello?"},)
    rows = [ThumbRow(str(i), ask, "x", i < 2, "here", 1.0, ()) for i in range(8)]
    assert kto.side_weights(rows, Kto()) == (3.0, 1.0)
    assert kto.side_weights(rows, Kto(desirable_weight=1.5)) == (1.5, 1.0)
    assert kto.side_weights(rows[:2], Kto()) == (1.0, 1.0)


def test_completions_stand_beside_those_of_other_prompts_whatever_the_order() -> None:
    rows = [
        ThumbRow(str(i), ({"role": "user", "content": f"Q{i % 3}"},), f"A{i}", True, "a", 1.0, ())
        for i in range(9)
    ]
    found = {row.id: row.rejected for row in kto.beside_others(rows, 7)}
    assert all(int(other[1:]) % 3 != int(name) % 3 for name, other in found.items())
    assert found == {row.id: row.rejected for row in kto.beside_others(rows[::-1], 7)}


def test_a_cancelled_run_continues_as_if_nothing_had_happened(tmp_path: Path, base: Path) -> None:
    settings = {"max_steps": 8, "save_every": 2, "lora": {"dropout": 0.1}}
    whole = trained(run_of(tmp_path / "whole", base, thumbs(12), **settings))
    run = run_of(tmp_path / "run", base, thumbs(12), **settings)
    watcher = when(run, 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert kto.main([str(run)]) == 3
    watcher.join()
    assert kto.main([str(run)]) == 0
    assert weights(run) == weights(whole)
    assert metrics(run) == metrics(whole)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{**thumb("a", up=True), "desirable": 1}], 'line 1: "desirable" must be true or false'),
        ([pair("a")], 'line 1: "completion" must be text that is not blank; it is missing'),
        ([thumb("a", up=True)], "at least two different prompts"),
        ([thumb("a", up=True, weight=0)], "no row is left"),
    ],
)
def test_what_cannot_teach_is_told(
    tmp_path: Path, base: Path, rows: list[dict[str, Any]], sentence: str
) -> None:
    run = run_of(tmp_path, base, rows)
    assert kto.main([str(run)]) == 2
    assert sentence in read(run, "error.json")["sentence"]
