"""A line from an analysis to a report, made by hand, for tests of what pages show.

Two communities on a river: fishers agree with what farmers refuse, and both want honesty.
"""

import json
from pathlib import Path
from typing import Any

from deliberation.models import Statement
from elicitation.models import AnswerEvent, Participant, Prompt, Workshop
from policy.models import Analysis, ConstitutionVersion
from policy.services import draft_constitution, store_analysis
from training.models import Checkpoint, DatasetSnapshot, EvaluationReport, TrainingRun

ROW = "b" * 64
SNAPSHOT = "a" * 64
SENTENCE = "Fishers and farmers judged enough of the same pairs."
UNTESTED = {"explains_votes_p": None, "explains_votes_share": None, "flagged": True}


def empty_result() -> dict[str, Any]:
    """An analysis of a workshop in which nobody has said anything."""
    nothing = {"all": None, "communities": {}, "across": [], "note": "Nobody voted."}
    nobody = {"people": 0, "votes": 0, "preferences": 0}
    sentence = "There are no opinion groups: nobody voted."
    return {
        "communities": [
            {"slug": "fishers", "name": "Fishers", **nobody},
            {"slug": "farmers", "name": "Farmers", **nobody},
        ],
        "statements": [],
        "label_sets": {
            "opinion_groups": {"labels": {}, **UNTESTED, "k": 0, "supported": False}
            | {"stability": {}, "silhouettes": {}, "sentence": sentence}
        },
        "opinion_space": {"points": [], "explained": [None, None], "sentence": "Nobody voted."},
        "preferences": {"communities": {}, "sources": {}, "units": {}, "notes": ["None compared."]},
        "agreement": {"votes": nothing, "preferences": {**nothing, "note": "None compared."}},
        "identified": [],
        "fault_lines": {"lines": [], "tested": 0, "credible": 0, "sentence": "Nothing differs."},
        "notes": ["Nobody has answered yet."],
    }


def full_result(honest: Statement, water: Statement) -> dict[str, Any]:
    """An analysis with something in every section. Both statements belong to one workshop."""
    result = empty_result()
    for one, people in zip(result["communities"], (40, 20), strict=True):
        one |= {"people": people, "votes": 2 * people, "preferences": 3 * people}
    result["statements"] = [
        counted(honest, fishers=(38, 40), farmers=(18, 20), low=0.74, q=0.9),
        counted(water, fishers=(36, 40), farmers=(2, 20), low=0.03, q=0.001),
    ]
    polis = {"labels": {"0": 30, "1": 30}, "explains_votes_p": 0.48, "explains_votes_share": 0.01}
    groups = {"labels": {"fishers": 40, "farmers": 20}, "explains_votes_p": 0.001}
    groups |= {"explains_votes_share": 0.4, "flagged": False, "sentence": "They explain votes."}
    told = {"flagged": True, "sentence": "Shuffled labels explain as much."}
    result["label_sets"] |= {"communities": groups, "polis": polis | told}
    result["opinion_space"] = {
        "points": [
            {"participant": f"p{i}", "x": i % 7, "y": i % 5, "group": None}
            | {"community": "fishers" if i < 40 else "farmers"}
            for i in range(60)
        ],
        "explained": [0.4, 0.2],
        "sentence": "",
    }
    effects = [effect("length", 0.7, 0.6, 0.8), effect("declining", None, None, None)]
    fit = {"effects": effects, "left_side": None, "tie": 0.1, "n": 60, "ties": 4, "people": 20}
    result["preferences"] = {
        "communities": {
            slug: {"answers": 60, "neither": 1, "people": 20, "themes": {"": fit | {"notes": []}}}
            for slug in ("fishers", "farmers")
        },
        "sources": {},
        "units": {"length": 0.5, "declining": 1.0},
        "notes": [],
    }
    alpha = {"alpha": 0.41, "n_items": 2, "n_ratings": 120, "note": ""}
    result["agreement"]["votes"] = {"all": alpha, "communities": {"fishers": alpha}, "note": ""} | {
        "across": []
    }
    names = ("first", "second")
    result["identified"] = [dict(zip(names, ("fishers", "farmers"), strict=True))]
    result["identified"][0] |= {"shared": 9, "needed": 5, "identified": True, "sentence": SENTENCE}
    result["fault_lines"] = {"tested": 2, "credible": 1, "sentence": "", "lines": [line(water)]}
    result["notes"] = []
    return result


