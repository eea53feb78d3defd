"""What a run directory's config.json may say, its defaults, and where each default comes from."""

import dataclasses
import math
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from training.recipes._config_parts import (
    Article,
    GroupRobust,
    Judge,
    Kto,
    Lora,
    Orpo,
    Reward,
    StopWhen,
)
from training.recipes._errors import BadInput
from training.recipes._files import read_json
from training.recipes._online_config import ONLINE, ONLINE_RANGES, Online, check_online

CONFIG = "config.json"


@dataclass(frozen=True)
class Config:
    """Everything that decides a run, apart from its rows.

    seed 7: any fixed number. max_steps, batch_size: what two CPU cores do in about two minutes.
    learning_rate 1e-4: a LoRA run wants about ten times the rate of a full one (Schulman et al.
    2025, "LoRA Without Regret"); a full run wants 1e-5 or less. beta .1: Rafailov et al. 2023.
    loss "soft": the share of a community that prefers the chosen one is the label; "hard": the
    majority's side is; "length_normalised": soft, over log-ratios per token (Lambert et al. 2024,
    "Tülu 3"); "ipo": a square around ±1/(2 beta) over log-ratios per token (Azar et
    al. 2023; beta is their τ). ld_alpha 1: below it, what the longer completion has beyond the
    shorter one's length counts that much (Liu et al. 2024, "LD-DPO"). label_smoothing 0: shares
    already carry doubt. max_grad_norm 1 and optimizer: transformers' defaults. schedule
    "constant": short runs have no time to decay. merge: write whole weights at the end, with the
    adapters added in. max_tokens, max_prompt_tokens: memory; what is cut is counted in the card.
    keep_checkpoints 2: the one being written and the one before it. level .95: convention.
    threads null: all cores.
    """

    # fmt: off
    recipe: Literal[
        "sft", "dpo", "rlaif", "kto", "orpo", "reward", "stepwise",
        "grpo", "rloo", "maxmin", "ppo", "reft", "rejection", "best_of_n", "rlaif_online",
    ]
    # fmt: on
    base: str
    seed: int = 7
    max_steps: int = 12
    batch_size: int = 4
    gradient_accumulation: int = 1
    learning_rate: float = 1e-4
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    warmup_steps: int = 0
    max_grad_norm: float = 1.0
    weight_decay: float = 0.0
    beta: float = 0.1
    loss: Literal["soft", "hard", "length_normalised", "ipo"] = "soft"
    ld_alpha: float = 1.0
    label_smoothing: float = 0.0
    group_robust: GroupRobust | None = None
    lora: Lora | None = field(default_factory=Lora)
    merge: bool = False
    max_tokens: int = 192
    max_prompt_tokens: int = 128
    save_every: int = 4
    keep_checkpoints: int = 2
    evaluate: bool = True
    eval_batch_size: int = 16
    level: float = 0.95
    samples: int = 3
    sample_tokens: int = 48
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    judge: Judge = field(default_factory=Judge)
    kto: Kto = field(default_factory=Kto)
    orpo: Orpo = field(default_factory=Orpo)
    reward: Reward = field(default_factory=Reward)
    stop_when: StopWhen = field(default_factory=StopWhen)
    online: Online | None = None
    constitution: tuple[Article, ...] = ()
    constitution_version: str = ""
    snapshot: str = ""
    about: dict[str, str] = field(default_factory=dict)


# What only some recipes read. A field that stands here is refused by all others.
OWN: dict[str, tuple[str, ...]] = {
    "sft": (),
    "dpo": ("beta", "loss", "ld_alpha", "label_smoothing", "group_robust"),
    "rlaif": ("beta", "loss", "ld_alpha", "label_smoothing", "group_robust", "judge"),
    "kto": ("beta", "kto"),
    "orpo": ("loss", "label_smoothing", "orpo"),
    "reward": ("loss", "label_smoothing", "reward"),
    "stepwise": (),
    **dict.fromkeys(ONLINE, ("judge", "online")),
}
# Which watches a recipe measures at each step.
WATCHES: dict[str, tuple[str, ...]] = {
    "sft": ("entropy_below",),
    "dpo": ("kl_above", "entropy_below"),
    "rlaif": ("kl_above", "entropy_below"),
    "kto": ("kl_above", "entropy_below"),
    "orpo": ("entropy_below",),
    "reward": (),
    "stepwise": (),
    **dict.fromkeys(ONLINE, ("kl_above", "entropy_below", "distinct_below", "length_above")),
}

# The lowest and the highest value allowed, by a field's last name.
RANGES: dict[str, tuple[float, float]] = {
    "max_steps": (1, math.inf),
    "batch_size": (1, math.inf),
    "gradient_accumulation": (1, math.inf),
    "learning_rate": (0, math.inf),
    "warmup_steps": (0, math.inf),
    "max_grad_norm": (0, math.inf),
    "weight_decay": (0, math.inf),
    "beta": (1e-9, math.inf),
    "label_smoothing": (0, 0.5),
    "eta": (0, math.inf),
    "r": (1, math.inf),
    "alpha": (1, math.inf),
    "dropout": (0, 0.99),
    "max_tokens": (8, math.inf),
    "max_prompt_tokens": (1, math.inf),
    "save_every": (1, math.inf),
    "keep_checkpoints": (2, math.inf),
    "eval_batch_size": (1, math.inf),
    "level": (0.5, 0.999),
    "samples": (0, math.inf),
    "sample_tokens": (1, math.inf),
    "threads": (1, math.inf),
    "principles_per_pair": (1, math.inf),
    "weight": (0, math.inf),
    **ONLINE_RANGES,
}


