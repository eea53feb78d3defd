"""Reward models over a run directory: python -m training.recipes.reward RUN_DIR

Bradley-Terry with a community's share as the label: one model, several with different seeds, or
some for each community. Every score is put on a scale of its own training completions (mean 0,
sd 1), so that scores of several models can be combined. `_rewards.load_rewards` reads the result.
"""

import dataclasses
import gc
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from training.methods.evaluation import PairScores, evaluation_report
from training.methods.reward_ensembles import Scale, combine, fit_scale
from training.recipes._card import write_card
from training.recipes._config import Config
from training.recipes._errors import BadInput
from training.recipes._evaluate import read_held_out, write_report
from training.recipes._files import (
    read_json,
    read_json_lines,
    write_json,
    write_json_lines,
)
from training.recipes._model import (
    adapter_config,
    choose_device,
    load_scorer,
    load_tokenizer,
    training_arguments,
    write_final,
)
from training.recipes._rewards import REWARD, RewardSet, load_rewards, raw_scores
from training.recipes._rows import (
    HELD_OUT,
    HELD_OUT_PEOPLE,
    TRAIN,
    Messages,
    PreferenceRow,
    check_held_out,
    read_preferences,
    rows_seen,
)
from training.recipes._run import Run, execute
from training.recipes._tokens import Encoder
from training.recipes.dpo import target_of, usable_rows

MEMBER = "member.json"


@dataclass(frozen=True)
class Plan:
    """One reward model to train: its folder in final/, its rows, its seed, whose rewards."""

    folder: str
    community: str | None
    seed: int
    rows: tuple[PreferenceRow, ...]


def work(run: Run) -> None:
    """Train each member, put them on their scales, evaluate them together, write the card."""
    config = run.config
    rows = usable_rows(read_preferences(run.folder / TRAIN), config)
    check_held_out(rows, read_held_out(run.folder)[HELD_OUT])
    run.say("loading", 0, 1, "Loading the base model")
    device = choose_device(config)
    encoder = Encoder(load_tokenizer(config), config)
    run.record_start()
    plans = planned(rows, config)
    run.final.mkdir(exist_ok=True)
    members = [train_member(run, plan, encoder, device, len(plans)) for plan in plans]
    write_json(run.final / REWARD, described(config, members))
    gather_metrics(run, plans)
    if config.evaluate:
        write_report(run, report(run, load_rewards(run.final, device)))
    met = {row.id: row for plan in plans for row in plan.rows}
    write_card(run, [met[key] for key in sorted(met)], encoder.cuts, device)


def planned(rows: Sequence[PreferenceRow], config: Config) -> list[Plan]:
    """The members to train, each with the rows it will meet."""
    names: list[str | None] = [None]
    if config.reward.per_community:
        names = [*sorted({row.community for row in rows})]
    visits = config.max_steps * config.batch_size * config.gradient_accumulation
    plans = []
    for name in names:
        mine = [row for row in rows if name is None or row.community == name]
        for i in range(config.reward.members):
            folder, seed = _folder_of(name, i, config.reward.members), config.seed + i
            plans.append(Plan(folder, name, seed, tuple(rows_seen(mine, visits, seed))))
    return plans


def train_member(run: Run, plan: Plan, encoder: Encoder, device: str, of: int) -> dict[str, Any]:
    """Train one reward model and fit its scale; what a run did before it was stopped is kept.

    Returns the member's entry in reward.json.
    """
    folder = run.folder / "members" / plan.folder
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MEMBER).is_file():
        told: dict[str, Any] = read_json(folder / MEMBER)
        return told
    import torch

    part = f"Reward model {plan.folder}" if of > 1 else "Reward model"
    inner = run.inner(folder, dataclasses.replace(run.config, seed=plan.seed), part)
    torch.manual_seed(plan.seed)  # decides the head's first weights
    model = load_scorer(inner.config, device, encoder.tokenizer.pad_token_id)
    trainer = make_trainer(inner, model, encoder, plan.rows, device)
    from training.recipes._training import train_to_end

    train_to_end(inner, trainer)
    trained = trainer.accelerator.unwrap_model(trainer.model)
    place = run.final / plan.folder
    trained = write_final(trained, encoder.tokenizer, place, merge=run.config.merge)
    scale = scale_of(inner, trained, encoder, plan.rows)
    told = {"folder": plan.folder, "community": plan.community, "seed": plan.seed}
    told |= dataclasses.asdict(scale)
    write_json(folder / MEMBER, told)  # written last: this member is done
    del trainer, model, trained
    gc.collect()
    return told


def make_trainer(
    run: Run, base: Any, encoder: Encoder, rows: Sequence[PreferenceRow], device: str
) -> Any:
    """A trainer over these rows, with row weights scaled to a mean of 1."""
    from training.recipes._own_trainer import own_trainer
    from training.recipes._reward_loss import RewardTrainer, collate_pairs

    communities = sorted({row.community for row in rows})
    mean = math.fsum(sorted(row.weight for row in rows)) / len(rows)
    columns = []
    for row in rows:
        prompt, chosen, _ = encoder.pair(row.prompt, row.chosen)
        _, rejected, _ = encoder.pair(row.prompt, row.rejected)
        columns.append(
            {
                "prompt": prompt,
                "chosen": chosen,
                "rejected": rejected,
                "target": target_of(row, run.config),
                "margin": margin_of(row, run.config),
                "row_weight": row.weight / mean,
                "community": communities.index(row.community),
            }
        )
    return own_trainer(
        RewardTrainer,
        base,
        columns,
        collate_pairs(encoder.tokenizer.pad_token_id),
        training_arguments(run.config, device, run.checkpoints),
        adapter_config(run.config, "SEQ_CLS"),
        communities=communities,
    )