def counted(
    statement: Statement,
    *,
    fishers: tuple[int, int],
    farmers: tuple[int, int],
    low: float,
    q: float,
) -> dict[str, Any]:
    """A statement with (agrees, seen) of each community."""
    groups = {
        name: {"agrees": agrees, "disagrees": seen - agrees, "seen": seen}
        | {"share": agrees / seen, "low": agrees / seen - 0.1, "high": agrees / seen + 0.05}
        for name, (agrees, seen) in {"fishers": fishers, "farmers": farmers}.items()
    }
    gap = abs(fishers[0] / fishers[1] - farmers[0] / farmers[1])
    least = {"group": "farmers", "low": low, "n": farmers[1], "too_few": False}
    measures = {"group_informed_consensus": 0.5, "minimum": least, "polarisation": gap}
    return {
        "id": statement.pk,
        "external_id": statement.external_id,
        "text": statement.text,
        "theme": statement.theme,
        "moderation": "in",
        "seen": fishers[1] + farmers[1],
        "twin_of": None,
        "label_sets": {
            "communities": {**measures, "divisive_p": q, "divisive_q": q, "groups": groups}
        },
    }


def effect(
    feature: str, chosen: float | None, low: float | None, high: float | None
) -> dict[str, Any]:
    """One effect; None: not measured, with a note."""
    log_odds = None if chosen is None else 1.0
    return {
        "feature": feature,
        "name": {"length": "is longer", "declining": "declines to answer"}[feature],
        "kind": "amount",
        "phrase": "prefers completions that are longer",
        **{"log_odds": log_odds, "low": log_odds, "high": log_odds, "error": log_odds},
        **{"chosen": chosen, "chosen_low": low, "chosen_high": high, "p": 0.01, "q": 0.02},
        "rests_on": None if chosen is None else 18.0,
        "pairs_differing": 40,
        "note": "" if chosen is not None else "Every answer was about equal.",
    }


def line(statement: Statement) -> dict[str, Any]:
    """One fault line, between fishers and farmers, on one statement."""
    key = f"statement:{statement.pk}"
    item = {"key": key, "kind": "statement", "id": statement.pk, "text": statement.text}
    item |= {"external_id": statement.external_id, "difference": 0.8, "q": 0.001}
    item |= {"values": {"Fishers": 0.9, "Farmers": 0.1}, "n": {"Fishers": 40, "Farmers": 20}}
    item |= {"low": {"Fishers": 0.8, "Farmers": 0.02}, "high": {"Fishers": 0.96, "Farmers": 0.2}}
    return {
        "number": 1,
        "between": "communities",
        "name": "water, dry year",
        "sentence": "water, dry year: Fishers against Farmers.",
        "exemplars": [[key], []],
        "size": 0.8,
        "size_low": 0.7,
        "size_high": 0.9,
        "direction": {"Fishers": "higher", "Farmers": "lower"},
        "stability": 0.95,
        "items": [item],
    }


def make_statements(workshop: Workshop, text: str = "Nobody takes water in a dry year.") -> Any:
    """One statement that all want and one that divides."""
    honest = "It should say when it is not sure."
    return [
        Statement.objects.create(workshop=workshop, text=words, external_id=str(number))
        for number, words in enumerate((honest, text), start=1)
    ]


def make_analysis(workshop: Workshop, result: dict[str, Any] | None = None) -> Analysis:
    """A stored analysis with tiny drawings."""
    result = result or full_result(*make_statements(workshop))
    drawn = "<svg viewBox='0 0 1 1'></svg>"
    return store_analysis(
        workshop=workshop,
        seed=7,
        parameters={},
        input_hash="f" * 64,
        code_version="test",
        result=result,
        charts=dict.fromkeys(("fault_line_1", "statements", "preferences"), drawn),
        approvers={},
        groups=[],
        seconds=1.5,
    )


def make_version(workshop: Workshop) -> ConstitutionVersion:
    """The first version of a constitution for both communities."""
    make_analysis(workshop)
    return draft_constitution(workshop=workshop)


