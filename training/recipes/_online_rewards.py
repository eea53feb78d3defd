"""The one place that turns config.online.rewards into numbers for what a model wrote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from training.methods.rewards import (
    Scores,
    least_of_each,
    length_penalty,
    tournament,
    weighted_sum,
    worst_off,
)
from training.methods.verifiable import answer_reward, is_extractable
from training.recipes._errors import BadInput
from training.recipes._online_config import RewardPart
from training.recipes._rows import TRAIN, Messages, PromptRow

if TYPE_CHECKING:
    from training.recipes._run import Run


@dataclass(frozen=True)
class Written:
    """A completion that the model wrote. tokens: with its end marker, where it has one."""

    prompt: Messages
    completion: str
    tokens: int
    community: str
    answer: str | None


Score = Callable[[Sequence[Written]], Scores]


@dataclass(frozen=True)
class Reward:
    """A named reward and its weight in the sum. score: completions → (completions,), NaN where it
    says nothing. community: whose it is; "" for everyone's."""

    name: str
    score: Score
    weight: float = 1.0
    community: str = ""


@dataclass
class Rewards:
    """Every reward of a run, as one number for each completion.

    across None: the weighted sum. "completion" and "mean": MaxMin over the rewards' communities,
    see training.methods.rewards.
    """

    parts: Sequence[Reward]
    across: str | None = None

    def score(self, written: Sequence[Written]) -> tuple[Scores, dict[str, Scores]]:
        """(totals, name → reward of that part), each (completions,)."""
        found = {part.name: np.asarray(part.score(written), float) for part in self.parts}
        values = [found[part.name] for part in self.parts]
        if self.across is None:
            return weighted_sum(values, [part.weight for part in self.parts]), found
        by_community = self._by_community(found)
        if self.across == "completion":
            return least_of_each(by_community), found
        return by_community[worst_off(by_community)], found

    def _by_community(self, found: Mapping[str, Scores]) -> dict[str, Scores]:
        names = sorted({part.community for part in self.parts})
        mine = {name: [part for part in self.parts if part.community == name] for name in names}
        return {
            # Weights count within a community only: no community's rewards may be made larger.
            name: weighted_sum(
                [found[part.name] for part in parts],
                [part.weight / sum(p.weight for p in parts) for part in parts],
            )
            for name, parts in mine.items()
        }


def make_rewards(run: "Run", rows: Sequence[PromptRow], device: str) -> Rewards:
    """The rewards that a run's configuration names. Raises BadInput."""
    wanted = wanted_rewards(run)
    if not wanted and all(row.answer is not None for row in rows):
        wanted = (RewardPart(kind="answer"),)
    if not wanted:
        raise BadInput(
            'config.json: "online.rewards" is empty and not every row has an answer, so nothing '
            "would be learned."
        )
    parts: list[Reward] = []
    for part in wanted:
        parts += _MAKERS[part.kind](run, part, rows, device)
    return named_apart(parts, across_of(run))


def wanted_rewards(run: "Run") -> tuple[RewardPart, ...]:
    """The rewards of the configuration; online RLAIF has a judge whether it is named or not."""
    named = run.config.online.rewards if run.config.online else ()
    if run.config.recipe == "rlaif_online" and all(part.kind != "judge" for part in named):
        return (*named, RewardPart(kind="judge"))
    return named


def across_of(run: "Run") -> str | None:
    """How rewards of several communities are joined: only MaxMin does not add them up."""
    online = run.config.online
    return online.across if online and run.config.recipe == "maxmin" else None


def named_apart(parts: Sequence[Reward], across: str | None) -> Rewards:
    """Rewards whose names differ, as metrics need them. Raises BadInput when MaxMin has no two
    communities to choose between."""
    communities = {part.community for part in parts}
    if across is not None and (len(communities) < 2 or "" in communities):
        raise BadInput(
            'config.json: "online.rewards": maxmin needs the rewards of at least two communities, '
            'each with its "community", or a reward model with one member for each.'
        )
    seen: dict[str, int] = {}
    apart = []
    for part in parts:
        seen[part.name] = seen.get(part.name, 0) + 1
        name = part.name if seen[part.name] == 1 else f"{part.name} {seen[part.name]}"
        apart.append(Reward(name, part.score, part.weight, part.community))
    return Rewards(apart, across)


def extractable(written: Written) -> bool | None:
    """Whether a completion holds an answer of the wanted kind; None where none is wanted."""
    return None if written.answer is None else is_extractable(written.completion, written.answer)


def _answer(run: "Run", part: RewardPart, rows: Sequence[PromptRow], _device: str) -> list[Reward]:
    for row in rows:
        if row.answer is None:
            raise BadInput(f'{TRAIN}: row {row.id} has no "answer", which the reward compares.')

    def score(written: Sequence[Written]) -> Scores:
        return np.array([answer_reward(w.completion, w.answer or "", part.wrong) for w in written])

    return [Reward("answer", score, part.weight, part.community)]


