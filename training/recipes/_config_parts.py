"""The parts of a run's configuration that belong to one family of recipes, with their sources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters (Hu et al. 2021) in place of training every weight.

    r 8: their table 6, where more gained little. alpha 16: the common 2 r. dropout 0: TRL's DPO
    switches it off, so that policy and reference differ by the weights alone.
    """

    r: int = 8
    alpha: int = 16
    dropout: float = 0.0
    targets: str = "all-linear"


@dataclass(frozen=True)
class GroupRobust:
    """Group-robust weights over communities. eta .01: Ramesh et al. 2024's default.

    A run of a few dozen steps needs more, .03 to .1; from .3 on the weights run ahead of what the
    model learns and oscillate.
    """

    eta: float = 0.01


@dataclass(frozen=True)
class Judge:
    """Who labels pairs in RLAIF. model null: the base itself. principles_per_pair: how many
    sampled principles are asked about, each in both orders (Bai et al. 2022 sample one at a time
    and average over many comparisons)."""

    model: str | None = None
    principles_per_pair: int = 3


@dataclass(frozen=True)
class Article:
    """One principle of the constitution, as the judge reads it and as the card prints it."""

    number: int
    text: str
    weight: float = 1.0
    status: str = ""


@dataclass(frozen=True)
class Kto:
    """Learning from praised and blamed completions one by one (Ethayarajh et al. 2024).

    desirable_weight, undesirable_weight: λ_D and λ_U. Where null, the rarer side is raised so that
    both weigh the same in all (the paper wants λ_D n_D / λ_U n_U within 1 to 4/3).
    """

    desirable_weight: float | None = None
    undesirable_weight: float | None = None


@dataclass(frozen=True)
class Orpo:
    """Imitation and odds ratio in one loss (Hong et al. 2024). odds_weight .1: their λ for 7 B."""

    odds_weight: float = 0.1


@dataclass(frozen=True)
class Reward:
    """Reward models (Bradley-Terry). members 1; Coste et al. 2024 use 5 seeds for an ensemble.

    per_community: models that each learn from one community alone. margin 0: how many nats a
    unanimous pair must lie further apart (Touvron et al. 2023, section 3.2.2, with the majority's
    lead in place of a rating). length_debiased: take a linear trend in length, fitted within
    prompts after training, out of the scores (Huang et al. 2024, "Post-hoc reward calibration",
    who fit it locally).
    """

    members: int = 1
    per_community: bool = False
    margin: float = 0.0
    length_debiased: bool = False


@dataclass(frozen=True)
class StopWhen:
    """Watches: a run stops, saved, at the first step beyond one of these. null: not watched.

    kl_above: nats a completion, as the step's `kl_estimate` says. entropy_below: nats a token.
    distinct_below: share of different word pairs (distinct-2, Li et al. 2016) in what was
    generated. length_above: mean tokens of what was generated.
    """

    kl_above: float | None = None
    entropy_below: float | None = None
    distinct_below: float | None = None
    length_above: float | None = None
