"""What config.json may say for recipes that learn from what the model itself writes."""

from dataclasses import dataclass, field
from typing import Any, Literal

from training.recipes._errors import BadInput

ONLINE = ("grpo", "rloo", "maxmin", "ppo", "reft", "rejection", "best_of_n", "rlaif_online")
# Files of rows that only these recipes know: prompts with answers to be tested on, and the
# demonstrations that ReFT begins with.
HELD_OUT_ANSWERS, DEMONSTRATIONS = "heldout_answers.jsonl", "demonstrations.jsonl"


@dataclass(frozen=True)
class RewardPart:
    """One thing that is rewarded.

    kind "model": a reward model, `folder` being the final/ of a run of `reward`; "steps": a
    process reward model, `folder` being the final/ of a run of `stepwise`; "answer": the row's
    answer, 1 when right, `wrong` for another number, 0 for none (Luong et al. 2024: .1, so that
    the form is learned before the sum is); "length": minus the tokens beyond `limit`, as parts of
    it; "judge": the share of comparisons with its siblings that the judge of `judge` gives a
    completion. weight: factor in the sum. combine: what to make of an ensemble's members (Coste et
    al. 2024); penalty: λ of "variance_penalised", their .1 for PPO. community: whose reward this
    is; "" for everyone's.
    """

    kind: Literal["model", "steps", "answer", "length", "judge"]
    folder: str | None = None
    weight: float = 1.0
    combine: Literal[
        "mean", "worst", "variance_penalised", "min_over_communities", "own_community"
    ] = "mean"
    penalty: float = 0.1
    wrong: float = 0.1
    limit: int = 32
    community: str = ""


@dataclass(frozen=True)
class Critic:
    """PPO's second model, which foresees rewards (Schulman et al. 2017; Ouyang et al. 2022).

    gae_lambda .95, discount 1: Ouyang et al. 2022 and Luong et al. 2024. epochs: passes over a
    step's completions for the critic; 4: Schulman et al. 2017 take 3 to 10. learning_rate 1e-4:
    like the policy's with adapters; large critics want 1e-5 or less.
    """

    gae_lambda: float = 0.95
    discount: float = 1.0
    epochs: int = 4
    learning_rate: float = 1e-4


@dataclass(frozen=True)
class WarmUp:
    """The imitation that ReFT begins with (Luong et al. 2024, section 3.1), over
    demonstrations.jsonl. steps: they take 1 to 2 passes over theirs."""

    steps: int = 12
    learning_rate: float = 1e-4


@dataclass(frozen=True)
class Search:
    """A beam over steps (Snell et al. 2024, section 5.2): `beams` beginnings are kept, each goes
    on in `branches` ways, up to `depth` steps. 4 and 4: their smallest."""

    beams: int = 4
    branches: int = 4
    depth: int = 8


@dataclass(frozen=True)
class Online:
    """How a model learns from what it writes itself.

    generations 4: completions for each prompt, what two CPU cores do; Ahmadian et al. 2024 find 4
    better than 2, Shao et al. 2024 take 64. batch_size × gradient_accumulation counts completions
    and must hold whole groups of them. rewards: where none is named and every row has an answer,
    the answer. kl .05: the price of a nat away from the base,
    as in RLOO's and ReFT's papers (Ahmadian et al. 2024; Luong et al. 2024); Shao et al. 2024 take
    .04. clip .2, iterations 1: Schulman et al. 2017 and Shao et al. 2024. scale "group": rewards
    of a prompt are divided by their own spread, as Shao et al. 2024 do; "none" leaves them (Liu et
    al. 2025 find less bias towards short and hard prompts). temperature 1: the policy itself.
    across "completion": MaxMin takes the least reward of each completion; "mean": that of the
    community worst off over the step's completions (Chakraborty et al. 2024, algorithm 1).
    least: rejection leaves out a prompt whose best completion is rewarded less (null: never).
    search: best_of_n also searches by steps, with a reward of kind "steps".
    """

    rewards: tuple[RewardPart, ...] = ()
    generations: int = 4
    new_tokens: int = 48
    temperature: float = 1.0
    kl: float = 0.05
    clip: float = 0.2
    iterations: int = 1
    scale: Literal["group", "batch", "none"] = "group"
    across: Literal["completion", "mean"] = "completion"
    critic: Critic | None = None
    warm_up: WarmUp = field(default_factory=WarmUp)
    least: float | None = None
    search: Search | None = None


# The lowest and the highest value allowed, by a field's last name.
ONLINE_RANGES: dict[str, tuple[float, float]] = {
    "penalty": (0, float("inf")),
    "wrong": (0, 1),
    "limit": (1, float("inf")),
    "gae_lambda": (0, 1),
    "discount": (0, 1),
    "epochs": (1, float("inf")),
    "steps": (0, float("inf")),
    "generations": (2, float("inf")),
    "new_tokens": (1, float("inf")),
    "temperature": (1e-3, float("inf")),
    "kl": (0, float("inf")),
    "clip": (1e-6, 1),
    "iterations": (1, float("inf")),
    "beams": (1, float("inf")),
    "branches": (1, float("inf")),
    "depth": (1, float("inf")),
}


def check_online(config: Any) -> None:
    """Raise BadInput when a Config's part "online" does not suit its recipe."""
    online: Online | None = config.online
    if config.recipe not in ONLINE:
        return  # whether it is set all the same is told with the other settings
    if online is None:
        raise BadInput(f'config.json: "online" is missing; {config.recipe} needs its settings.')
    for i, part in enumerate(online.rewards):
        _check_part(part, f"online.rewards[{i}]", config)
    if online.search and not any(part.kind == "steps" for part in online.rewards):
        raise BadInput('config.json: "online.search" needs a reward of kind "steps" to go by.')
    if config.recipe in ("grpo", "rloo", "maxmin", "ppo", "reft", "rlaif_online"):
        _check_groups(config, online)


def _check_part(part: RewardPart, where: str, config: Any) -> None:
    if part.kind in ("model", "steps") and not part.folder:
        raise BadInput(f'config.json: "{where}.folder" is missing; it names the reward model.')
    if part.kind == "answer" and config.recipe == "best_of_n":
        raise BadInput(
            f'config.json: "{where}": best_of_n is tested by the answers; choosing by them would '
            "be no test."
        )
    if part.kind == "judge" and not config.constitution:
        raise BadInput('config.json: "constitution" is empty; a judge needs principles.')


def _check_groups(config: Any, online: Online) -> None:
    completions = config.batch_size * config.gradient_accumulation
    if completions % online.generations:
        raise BadInput(
            f'config.json: a step has {completions} completions ("batch_size" × '
            f'"gradient_accumulation"), which is no multiple of "online.generations" '
            f"({online.generations}), so a prompt's group would be cut."
        )
