"""From an analysis to candidates for principles: statements as written, preferences as found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deliberation.models import Statement
from elicitation.models import Participant
from policy.errors import PolicyRefused
from policy.methods.principles import Candidate, Stance, stance_from_bounds
from policy.models import Analysis, Citation, FaultLine, Principle

# An amount (length, hedging) must differ by half a usual difference for a principle to bear on it.
THRESHOLD_IN_UNITS = 0.5
# The share of false discoveries allowed among the features of one community and theme.
LEVEL = 0.05
NAN = float("nan")
OPINION_GROUPS = "opinion_groups"
COMMUNITIES = "communities"


@dataclass(frozen=True)
class Proposal:
    """A candidate with everything that a principle made from it will carry."""

    candidate: Candidate
    citation: dict[str, Any]
    measure: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Basis:
    """Between whom a draft weighs: declared communities, or opinion groups where there is one.

    names: label → what people call it. only: the single community a draft is for, or "".
    """

    label_set: str
    names: Mapping[str, str]
    only: str = ""


def basis_of(analysis: Analysis, community: str = "") -> Basis:
    """Between whom a draft from this analysis weighs, or the one community it is for."""
    names = {one["slug"]: one["name"] for one in analysis.result["communities"]}
    if community and community not in names:
        raise PolicyRefused(f"{analysis} was made before this community joined; run a new one.")
    if community:
        return Basis(COMMUNITIES, {community: names[community]}, community)
    return basis_in(analysis.result)


def basis_in(result: Mapping[str, Any]) -> Basis:
    """Communities come first; within a single one, opinion groups that are stable enough."""
    names = {one["slug"]: one["name"] for one in result["communities"]}
    groups = result["label_sets"].get(OPINION_GROUPS, {})
    if len(names) == 1 and groups.get("supported"):
        labels = sorted(groups["labels"])
        return Basis(OPINION_GROUPS, {label: f"opinion group {label}" for label in labels})
    return Basis(COMMUNITIES, names)


def proposals(analysis: Analysis, basis: Basis) -> list[Proposal]:
    """Everything that this analysis lets a constitution say."""
    lines = list(analysis.fault_lines.all())
    found = [*_from_statements(analysis, basis, lines)]
    if basis.label_set == COMMUNITIES:
        found += _from_preferences(analysis, basis, lines)
    else:
        found += _from_the_one_community(analysis, basis, lines)
    if not found:
        raise PolicyRefused(
            f"{analysis} holds no votes and no preferences, so there is nothing to draft from."
        )
    return found


def resolution_for(proposal: Proposal, status: str) -> str:
    """The resolution a contested principle declares until people choose another.

    What completions should be like can differ between communities, each with its own rows; what
    should be done about a matter that divides people is shown from both sides.
    """
    if status != Principle.Status.CONTESTED:
        return Principle.Resolution.NONE
    if proposal.measure:
        return Principle.Resolution.PER_COMMUNITY
    return Principle.Resolution.PRESENT_BOTH


def _from_statements(
    analysis: Analysis, basis: Basis, lines: list[FaultLine]
) -> Iterable[Proposal]:
    on_line = _line_of(lines, "statement")
    approvers = _approvers(analysis, basis)
    for row in analysis.result["statements"]:
        counted = row["label_sets"].get(basis.label_set)
        if counted is None or row["moderation"] == Statement.Moderation.OUT:
            continue
        groups = {name: counted["groups"].get(name) for name in basis.names}
        bounds = {n: (g["low"], g["high"]) if g else (None, None) for n, g in groups.items()}
        stances = {name: _stance(*bound) for name, bound in bounds.items()}
        candidate = Candidate(
            key=f"statement:{row['external_id']}",
            text=row["text"],
            stances=stances,
            support={name: NAN if low is None else low for name, (low, _) in bounds.items()},
            approvers=approvers.get(row["id"], frozenset()),
            fault_line=on_line.get(row["id"]),
            topic=f"twin:{row['twin_of'] or row['external_id']}:{_pattern(stances)}",
            kind="statement",
        )
        yield Proposal(
            candidate,
            {"kind": Citation.Kind.STATEMENT, "statement_id": row["id"], "numbers": counted},
            numbers={"groups": groups, "label_set": basis.label_set},
        )


def _pattern(stances: Mapping[str, Stance]) -> str:
    """Who is for and who against: texts alike in words but not in this say different things."""
    return ",".join(f"{name}={stance}" for name, stance in sorted(stances.items()))


def _from_preferences(
    analysis: Analysis, basis: Basis, lines: list[FaultLine]
) -> Iterable[Proposal]:
    """One candidate per feature and theme: all that some community credibly prefers about it."""
    section = analysis.result["preferences"]
    on_line = _line_of(lines, "preference")
    effects: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for slug in basis.names:
        for theme, fitted in section["communities"].get(slug, {}).get("themes", {}).items():
            for effect in fitted["effects"]:
                effects.setdefault((effect["feature"], theme), {})[slug] = effect
    comparable = comparable_in(analysis.result, basis)
    for (feature, theme), by_community in sorted(effects.items()):
        unit = section["units"][feature]
        for one in comparable:
            ours = {slug: effect for slug, effect in by_community.items() if slug in one.names}
            for proposal in _preference(feature, theme, ours, one, on_line, unit):
                yield proposal if one is basis else _beside(proposal, one, basis)


def _from_the_one_community(
    analysis: Analysis, basis: Basis, lines: list[FaultLine]
) -> Iterable[Proposal]:
    """Preferences where opinion groups are weighed: they are measured over the whole community,
    not group by group, so what it prefers is taken as said for each of its groups."""
    (community,) = analysis.result["communities"]
    whole = Basis(COMMUNITIES, {community["slug"]: community["name"]})
    for proposal in _from_preferences(analysis, whole, lines):
        said, one = proposal.candidate, community["slug"]
        candidate = replace(
            said,
            stances=dict.fromkeys(basis.names, said.stances[one]),
            support=dict.fromkeys(basis.names, said.support[one]),
        )
        yield replace(proposal, candidate=candidate)


def _beside(proposal: Proposal, one: Basis, basis: Basis) -> Proposal:
    """One community's proposal among others that it cannot speak of, and so are unclear."""
    stances: dict[str, Stance] = dict.fromkeys(basis.names, "unclear")
    support = dict.fromkeys(basis.names, NAN)
    candidate = replace(
        proposal.candidate,
        text=f"{one.names[one.only]}: {proposal.candidate.text}",
        stances=stances | dict(proposal.candidate.stances),
        support=support | dict(proposal.candidate.support),
    )
    return replace(proposal, candidate=candidate)


