"""What a page asks of each recipe, and what it shows of a run: nothing that the recipe ignores."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from elicitation.models import Participant, User, Workshop
from tests.line import make_report, make_run, make_snapshot, make_version
from training.charts import report_charts
from training.forms import RunForm
from training.kinds import kinds_for
from training.methods.evaluation import PairScores, evaluation_report
from training.models import TrainingRun
from training.recipes._config import as_json, parse_config
from training.recipes._files import plain
from training.showing import config_shown

REWARD_REPORT: dict[str, Any] = {
    "communities": {
        "upstream": {
            "base": {"estimate": None, "low": None, "high": None},
            "tuned": {"estimate": 0.8, "low": 0.6, "high": 0.9},
            "length_baseline": {"rule": "shorter", "estimate": 0.7},
        }
    }
}


def asked(recipe: str, **changes: Any) -> dict[str, Any]:
    """The settings that a page's form sends for a recipe, everything else left as it is."""
    kind = kinds_for(recipe)[0]
    initial = {name: field.initial for name, field in RunForm(kind).fields.items()}
    form = RunForm(kind, {**initial, "recipe": recipe, **changes})
    assert form.is_valid(), form.errors
    return form.overrides()


@pytest.mark.parametrize("recipe", ["sft", "dpo", "rlaif", "kto", "orpo", "reward"])
def test_what_the_form_sends_is_what_the_recipe_reads(recipe: str) -> None:
    judged_by = {"constitution": [{"number": 1, "text": "Be brief."}]} if recipe == "rlaif" else {}
    config = parse_config({"recipe": recipe, "base": "here", **judged_by, **asked(recipe)})
    assert config.max_steps == 12
    assert (config.group_robust is not None) == (recipe in ("dpo", "rlaif"))


def test_settings_of_a_family_reach_its_recipe() -> None:
    reward = asked("reward", members=5, per_community="on", loss="hard")
    assert reward["reward"] == {"members": 5, "per_community": True, "length_debiased": False}
    assert reward["loss"] == "hard"
    assert "beta" not in reward
    assert asked("kto", beta=0.3)["beta"] == 0.3
    assert "members" not in RunForm("thumbs").fields


def test_each_kind_of_dataset_offers_the_recipes_that_learn_from_it() -> None:
    def offered(kind: str) -> set[str]:
        return {value for value, _ in RunForm(kind).fields["recipe"].choices}  # type: ignore[attr-defined]

    assert {"dpo", "rlaif", "orpo", "reward"} <= offered("preference")
    assert "kto" in offered("thumbs")
    assert "kto" not in offered("preference")
    assert set(TrainingRun.Recipe.values) >= offered("preference")


def test_a_run_shows_the_settings_it_reads() -> None:
    shown = dict(config_shown(as_json(parse_config({"recipe": "reward", "base": "here"}))))
    assert shown["reward"] == "members 1, per community no, margin 0, length debiased no"
    assert not {"beta", "kto", "orpo", "stop when"} & set(shown)
    watched = {"recipe": "dpo", "base": "here", "stop_when": {"kl_above": 3}}
    assert dict(config_shown(as_json(parse_config(watched))))["stop when"] == "kl above 3"


def test_a_reward_models_run_says_that_nothing_was_asked_of_the_base(
    client: Client, teo: User, river: Workshop, amara: Participant, tmp_path: Path
) -> None:
    people = [(f"p{i}", 1.0) for i in range(12)]
    pairs = [
        PairScores(slug, None, (0.9, -0.3), (0, 0), (9, 12), people)
        for slug in ("fishers", "farmers")
    ]
    snapshot = make_snapshot(make_version(river), amara, tmp_path)
    run = make_run(snapshot)
    shown = {"recipe": "reward", "samples": [], "held_out_people": None, "judge": None}
    make_report(run, plain({**evaluation_report(pairs), **shown}))
    client.force_login(teo)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "100\N{NO-BREAK SPACE}%" in page
    assert "not measured" in page.lower()


def test_a_reward_models_report_is_drawn_without_a_before() -> None:
    assert "before_after" in report_charts([], REWARD_REPORT)
