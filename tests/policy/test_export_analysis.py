"""The analysis export: its documented shape, and known numbers on a real conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import CommandError, call_command

from deploy.demo.workshops import DATA

NUMBER = {"type": ["number", "null"]}
GROUP = {
    "type": "object",
    "required": [
        "agrees", "disagrees", "seen", "share", "low", "high", "stance", "representative", "polis",
    ],
    "properties": {
        "agrees": {"type": "integer"},
        "seen": {"type": "integer"},
        "low": NUMBER,
        "stance": {"enum": ["for", "against", "unclear", "too few to say"]},
        "polis": {"required": "A D S pa pd pat pdt ra rd rat rdt".split()},
    },
}  # fmt: skip
CHOICE = {"required": "id external_id side n_success n_trials p_success p_test".split()}
TELLING = {"required": "id external_id text agrees share n others others_n q".split()}
COUNTED = {
    "type": "object",
    "required": ["group_informed_consensus", "minimum", "polarisation", "divisive_q", "groups"],
    "properties": {
        "group_informed_consensus": NUMBER,
        "groups": {"type": "object", "additionalProperties": GROUP},
    },
}
STATEMENT = {
    "type": "object",
    "required": [
        "id", "external_id", "text", "theme", "moderation", "seen", "bridging", "space",
        "label_sets",
    ],
    "properties": {
        "bridging": {"required": ["score", "side"]},
        "space": {"required": ["x", "y", "extremity"]},
        "label_sets": {"type": "object", "additionalProperties": COUNTED},
    },
}  # fmt: skip
LABEL_SET = {
    "type": "object",
    "required": ["labels", "explains_votes_p", "flagged", "sentence"],
    "properties": {
        "explains_votes_p": NUMBER,
        "flagged": {"type": "boolean"},
        "polis": {"additionalProperties": {"type": "array", "items": CHOICE}},
        "described": {
            "additionalProperties": {
                "required": ["sentence", "statements"],
                "properties": {"statements": {"type": "array", "items": TELLING}},
            }
        },
    },
}
EXAMPLE = {
    "type": ["object", "null"],
    "required": ["prompt", "warning", "severe", "more", "less", "n", "chose_more", "chose_less"],
}
EFFECT = {
    "type": "object",
    "required": ["feature", "log_odds", "low", "high", "q", "boot_low", "shrunken", "examples"],
    "properties": {
        "boot_low": NUMBER,
        "shrunken": {"type": ["object", "null"], "required": ["log_odds", "own", "sentence"]},
        "examples": {"type": "object", "properties": {"for": EXAMPLE, "against": EXAMPLE}},
    },
}
FIT = {
    "type": "object",
    "required": ["effects", "tie", "n", "notes"],
    "properties": {"effects": {"type": "array", "items": EFFECT}},
}
PREFERRED = {
    "type": ["object", "null"],
    "properties": {"themes": {"type": "object", "additionalProperties": FIT}},
}
PREFERENCES = {
    "type": "object",
    "required": ["communities", "sources", "units", "notes"],
    "properties": {
        "communities": {"type": "object", "additionalProperties": PREFERRED},
        "pooled": PREFERRED,
    },
}
PEOPLE = {"type": ["integer", "null"], "minimum": 1}
DECIDED = {"enum": ["common_ground", "community_specific", "contested", "not_selected"]}
DECISION = {
    "type": "object",
    "required": [
        "item", "decision", "stances", "margin", "fewest_people_that_change_it", "becomes", "share",
        "holds_without_any_one", "holds_without_worst_percent", "methods", "ks", "pending",
        "sentence",
    ],
    "properties": {
        "decision": DECIDED,
        "margin": NUMBER,
        "left_out": PEOPLE,
        "bought": PEOPLE,
        "added": PEOPLE,
        "methods": {"items": {"required": ["name", "decision", "differs"]}},
        "ks": {"items": {"required": ["k", "decision"], "properties": {"decision": DECIDED}}},
        "sentence": {"type": "string", "minLength": 1},
    },
}  # fmt: skip
BOUGHT = {"type": "object", "required": ["people", "decisions", "budgets", "sentence"]}
BEFORE_AFTER = {
    "type": "object",
    "required": ["votes", "preferences", "sentence"],
    "properties": {"sentence": {"type": "string", "minLength": 1}},
}
LINE = {
    "type": "object",
    "required": [
        "number",
        "parent",
        "between",
        "name",
        "sentence",
        "size",
        "stability",
        "people",
        "items",
        "quotes",
    ],
}
SCHEMA = {
    "type": "object",
    "required": [
        "format", "workshop", "input_hash", "seed", "code_version", "communities", "statements",
        "label_sets", "opinion_space", "polis_consensus", "preferences", "agreement",
        "identified", "decisions", "bought_votes", "fault_lines",
    ],
    "properties": {
        "format": {"const": "folkmoot-analysis"},
        "statements": {"type": "array", "items": STATEMENT},
        "preferences": PREFERENCES,
        "before_after": BEFORE_AFTER,
        "decisions": {"type": "array", "items": DECISION},
        "bought_votes": BOUGHT,
        "label_sets": {
            "type": "object",
            "additionalProperties": LABEL_SET,
            "properties": {
                "opinion_groups": {"required": "k chosen_by supported stability within".split()}
            },
        },
        "polis_consensus": {
            "required": ["agree", "disagree"],
            "additionalProperties": {"type": "array", "items": CHOICE},
        },
        "fault_lines": {
            "type": "object",
            "required": ["lines", "broad", "tested", "credible", "sentence"],
            "properties": {"lines": {"type": "array", "items": LINE}},
        },
    },
}  # fmt: skip


def exported(slug: str, folder: Path) -> dict[str, Any]:
    path = folder / "analysis.json"
    call_command("export_analysis", slug, to=path, verbosity=0)
    found: dict[str, Any] = json.loads(path.read_text(), parse_constant=_no_constant)
    return found


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON.")


@pytest.mark.slow
def test_a_real_conversation_keeps_its_known_numbers(db: None, tmp_path: Path) -> None:
    folder = DATA / "polis" / "vtaiwan.uberx"
    call_command("import_polis", folder, workshop="uberx", community="vTaiwan", verbosity=0)
    call_command("analyse", "uberx", seed=7, groups=3, verbosity=0)
    found = exported("uberx", tmp_path)
    jsonschema.validate(found, SCHEMA)
    statements = {one["external_id"]: one for one in found["statements"]}
    polis = statements["40"]["label_sets"]["polis"]
    assert polis["group_informed_consensus"] == pytest.approx(0.8597, abs=5e-5)
    assert found["label_sets"]["polis"]["labels"] == {"0": 330, "1": 889}
    assert found["label_sets"]["polis"]["explains_votes_p"] <= 0.01
    assert not found["label_sets"]["polis"]["flagged"]
    shown = found["label_sets"]["polis"]["polis"]["0"]
    assert [one["external_id"] for one in shown] == ["44", "18", "20", "19", "38"]
    agreed = found["polis_consensus"]["agree"]
    assert [one["external_id"] for one in agreed] == ["40", "16", "7", "68", "65"]
    groups = found["label_sets"]["opinion_groups"]
    assert (groups["k"], groups["chosen_by"]) == (3, "the analyst")
    assert found["parameters"]["groups"] == 3
    assert found["communities"] == [
        {"slug": "vtaiwan", "name": "vTaiwan", "people": 1921, "votes": 49443, "preferences": 0}
    ]


def test_labels_dealt_out_at_random_are_flagged(db: None, tmp_path: Path) -> None:
    from deliberation.models import Label, LabelSet
    from elicitation.models import Participant, Workshop

    folder = DATA / "polis" / "15-per-hour-seattle"
    call_command("import_polis", folder, workshop="seattle", community="Seattle", verbosity=0)
    workshop = Workshop.objects.get(slug="seattle")
    noise = LabelSet.objects.create(workshop=workshop, name="noise")
    people = Participant.objects.filter(workshop=workshop).order_by("pseudonym")
    Label.objects.bulk_create(
        Label(label_set=noise, participant=person, name="ab"[hash_of(person.pseudonym)])
        for person in people
    )
    call_command("analyse", "seattle", seed=7, verbosity=0)
    sets = exported("seattle", tmp_path)["label_sets"]
    assert sets["noise"]["flagged"]
    assert sets["noise"]["explains_votes_p"] > 0.05
    assert not sets["polis"]["flagged"]


def test_a_real_conversation_goes_through_opinion_groups_to_fault_lines(
    db: None, tmp_path: Path
) -> None:
    folder = DATA / "polis" / "15-per-hour-seattle"
    call_command("import_polis", folder, workshop="seattle", community="Seattle", verbosity=0)
    call_command("analyse", "seattle", seed=7, verbosity=0)
    found = exported("seattle", tmp_path)
    assert found["label_sets"]["opinion_groups"]["supported"]
    assert {line["between"] for line in found["fault_lines"]["lines"]} == {"opinion_groups"}


def hash_of(text: str) -> int:
    """0 or 1, by nothing that votes could know of."""
    import hashlib

    return hashlib.sha256(text.encode()).digest()[0] % 2


def test_an_empty_workshop_gives_sentences_and_no_numbers(db: None, tmp_path: Path) -> None:
    from elicitation.services import open_workshop, seat_community

    seat_community(workshop=open_workshop(slug="empty"), name="Nobody")
    call_command("analyse", "empty", seed=7, verbosity=0)
    found = exported("empty", tmp_path)
    jsonschema.validate(found, SCHEMA)
    assert found["statements"] == []
    assert found["notes"] == ["Nobody has answered yet."]
    assert found["decisions"] == found["bought_votes"]["budgets"] == []
    assert found["fault_lines"]["sentence"]


def test_preferences_of_a_workshop_are_exported_with_their_examples(
    db: None, tmp_path: Path
) -> None:
    from tests.pipeline.making import make_workshop

    make_workshop()
    call_command("analyse", "mill", seed=7, verbosity=0)
    found = exported("mill", tmp_path)
    jsonschema.validate(found, SCHEMA)
    length = found["preferences"]["communities"]["anglers"]["themes"][""]["effects"][0]
    example = length["examples"]["for"]
    assert (length["feature"], example["chose_more"], example["chose_less"]) == ("length", 6, 0)
    assert found["preferences"]["pooled"]["people"] == 12


def test_an_unknown_workshop_is_a_sentence(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no workshop nowhere"):
        call_command("analyse", "nowhere")
    with pytest.raises(CommandError, match="There is no such analysis of nowhere"):
        call_command("export_analysis", "nowhere", to=tmp_path / "x.json")