def margin_of(row: PreferenceRow, config: Config) -> float:
    """How far apart the scores must lie beyond what the label asks: by the majority's lead."""
    return config.reward.margin * (2 * (row.share or 0.0) - 1)


def scale_of(run: Run, model: Any, encoder: Encoder, rows: Sequence[PreferenceRow]) -> Scale:
    """A member's scale, on which its training completions, each once, have mean 0 and sd 1."""
    texts: dict[str, tuple[Messages, str]] = {}
    for row in rows:
        for completion in (row.chosen, row.rejected):
            texts.setdefault(repr((row.prompt, completion)), (row.prompt, completion))
    keys = sorted(texts)
    run.say("scaling", 0, len(keys), "Scoring training completions")
    scores, lengths = raw_scores(
        model,
        encoder,
        [texts[key] for key in keys],
        run.config.eval_batch_size,
        partial(run.in_part, "scaling"),
    )
    prompts = [repr(texts[key][0]) for key in keys]
    return fit_scale(scores, lengths, prompts, length_debiased=run.config.reward.length_debiased)


def described(config: Config, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The content of reward.json."""
    kind = "ensemble" if len(members) > 1 else "single"
    return {
        "kind": "per_community" if config.reward.per_community else kind,
        "base": config.base,
        "max_tokens": config.max_tokens,
        "max_prompt_tokens": config.max_prompt_tokens,
        "members": list(members),
    }


def gather_metrics(run: Run, plans: Sequence[Plan]) -> None:
    """One metrics.jsonl from all members', their steps one after another."""
    lines, before = [], 0
    for plan in plans:
        path = run.folder / "members" / plan.folder / "metrics.jsonl"
        rows = [row for _, row in read_json_lines(path)]
        lines += [{**row, "step": before + row["step"], "member": plan.folder} for row in rows]
        before += len(rows)
    write_json_lines(run.folder / "metrics.jsonl", lines)


def report(run: Run, rewards: RewardSet) -> dict[str, Any]:
    """How often the models side with people on held-out pairs, per community, and each by itself.

    The members' mean answers; where communities have models of their own, theirs answer for them.
    Nothing was asked of the base.
    """
    level, parts, members = run.config.level, {}, {}
    for name, rows in read_held_out(run.folder).items():
        run.say("evaluating", 0, len(rows), "The reward models on held-out pairs")
        table = pair_table(run, rewards, rows)
        parts[name] = evaluation_report(pair_scores(rewards, rows, table), level)
        if name == HELD_OUT:
            members = {
                member.folder: evaluation_report(
                    pair_scores(rewards, rows, table[i : i + 1], alone=True), level
                )["overall"]["tuned"]
                for i, member in enumerate(rewards.members)
            }
    return {
        "recipe": run.config.recipe,
        "base": run.config.base,
        "data_hash": run.data_hash,
        **parts[HELD_OUT],
        "held_out_people": parts.get(HELD_OUT_PEOPLE),
        "samples": [],
        "members": members,
    }


def pair_table(run: Run, rewards: RewardSet, rows: Sequence[PreferenceRow]) -> Any:
    """Every member's rewards of both completions: (members, rows, 2)."""
    prompts = [row.prompt for row in rows for _ in range(2)]
    completions = [text for row in rows for text in (row.chosen, row.rejected)]
    table = rewards.score(prompts, completions, partial(run.in_part, "evaluating"))
    return table.reshape(len(rewards.members), len(rows), 2)


def pair_scores(
    rewards: RewardSet, rows: Sequence[PreferenceRow], table: Any, *, alone: bool = False
) -> list[PairScores]:
    """Rewards and people's answers of each pair. alone: the table's one member answers for all."""
    found = []
    for i, row in enumerate(rows):
        own = [j for j, name in enumerate(rewards.communities) if name == row.community]
        chosen, rejected = combine(table[own if own and not alone else slice(None), i], "mean")
        lengths = [rewards.encoder.pair(row.prompt, text)[2] for text in (row.chosen, row.rejected)]
        found.append(
            PairScores(
                community=row.community,
                base=None,
                tuned=(float(chosen), float(rejected)),
                counted=(0, 0),  # a reward has no value per token
                lengths=(lengths[0], lengths[1]),
                answers=[(j.participant, j.answer) for j in row.judgements],
                item=repr((row.prompt, *sorted((row.chosen, row.rejected)))),
            )
        )
    return found


def _folder_of(community: str | None, number: int, members: int) -> str:
    """A member's folder in final/. Raises BadInput when a community's name cannot be one."""
    if community is None:
        return f"member-{number + 1}"
    if not re.fullmatch(r"[\w-]+", community):
        raise BadInput(
            f'{TRAIN}: a reward model for the community "{community}" alone needs a name of '
            "letters, digits, - and _, since a folder is named for it."
        )
    return f"community-{community}" + (f"-{number + 1}" if members > 1 else "")


def main(arguments: list[str] | None = None) -> int:
    """Run over the directory named on the command line; see `_run.execute` for exit codes."""
    return execute("reward", work, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