def make_snapshot(version: ConstitutionVersion, person: Participant, home: Path) -> DatasetSnapshot:
    """A snapshot of one row that rests on one answer, with its files under `home`."""
    workshop = version.analysis.workshop
    prompt = Prompt.objects.filter(workshop=workshop).first() or Prompt.objects.create(
        workshop=workshop, messages=[{"role": "user", "content": "?"}], content_hash="p"
    )
    event = AnswerEvent.objects.create(
        participant=person, key="k", kind="preference", target=1, body={}, source_file="votes.csv"
    )
    said = {"event": event.pk, "participant": person.pseudonym, "workshop": workshop.slug}
    row = {
        **{"id": ROW, "prompt": prompt.messages, "chosen": "Yes <b>.", "rejected": "No."},
        **{"share": 1.0, "n": 1, "community": "fishers", "weight": 1.0},
        **{"principles": [1], "against": [], "judgements": []},
    }
    lineage = {"row": ROW, "split": "train", "community": "fishers", "prompt": prompt.pk}
    lineage |= {"completions": [1, 2], "principles": [1], "answers": [{**said, "answer": 1.0}]}
    for name, lines in {
        "train": [row],
        "heldout": [],
        "heldout_people": [],
        "lineage": [lineage],
    }.items():
        (home / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    summary = {
        "splits": {"train": 1, "heldout": 0, "heldout_people": 0},
        "communities": {"fishers": {"train": 1}},
        "principles": {"1": 1},
        "left_out": {"pairs with ties alone": 3},
        "sentences": ["Left out: 3 pairs with ties alone.", "No prompt is held out."],
        "attribution": [],
        "provenance": ["River: Live"],
        "selection": {"least_n": 2},
        "checks": {
            "repeats": {"prompts": 1, "groups": 0, "in_groups": 0, "same_sides": 0},
            "personal_data": {"e-mail address": 2},
            "people": {"fishers": 1},
            "people_withheld": 0,
            "coverage": {
                "communities": {"fishers": {"prompts": 9, "judged": 4, "rows": 1}},
                "themes": {"water": {"prompts": 9, "rows": 1}},
            },
        },
    }
    return DatasetSnapshot.objects.create(
        **{"hash": SNAPSHOT, "kind": "preference", "constitution_version": version},
        **{"folder": str(home), "rows": 1, "summary": summary},
    )


def make_run(snapshot: DatasetSnapshot, folder: str = "") -> TrainingRun:
    """A run that nothing has worked on."""
    config = {"recipe": "dpo", "max_steps": 12, "group_robust": {"eta": 0.1}, "lora": None}
    return TrainingRun.objects.create(
        snapshot=snapshot, recipe="dpo", base="tiny", config=config, folder=folder
    )


def estimate(value: float | None, low: float | None = None, high: float | None = None) -> dict:
    """An estimate as reports store it."""
    return {"estimate": value, "low": low, "high": high, "n": 120, "participants": 24, "note": ""}


def one_community(difference: float | None, low: float | None, high: float | None) -> dict:
    """A community's part of a report; a difference of None was not measured."""
    verdict = "inconclusive"
    if low is not None and high is not None:
        verdict = "better" if low > 0 else "worse" if high < 0 else "inconclusive"
    part = {
        "base": estimate(0.5, 0.4, 0.6),
        "tuned": estimate(None if difference is None else 0.5 + difference, 0.4, 0.7),
        "difference": estimate(difference, low, high),
        "verdict": verdict,
    }
    length = {"rule": "shorter", **estimate(0.55, 0.45, 0.65)}
    counts = {"pairs": 40, "answers": 120, "about_equal": 3, "participants": 24}
    return {**counts, **part, "per_token": part, "margin": {}, "length_baseline": length}


def report_result(**communities: dict) -> dict[str, Any]:
    """A report on these communities."""
    return {
        **{"recipe": "dpo", "base": "tiny", "data_hash": "d", "level": 0.95, "pairs": 40},
        "overall": one_community(0.1, 0.05, 0.2),
        "communities": communities,
        "mean": {"base": 0.5, "tuned": 0.6, "difference": 0.1, "note": ""},
        "worst": {
            "community": next(iter(communities), None),
            "base": 0.5,
            "tuned": 0.6,
            "note": "",
        },
        "held_out_people": None,
        "samples": [
            {"prompt": [{"role": "user", "content": "Hi"}], "base": "<i>", "tuned": "Hello."}
        ],
    }


def make_report(run: TrainingRun, result: dict[str, Any]) -> EvaluationReport:
    """A checkpoint of the run with its report."""
    checkpoint = Checkpoint.objects.create(run=run, folder="", weights_hash="w", step=12)
    return EvaluationReport.objects.create(checkpoint=checkpoint, result=result)