def _length(_run: "Run", part: RewardPart, _rows: Any, _device: str) -> list[Reward]:
    def score(written: Sequence[Written]) -> Scores:
        return length_penalty([w.tokens for w in written], part.limit)

    return [Reward("length", score, part.weight, part.community)]


def _model(run: "Run", part: RewardPart, _rows: Any, device: str) -> list[Reward]:
    from training.recipes._rewards import load_rewards

    loaded = load_rewards(folder_of(run, part), device)
    members = [name or "" for name in loaded.communities]

    def all_members(written: Sequence[Written]) -> Scores:
        return loaded.score([w.prompt for w in written], [w.completion for w in written])

    if run.config.recipe == "maxmin" and all(members):
        remembered = remember_last(all_members)
        return [
            Reward(f"model {name}", _member(remembered, i), part.weight, name)
            for i, name in enumerate(members)
        ]
    return [Reward("model", combined(all_members, part, members), part.weight, part.community)]


def _member(all_members: Score, index: int) -> Score:
    def score(written: Sequence[Written]) -> Scores:
        row: Scores = all_members(written)[index]
        return row

    return score


def combined(all_members: Score, part: RewardPart, members: Sequence[str]) -> Score:
    from training.methods.reward_ensembles import combine

    def score(written: Sequence[Written]) -> Scores:
        scores = all_members(written)
        if part.combine == "own_community":
            picked: Scores = np.array([scores[_own(members, w), i] for i, w in enumerate(written)])
            return picked
        named = [name or None for name in members]
        return combine(scores, part.combine, penalty=part.penalty, communities=named)

    _check_members(part, members)
    return score


def _check_members(part: RewardPart, members: Sequence[str]) -> None:
    if part.combine in ("min_over_communities", "own_community") and not all(members):
        raise BadInput(
            f'config.json: "online.rewards": "{part.combine}" needs a reward model for each '
            "community, but this one learned from everyone's answers."
        )


def _own(members: Sequence[str], written: Written) -> int:
    if written.community not in members:
        raise BadInput(
            f'config.json: "online.rewards": no member of the reward model is for the community '
            f"{written.community}; it has {', '.join(members)}."
        )
    return members.index(written.community)


def remember_last(score: Score) -> Score:
    """The same scores without asking twice in a row about the same completions."""
    kept: list[tuple[Sequence[Written], Scores]] = []

    def remembered(written: Sequence[Written]) -> Scores:
        if not kept or kept[0][0] != written:
            kept[:] = [(written, score(written))]
        return kept[0][1]

    return remembered


def _steps(run: "Run", part: RewardPart, _rows: Any, device: str) -> list[Reward]:
    from training.methods.choosing import solution_score
    from training.recipes._steps import load_step_scorer

    scorer = load_step_scorer(folder_of(run, part), device)

    def score(written: Sequence[Written]) -> Scores:
        scored = scorer.score([(w.prompt, scorer.steps_of(w.completion)) for w in written])
        return np.array([solution_score(found) for found in scored])

    return [Reward("steps", score, part.weight, part.community)]


def _judge(run: "Run", part: RewardPart, _rows: Any, device: str) -> list[Reward]:
    from elicitation.kernel.language_models import from_checkpoint
    from training.recipes.rlaif import judge_from

    judge = judge_from(from_checkpoint(run.config.judge.model or run.config.base, device))
    return [Reward("judge", judged(run, judge), part.weight, part.community)]


def judged(run: "Run", judge: Any) -> Score:
    """Each completion's wins against its siblings, by a judge that reads sampled principles."""
    from training.methods.judging import Principle, label

    config = run.config
    principles = [Principle(a.number, a.text, a.weight) for a in config.constitution]

    def prefers(a: Written, b: Written) -> float:
        return label(
            judge,
            a.prompt,
            a.completion,
            b.completion,
            principles,
            count=config.judge.principles_per_pair,
            seed=f"{config.seed} {a.completion} {b.completion}",
        ).share

    def among(siblings: Sequence[Written]) -> Scores:
        return tournament(len(siblings), lambda i, j: prefers(siblings[i], siblings[j]))

    def score(written: Sequence[Written]) -> Scores:
        totals = np.zeros(len(written))
        groups: dict[str, list[int]] = {}
        for i, one in enumerate(written):
            groups.setdefault(repr(one.prompt), []).append(i)
        for group in groups.values():
            totals[group] = among([written[i] for i in group])
        return totals

    return score


def folder_of(run: "Run", part: RewardPart) -> Path:
    """Where a reward model lies: an absolute path, or one relative to the run directory."""
    folder = (run.folder / (part.folder or "")).resolve()
    if not folder.is_dir():
        raise BadInput(f'config.json: "online.rewards": there is no reward model at {folder}.')
    return folder


_MAKERS: Mapping[str, Callable[["Run", RewardPart, Sequence[PromptRow], str], list[Reward]]] = {
    "answer": _answer,
    "length": _length,
    "model": _model,
    "steps": _steps,
    "judge": _judge,
}
