"""What soft labels, weights and group-robust weights do, against theory."""

import json
import math
from pathlib import Path

import pytest

from tests.training.recipes.directories import (
    ASIDE,
    LONG,
    SHORT,
    make_run,
    metrics,
    pair,
    read,
    two_communities,
    weights,
)
from training.recipes import dpo

pytestmark = pytest.mark.training


def last_margin(folder: Path) -> float:
    return float(metrics(folder)[-1]["margin"])


def trained(folder: Path) -> Path:
    assert dpo.main([str(folder)]) == 0
    return folder


def test_a_share_of_seven_in_ten_settles_at_its_log_odds(tmp_path: Path, base: Path) -> None:
    run = make_run(
        tmp_path, base, [pair("one", share=0.7)], max_steps=60, batch_size=1, learning_rate=0.003
    )
    assert last_margin(trained(run)) == pytest.approx(math.log(0.7 / 0.3), abs=0.02)


def test_an_even_share_teaches_nothing(tmp_path: Path, base: Path) -> None:
    run = make_run(tmp_path, base, [pair("one", share=0.5)], max_steps=10, batch_size=1)
    assert last_margin(trained(run)) == pytest.approx(0, abs=0.05)


def test_hard_labels_have_no_bound_and_smoothing_gives_one(tmp_path: Path, base: Path) -> None:
    settings = {"max_steps": 100, "batch_size": 1, "learning_rate": 0.003, "loss": "hard"}
    rows = [pair("one", share=0.7)]
    hard = make_run(tmp_path / "hard", base, rows, **settings)
    smooth = make_run(tmp_path / "smooth", base, rows, label_smoothing=0.1, **settings)
    assert last_margin(trained(smooth)) == pytest.approx(math.log(9), abs=0.1)
    assert last_margin(trained(hard)) > 3.5


def test_a_row_of_weight_zero_and_its_absence_are_the_same(tmp_path: Path, base: Path) -> None:
    rows = two_communities(4)
    silent = pair("zz", chosen=LONG, rejected=SHORT, weight=0.0)
    settings = {"max_steps": 3, "batch_size": 4}
    without = trained(make_run(tmp_path / "without", base, rows, **settings))
    with_it = trained(make_run(tmp_path / "with", base, [*rows, silent], **settings))
    assert weights(without) == weights(with_it)


def test_weights_decide_between_opposite_rows(tmp_path: Path, base: Path) -> None:
    for_short = pair("a", weight=9.0, share=1.0)
    for_long = {**pair("a", chosen=LONG, rejected=SHORT, share=1.0), "id": "b", "weight": 1.0}
    run = make_run(
        tmp_path, base, [for_short, for_long], max_steps=80, batch_size=2, learning_rate=0.003
    )
    trained(run)
    # Together the two say .9 for the short one; their margins are mirror images.
    assert metrics(run)[-1]["chosen_log_ratio"] == pytest.approx(
        metrics(run)[-1]["rejected_log_ratio"], abs=1e-3
    )
    # Plain mean of the two rows' losses at margin ±log 9.
    mirrored = (-math.log(0.9) - math.log(0.1)) / 2
    assert metrics(run)[-1]["loss"] == pytest.approx(mirrored, abs=0.05)


def test_accumulating_eight_times_one_equals_one_batch_of_eight(tmp_path: Path, base: Path) -> None:
    settings = {"max_steps": 3, "group_robust": {"eta": 0.3}}
    rows = two_communities(24)
    whole = make_run(tmp_path / "whole", base, rows, batch_size=8, **settings)
    parts = make_run(
        tmp_path / "parts", base, rows, batch_size=1, gradient_accumulation=8, **settings
    )
    for one, other in zip(metrics(trained(whole)), metrics(trained(parts)), strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-4)
        assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-3)
        for name, told in one["communities"].items():
            assert told["weight"] == pytest.approx(other["communities"][name]["weight"], abs=1e-4)


def test_group_robust_at_eta_zero_is_plain_dpo(tmp_path: Path, base: Path) -> None:
    rows = two_communities(12)
    plain = trained(make_run(tmp_path / "plain", base, rows, max_steps=4))
    robust = make_run(tmp_path / "robust", base, rows, max_steps=4, group_robust={"eta": 0.0})
    assert weights(trained(robust)) == weights(plain)


def test_group_robust_lifts_a_small_opposed_community(tmp_path: Path, base: Path) -> None:
    opposed = {"chosen": ASIDE, "rejected": SHORT, "about": "a forest, today or tomorrow"}
    usual = {"chosen": SHORT, "rejected": ASIDE}
    rows = [pair(f"m{i:03d}", "many", share=1.0, **usual) for i in range(160)]
    rows += [pair(f"f{i:03d}", "few", share=1.0, **opposed) for i in range(20)]
    held_out = [pair(f"hm{i}", "many", **usual) for i in range(4)]
    held_out += [pair(f"hf{i}", "few", **opposed) for i in range(4)]
    settings = {"max_steps": 50, "batch_size": 8, "learning_rate": 3e-3, "lora": None}
    told = {}
    for name, robust in (("plain", None), ("robust", {"eta": 0.1})):
        run = make_run(
            tmp_path / name, base, rows, held_out, group_robust=robust, evaluate=True, **settings
        )
        told[name] = read(trained(run), "report.json")["communities"]

    def moved(name: str, community: str) -> float:
        margin = told[name][community]["margin"]
        return 0.1 * float(margin["tuned"] - margin["base"])

    assert moved("robust", "few") > moved("plain", "few") + 0.5
    assert moved("robust", "many") > 0.85 * moved("plain", "many")
    assert told["robust"]["few"]["tuned"]["estimate"] >= told["plain"]["few"]["tuned"]["estimate"]
    assert told["robust"]["many"]["tuned"]["estimate"] == told["plain"]["many"]["tuned"]["estimate"]