def comparable_in(result: Mapping[str, Any], basis: Basis) -> list[Basis]:
    """The basis itself, or each community alone where differences between them are not identified.

    Communities that judged different pairs cannot be said to agree or to disagree about them.
    """
    if all(one["identified"] for one in result["identified"]):
        return [basis]
    return [Basis(COMMUNITIES, {slug: name}, slug) for slug, name in basis.names.items()]


def _preference(
    feature: str,
    theme: str,
    effects: Mapping[str, Mapping[str, Any]],
    basis: Basis,
    on_line: Mapping[Any, int],
    unit: float,
) -> Iterable[Proposal]:
    directions = {
        slug: 1 if effect["chosen_low"] > 0.5 else -1
        for slug, effect in effects.items()
        if is_clear(effect)
    }
    if not directions:
        return
    leading = max(directions, key=lambda slug: (_support(effects[slug], directions[slug]), slug))
    towards = directions[leading]
    stances: dict[str, Stance] = {}
    for slug in basis.names:
        if slug in directions:
            stances[slug] = "for" if directions[slug] == towards else "against"
        else:
            stances[slug] = "unclear"
    amount = effects[leading]["kind"] == "amount"
    everyone = set(directions) == set(basis.names) and len(set(directions.values())) == 1
    yield Proposal(
        Candidate(
            key=f"preference:{basis.only}:{theme}:{feature}",
            text=_preference_text(theme, directions, effects, basis),
            stances=stances,
            support={s: _support(effects[s], towards) if s in effects else NAN for s in stances},
            fault_line=on_line.get((feature, theme)),
            topic=f"feature:{basis.only}:{feature}",
            kind="preference",
        ),
        {
            "kind": Citation.Kind.PREFERENCE,
            "numbers": {"theme": theme, "effects": {s: _cited(e) for s, e in effects.items()}},
        },
        measure={
            "feature": feature,
            "theme": theme,
            "threshold": THRESHOLD_IN_UNITS * unit if amount else 0.0,
            "directions": {"": towards} if everyone and not basis.only else directions,
        },
        numbers={"effects": {slug: _brief(effect) for slug, effect in effects.items()}},
    )


