"""ORPO against its paper: odds, symmetry, and its two halves each by itself."""

import math
from pathlib import Path

import pytest

from tests.training.recipes.directories import (
    ASIDE,
    SHORT,
    demonstration,
    make_run,
    metrics,
    pair,
    read,
    two_communities,
)
from training.recipes import orpo, sft

pytestmark = pytest.mark.training
ONE = {"batch_size": 1, "learning_rate": 3e-3}


def trained(folder: Path) -> Path:
    assert orpo.main([str(folder)]) == 0
    return folder


def test_odds_are_those_of_the_mean_token() -> None:
    import torch

    from training.recipes._orpo_loss import log_odds

    chances = torch.tensor([0.5, 0.9, 0.001])
    assert log_odds(chances.log()).tolist() == pytest.approx(
        [0.0, math.log(9), math.log(0.001 / 0.999)], abs=1e-5
    )
    assert torch.isfinite(log_odds(torch.tensor([0.0])))


def test_where_odds_are_all_that_counts_they_settle_at_the_share(
    tmp_path: Path, base: Path
) -> None:
    settings = {"recipe": "orpo", "orpo": {"odds_weight": 1000.0}, "max_steps": 60, **ONE}
    run = make_run(tmp_path, base, [pair("one", share=0.7)], **settings)
    assert metrics(trained(run))[-1]["margin"] == pytest.approx(math.log(0.7 / 0.3), abs=0.02)


def test_without_odds_it_is_imitation(tmp_path: Path, base: Path) -> None:
    settings = {"recipe": "orpo", "orpo": {"odds_weight": 0.0}, "max_steps": 5, **ONE}
    run = trained(make_run(tmp_path / "orpo", base, [pair("d", share=1.0)], **settings))
    other = make_run(tmp_path / "sft", base, [demonstration("d")], recipe="sft", max_steps=5, **ONE)
    assert sft.main([str(other)]) == 0
    for one, same in zip(metrics(run), metrics(other), strict=True):
        assert one["loss"] == pytest.approx(same["loss"], abs=1e-4)


def test_which_of_two_is_called_chosen_does_not_matter(tmp_path: Path, base: Path) -> None:
    rows = {
        "one": pair("a", share=0.8, chosen=SHORT, rejected=ASIDE),
        "other": pair("a", share=0.2, chosen=ASIDE, rejected=SHORT),
    }
    told = {
        name: metrics(trained(make_run(tmp_path / name, base, [row], recipe="orpo", **ONE)))
        for name, row in rows.items()
    }
    for one, other in zip(told["one"], told["other"], strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-4)
        assert one["margin"] == pytest.approx(-other["margin"], abs=1e-4)


def test_batches_of_four_and_four_times_one_are_the_same(tmp_path: Path, base: Path) -> None:
    told = {}
    for size in (4, 1):
        shape = {"batch_size": size, "gradient_accumulation": 4 // size, "max_steps": 3}
        run = make_run(tmp_path / str(size), base, two_communities(12), recipe="orpo", **shape)
        told[size] = metrics(trained(run))
    for one, other in zip(told[4], told[1], strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-4)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-3)


def test_a_trained_model_prefers_what_was_planted_and_still_says_it(
    tmp_path: Path, base: Path
) -> None:
    wanted = {"chosen": ASIDE, "rejected": SHORT, "share": 1.0}
    people = [{"participant": f"p{i}", "answer": 1} for i in range(12)]
    held_out = [pair(f"h{i}", **wanted, judgements=people) for i in range(12)]
    rows = [pair(f"t{i}", **wanted) for i in range(12)]
    settings = {"recipe": "orpo", "max_steps": 40, "learning_rate": 3e-3, "evaluate": True}
    run = trained(make_run(tmp_path, base, rows, held_out, **settings))
    assert read(run, "report.json")["communities"]["upstream"]["tuned"]["estimate"] == 1.0
    first, last = metrics(run)[0], metrics(run)[-1]
    assert last["chosen_log_prob"] > first["chosen_log_prob"] + 1
    assert last["margin"] > first["margin"] + 1