def test_the_order_of_rows_and_names_of_communities_change_nothing(
    tmp_path: Path, base: Path
) -> None:
    rows = two_communities(12)
    settings = {"max_steps": 4, "group_robust": {"eta": 0.3}}
    other_names = {"upstream": "zeta", "downstream": "alpha"}
    renamed = [{**row, "community": other_names[row["community"]]} for row in reversed(rows)]
    first = trained(make_run(tmp_path / "first", base, rows, **settings))
    second = trained(make_run(tmp_path / "second", base, renamed, **settings))
    assert weights(first) == weights(second)


def test_training_every_weight_works_without_a_second_model(tmp_path: Path, base: Path) -> None:
    run = make_run(
        tmp_path, base, two_communities(8), lora=None, max_steps=8, evaluate=True, samples=1
    )
    report = read(trained(run), "report.json")
    assert metrics(run)[-1]["margin"] > 0.05
    assert len(report["samples"]) == 1
    assert sorted(p.suffix for p in (run / "final").iterdir() if "model" in p.name) == [
        ".safetensors"
    ]


def test_merged_weights_say_what_base_and_adapters_say(tmp_path: Path, base: Path) -> None:
    told = {}
    for merge in (False, True):
        run = make_run(tmp_path / str(merge), base, two_communities(8), evaluate=True, merge=merge)
        told[merge] = read(trained(run), "report.json")["overall"]["margin"]
    assert told[True]["tuned"] == pytest.approx(told[False]["tuned"], abs=1e-3)
    assert abs(told[True]["tuned"] - told[True]["base"]) > 0.01
    assert (tmp_path / "True" / "final" / "model.safetensors").is_file()
    assert not (tmp_path / "True" / "final" / "adapter_config.json").exists()


def test_a_trained_model_prefers_what_was_planted_and_the_card_says_whence(
    tmp_path: Path, base: Path
) -> None:
    wanted = {"chosen": ASIDE, "rejected": SHORT, "share": 1.0}
    rows = [pair(f"t{i}", **wanted) for i in range(12)]
    people = [{"participant": f"p{i}", "answer": 1} for i in range(12)]
    held_out = [pair(f"h{i}", **wanted, judgements=people) for i in range(24)]
    run = make_run(tmp_path, base, rows, held_out, max_steps=40, learning_rate=3e-3, evaluate=True)
    told = read(trained(run), "report.json")["communities"]["upstream"]
    assert told["tuned"]["estimate"] == 1.0
    assert told["base"]["estimate"] < 1.0
    assert told["verdict"] == "better"
    card = read(run, "card.json")
    assert card["communities"] == {"upstream": 12}
    assert str(base) in (run / "card.md").read_text()
    assert json.dumps(card["parameters"])


def test_the_identity_of_ipo_settles_at_its_target(tmp_path: Path, base: Path) -> None:
    settings = {"loss": "ipo", "beta": 1.0, "max_steps": 60, "batch_size": 1}
    for share in (1.0, 0.7):
        rows = [pair("one", share=share)]
        run = make_run(tmp_path / str(share), base, rows, learning_rate=0.003, **settings)
        assert last_margin(trained(run)) == pytest.approx((2 * share - 1) / 2, abs=0.02)


def test_length_normalised_labels_are_calibrated_per_token(tmp_path: Path, base: Path) -> None:
    settings = {"loss": "length_normalised", "beta": 1.0, "max_steps": 60, "batch_size": 1}
    run = make_run(tmp_path, base, [pair("one", share=0.7)], learning_rate=0.003, **settings)
    assert last_margin(trained(run)) == pytest.approx(math.log(0.7 / 0.3), abs=0.02)


def test_completions_of_equal_length_need_no_normalising(tmp_path: Path, base: Path) -> None:
    rows = [pair(f"t{i}", chosen=SHORT, rejected=ASIDE) for i in range(4)]
    plain = trained(make_run(tmp_path / "plain", base, rows, max_steps=4, beta=0.1))
    tokens = metrics(plain)[0]["chosen_length"]
    assert metrics(plain)[0]["rejected_length"] == tokens
    normal = make_run(
        tmp_path / "n", base, rows, max_steps=4, beta=0.1 * tokens, loss="length_normalised"
    )
    for one, other in zip(metrics(plain), metrics(trained(normal)), strict=True):
        assert one["loss"] == pytest.approx(other["loss"], abs=1e-5)
        assert one["margin"] == pytest.approx(other["margin"], abs=1e-4)


def test_fully_desensitised_what_is_beyond_the_shorter_length_does_not_matter(
    tmp_path: Path, base: Path
) -> None:
    told = {}
    for alpha in (0.0, 1.0):
        for tail in ("today", "river"):  # a token each
            rows = [pair("one", chosen=SHORT, rejected=f"{LONG} Yes, {tail}")]
            run = make_run(tmp_path / f"{alpha} {tail}", base, rows, max_steps=4, ld_alpha=alpha)
            told[alpha, tail] = last_margin(trained(run))
    assert told[0.0, "today"] == pytest.approx(told[0.0, "river"], abs=1e-4)
    assert abs(told[1.0, "today"] - told[1.0, "river"]) > 1e-3


def test_desensitised_training_starts_at_no_margin_and_continues(
    tmp_path: Path, base: Path
) -> None:
    settings = {"ld_alpha": 0.4, "max_steps": 4, "evaluate": True}
    run = trained(make_run(tmp_path, base, two_communities(8), **settings))
    assert metrics(run)[0]["margin"] == pytest.approx(0, abs=1e-4)
    assert metrics(run)[-1]["margin"] > 0.01