def _preference_text(
    theme: str,
    directions: Mapping[str, int],
    effects: Mapping[str, Mapping[str, Any]],
    basis: Basis,
) -> str:
    """The preference in the analysis's own words, each side with its own where they differ."""
    phrases = {slug: _phrase(effects[slug]) for slug in directions}
    where = f"On {theme.lower()}: " if theme else ""
    if len(set(directions.values())) == 1:
        return f"{where}{next(iter(phrases.values()))}."
    sides = [f"{basis.names[slug]}: {phrases[slug]}" for slug in basis.names if slug in phrases]
    return f"{where}{'. '.join(sides)}."


def _phrase(effect: Mapping[str, Any]) -> str:
    words = effect["phrase"].removeprefix("prefers ").replace("completions", "answers")
    return f"Prefer {words}"


def _support(effect: Mapping[str, Any], direction: int) -> float:
    """The lower bound of the probability that this direction is chosen."""
    if effect["chosen_low"] is None:
        return NAN
    return float(effect["chosen_low"] if direction > 0 else 1 - effect["chosen_high"])


def is_clear(effect: Mapping[str, Any]) -> bool:
    """Whether a direction can be told, allowing for how many features were looked at."""
    if effect["chosen_low"] is None or effect["q"] is None or effect["q"] > LEVEL:
        return False
    return bool(effect["chosen_low"] > 0.5 or effect["chosen_high"] < 0.5)


def _cited(effect: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers without the completions that show them: some of these are behind warnings."""
    return {name: value for name, value in effect.items() if name != "examples"}


def _brief(effect: Mapping[str, Any]) -> dict[str, Any]:
    names = ("chosen", "chosen_low", "chosen_high", "rests_on", "pairs_differing", "p")
    return {name: effect[name] for name in names}


def _stance(low: float | None, high: float | None) -> Stance:
    if low is None or high is None:
        return "unclear"
    return stance_from_bounds(low, high)


def _line_of(lines: Iterable[FaultLine], kind: str) -> dict[Any, int]:
    """Statement id, or (feature, theme), → the first fault line that it stands on."""
    found: dict[Any, int] = {}
    for line in lines:
        for item in line.detail["items"]:
            if item["kind"] == kind:
                key = item["id"] if kind == "statement" else (item["feature"], item["theme"])
                found.setdefault(key, line.number)
    return found


def _approvers(analysis: Analysis, basis: Basis) -> dict[int, frozenset[str]]:
    """Statement id → the people who agreed with it when analysed, of those the draft is for."""
    here = Participant.objects.filter(workshop=analysis.workshop, withdrawn_at=None)
    if basis.only:
        here = here.filter(seat__community__slug=basis.only)
    counted = set(here.values_list("id", flat=True))
    return {
        int(statement): frozenset(str(person) for person in people if person in counted)
        for statement, people in analysis.approvers.items()
    }