def read_config(folder: Path, recipe: str) -> Config:
    """The configuration in a run directory, for this recipe.

    Raises BadInput with a sentence that names file and field.
    """
    config = parse_config(read_json(folder / CONFIG))
    if config.recipe != recipe:
        raise BadInput(f'{CONFIG}: "recipe" is "{config.recipe}", but this is the recipe {recipe}.')
    return config


def parse_config(values: Any) -> Config:
    """A Config from a decoded JSON object. Raises BadInput."""
    config: Config = _build(Config, values, "")
    if config.max_prompt_tokens >= config.max_tokens:
        raise BadInput(
            f'{CONFIG}: "max_prompt_tokens" ({config.max_prompt_tokens}) must be smaller than '
            f'"max_tokens" ({config.max_tokens}), or no completion is left to learn from.'
        )
    if config.recipe == "rlaif" and not config.constitution:
        raise BadInput(f'{CONFIG}: "constitution" is empty; rlaif needs principles to judge by.')
    check_online(config)
    _refuse_unread(config)
    _refuse_clashes(config)
    return config


def _refuse_unread(config: Config) -> None:
    """Refuse a setting that would silently change nothing."""
    mine, watches = OWN[config.recipe], WATCHES[config.recipe]
    usual = {f.name: _default(f) for f in dataclasses.fields(Config)}
    for name in sorted({name for names in OWN.values() for name in names} - set(mine)):
        if getattr(config, name) != usual[name]:
            readers = ", ".join(recipe for recipe, names in OWN.items() if name in names)
            raise BadInput(
                f'{CONFIG}: "{name}" is for {readers}; the recipe {config.recipe} does not read it.'
            )
    for name, limit in dataclasses.asdict(config.stop_when).items():
        if limit is not None and name not in watches:
            raise BadInput(
                f'{CONFIG}: "stop_when.{name}" cannot be watched: the recipe {config.recipe} '
                "does not measure that while it trains."
            )


def _refuse_clashes(config: Config) -> None:
    if config.recipe in ("orpo", "reward") and config.loss not in ("soft", "hard"):
        raise BadInput(
            f'{CONFIG}: "loss" of the recipe {config.recipe} must be "soft" or "hard", not '
            f'"{config.loss}".'
        )
    if config.ld_alpha < 1 and config.loss in ("length_normalised", "ipo"):
        raise BadInput(
            f'{CONFIG}: "ld_alpha" and the loss "{config.loss}" both allow for length; choose one.'
        )
    if config.merge and config.lora is None:
        raise BadInput(f'{CONFIG}: "merge" needs "lora": without adapters nothing can be merged.')


def _default(spec: "dataclasses.Field[Any]") -> Any:
    made = spec.default_factory
    return spec.default if made is dataclasses.MISSING else made()


def as_json(config: Config) -> dict[str, Any]:
    """A configuration with every default spelled out."""
    return dataclasses.asdict(config)


def _build(kind: Any, values: Any, where: str) -> Any:
    """A dataclass from an object, each field checked by its annotation."""
    if not isinstance(values, dict):
        raise BadInput(f"{CONFIG}: {where or 'the file'} must be an object with named fields.")
    fields = {f.name: f for f in dataclasses.fields(kind)}
    prefix = f"{where}." if where else ""
    for name in values:
        if name not in fields:
            known = ", ".join(sorted(fields))
            raise BadInput(f'{CONFIG}: there is no field "{prefix}{name}". Known: {known}.')
    for name, spec in fields.items():
        no_default = spec.default is spec.default_factory is dataclasses.MISSING
        if no_default and name not in values:
            raise BadInput(f'{CONFIG}: the field "{prefix}{name}" is missing.')
    hints = typing.get_type_hints(kind)
    return kind(**{name: _read(hints[name], v, f"{prefix}{name}") for name, v in values.items()})


def _read(hint: Any, value: Any, where: str) -> Any:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if value is None else _read(parts[0], value, where)
    if origin is Literal:
        if value not in parts:
            choices = ", ".join(f'"{part}"' for part in parts)
            raise BadInput(f'{CONFIG}: "{where}" must be one of {choices}, not {value!r}.')
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise BadInput(f'{CONFIG}: "{where}" must be a list.')
        return tuple(_read(parts[0], part, f"{where}[{i}]") for i, part in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise BadInput(f'{CONFIG}: "{where}" must be an object whose values are text.')
        return dict(value)
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where)
    return _scalar(hint, value, where)


def _scalar(hint: type, value: Any, where: str) -> Any:
    words = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
    if hint is float and type(value) is int:
        value = float(value)
    if type(value) is not hint:
        raise BadInput(f'{CONFIG}: "{where}" must be {words[hint]}, not {value!r}.')
    if hint in (int, float):
        _check_range(value, where)
    return value


def _check_range(value: Any, where: str) -> None:
    low, high = RANGES.get(where.rpartition(".")[2], (-math.inf, math.inf))
    if not (low <= value <= high and math.isfinite(value)):
        limit = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise BadInput(f'{CONFIG}: "{where}" must be {limit}, not {value:g}.')
