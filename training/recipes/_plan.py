"""What a chain's plan.json may say: stages in order, and what people gave for each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.recipes._config import CONFIG, Config, parse_config
from training.recipes._errors import BadInput
from training.recipes._files import read_json
from training.recipes._rows import HELD_OUT, TRAIN

PLAN = "plan.json"
GIVEN = ("demonstrations", "corrections", "preferences", "shaping")
WHEN = ("offline", "online", "on-policy")
# These leave something that scores completions, not something that writes them.
SCORERS = ("reward", "stepwise")
REPORTS = ("best_of_n",)
STAGE = "stage:"


@dataclass(frozen=True)
class Human:
    """What people gave for a stage, when, and at what cost.

    The words are those of human-in-the-loop reinforcement learning: demonstrations, corrections
    (rewrites), preferences (pairs, thumbs, votes), shaping (rewards or principles); offline (before
    any training), online (while it goes on), on-policy (of what this very model wrote).
    """

    given: str
    when: str
    minutes: float


@dataclass(frozen=True)
class Stage:
    """One run of a chain. folder: its run directory's name. data: where its rows come from."""

    name: str
    folder: str
    recipe: str
    data: Path
    values: dict[str, Any]
    human: tuple[Human, ...]

    def config(self, base: str) -> Config:
        """The stage's configuration on this base. Raises BadInput, naming the stage."""
        return _named(self.name, {**self.values, "recipe": self.recipe, "base": base})


@dataclass(frozen=True)
class Plan:
    """A base and the stages that follow one another."""

    base: str
    stages: tuple[Stage, ...]


def read_plan(folder: Path) -> Plan:
    """The plan in a directory, every stage of it checked before any is run.

    Raises BadInput with a sentence that names file and stage.
    """
    values = read_json(folder / PLAN)
    if not isinstance(values, dict) or set(values) != {"base", "stages"}:
        raise BadInput(f'{PLAN}: must be an object with "base" and "stages".')
    if not isinstance(values["base"], str) or not isinstance(values["stages"], list):
        raise BadInput(f'{PLAN}: "base" must be text and "stages" a list.')
    stages: list[Stage] = []
    for number, told in enumerate(values["stages"], start=1):
        stages.append(_stage(folder, number, told, stages))
    if not stages:
        raise BadInput(f'{PLAN}: "stages" is empty.')
    return Plan(values["base"], tuple(stages))


def _stage(folder: Path, number: int, told: Any, before: list[Stage]) -> Stage:
    where = f"{PLAN}: stage {number}"
    known = {"name", "recipe", "data", "config", "human"}
    if not isinstance(told, dict) or not {"name", "recipe", "data"} <= set(told) <= known:
        raise BadInput(f'{where} must have "name", "recipe", "data", and may have config, human.')
    name = told["name"]
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
        raise BadInput(f'{where}: "name" must be letters, digits, hyphens and underscores.')
    if name in {stage.name for stage in before}:
        raise BadInput(f'{where}: the name "{name}" was there before.')
    values = told.get("config", {})
    if not isinstance(values, dict) or {"base", "recipe"} & set(values):
        raise BadInput(f'{where}: "config" must be an object without "base" and "recipe".')
    data = (folder / str(told["data"])).resolve()
    for file in (TRAIN, HELD_OUT):
        if not (data / file).is_file():
            raise BadInput(f'{where}: "data": there is no {file} in {data}.')
    human = tuple(_human(one, where) for one in told.get("human", []))
    stage = Stage(
        name,
        f"{number:02d}-{name}",
        str(told["recipe"]),
        data,
        _with_folders(values, before, where, merged=str(told["recipe"]) not in SCORERS),
        human,
    )
    stage.config("base")
    return stage


def _with_folders(
    values: dict[str, Any], before: list[Stage], where: str, *, merged: bool
) -> dict[str, Any]:
    """Settings with "stage:NAME" replaced by that stage's result, seen from a run directory."""
    places = {stage.name: f"../{stage.folder}/final" for stage in before}

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: replaced(part) for key, part in value.items()}
        if isinstance(value, list):
            return [replaced(part) for part in value]
        if isinstance(value, str) and value.startswith(STAGE):
            name = value.removeprefix(STAGE)
            if name not in places:
                raise BadInput(f'{where}: there is no stage "{name}" before it.')
            return places[name]
        return value

    # The next stage begins from whole weights.
    trains_adapters = merged and values.get("lora", {}) is not None
    told: dict[str, Any] = replaced(values)
    return {**told, "merge": True} if trains_adapters else told


def _human(told: Any, where: str) -> Human:
    wanted = f'"human" is a list of {{"given": one of {", ".join(GIVEN)}, "when": one of '
    wanted += f'{", ".join(WHEN)}, "minutes": a number from 0}}'
    if not isinstance(told, dict) or set(told) != {"given", "when", "minutes"}:
        raise BadInput(f"{where}: {wanted}.")
    minutes = told["minutes"]
    fits = type(minutes) in (int, float) and 0 <= minutes < float("inf")
    if told["given"] not in GIVEN or told["when"] not in WHEN or not fits:
        raise BadInput(f"{where}: {wanted}.")
    return Human(told["given"], told["when"], float(minutes))


def _named(name: str, values: dict[str, Any]) -> Config:
    try:
        return parse_config(values)
    except BadInput as error:
        sentence = str(error).removeprefix(f"{CONFIG}: ")
        raise BadInput(f'{PLAN}: stage "{name}": {sentence}') from None
