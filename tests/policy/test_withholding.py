"""What of a stored result leaves: nothing about too few people, and nothing that tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from elicitation.models import User, Workshop
from policy.withholding import TOO_FEW, for_export, withheld
from tests.line import full_result, make_analysis, make_statements


def group(agrees: int, seen: int) -> dict[str, Any]:
    polis = {"A": agrees, "S": seen}
    return {"agrees": agrees, "disagrees": seen - agrees, "seen": seen, "share": agrees / seen,
            "low": 0.1, "high": 0.9, "stance": "unclear", "polis": polis}  # fmt: skip


def result(**sizes: int) -> dict[str, Any]:
    """One statement on which people of these communities voted, all for it but one in each."""
    counted = {
        "group_informed_consensus": 0.4,
        "polarisation": 0.2,
        "minimum": {"group": "harbour", "low": 0.3, "n": 4, "too_few": False},
        "groups": {name: group(n - 1, n) for name, n in sizes.items()},
    }
    statement = {"id": 7, "external_id": "7", "text": "Quiet", "seen": sum(sizes.values()),
                 "label_sets": {"communities": counted}}  # fmt: skip
    alpha = {"alpha": 0.4, "n_items": 9}
    across = [{"first": a, "second": b, "xrr": 0.3} for a in sizes for b in sizes if a != b]
    axis_groups = [{"name": f"{name} × 0", "n_people": n, "gai": 1.2} for name, n in sizes.items()]
    item = {"kind": "statement", "id": 7, "text": "Quiet", "values": {}, "n": {}}
    return {
        "communities": [{"slug": n, "name": n.title(), "people": s} for n, s in sizes.items()],
        "statements": [statement],
        "label_sets": {"opinion_groups": {"labels": {"0": 60, "1": 10, "2": 4}}},
        "opinion_space": {"points": [{"participant": "p1", "x": 0.1, "y": 0.2}]},
        "agreement": {
            "votes": {
                "all": {**alpha, "n_people": sum(sizes.values()), "n_ratings": 99},
                "communities": {name: {**alpha, "n_people": n} for name, n in sizes.items()},
                "across": across,
                "axes": [{"axis": "communities × opinion_groups", "dsi": 1.2, "left_out": 2,
                          "group": "harbour × 0", "n_people": 70, "groups": axis_groups}],
                "note": "",
            }
        },
        "preferences": {"communities": {n: {"people": s, "answers": 5} for n, s in sizes.items()}},
        "fault_lines": {"lines": [{"number": 1, "between": "communities", "name": "Quiet",
                                   "sentence": "4 of them", "size": 0.3, "items": [item]}]},
        "decisions": [{"item": {"kind": "statement", "id": 7}, "decision": "common_ground"}],
    }  # fmt: skip


SMALL = {"river": 40, "hill": 30, "harbour": 4}


def test_a_small_community_and_what_would_tell_of_it_are_withheld() -> None:
    counted = withheld(result(**SMALL), 10)["statements"][0]["label_sets"]["communities"]
    assert counted["groups"]["river"]["share"] == 39 / 40
    for name in ("hill", "harbour"):
        assert counted["groups"][name]["withheld"] == TOO_FEW
        assert counted["groups"][name]["seen"] is None
        assert counted["groups"][name]["polis"] == {"A": None, "S": None, "withheld": TOO_FEW}
    assert counted["group_informed_consensus"] is None
    assert counted["minimum"]["low"] is None


def test_where_all_are_many_nothing_is_withheld() -> None:
    told = withheld(result(river=40, hill=30), 10)
    assert told["statements"] == result(river=40, hill=30)["statements"]
    assert told["agreement"]["votes"]["all"]["n_people"] == 70


def test_what_was_published_elsewhere_is_left_as_it_is() -> None:
    assert withheld(result(**SMALL), 0) == for_export(result(**SMALL), 0) == result(**SMALL)


def test_agreement_of_a_small_community_is_left_out_with_the_sums_that_tell_its_size() -> None:
    votes = withheld(result(**SMALL), 10)["agreement"]["votes"]
    assert set(votes["communities"]) == {"river", "hill"}
    assert not any("harbour" in (row["first"], row["second"]) for row in votes["across"])
    assert votes["all"]["n_people"] is None
    assert votes["note"] == "Too few to say of every community: in some, too few people answered."
    axis = votes["axes"][0]
    assert [one["name"] for one in axis["groups"]] == ["river × 0", "hill × 0"]
    assert (axis["dsi"], axis["left_out"], axis["groups"][0]["n_people"]) == (None, None, None)


def test_sizes_of_opinion_groups_do_not_tell_the_smallest() -> None:
    labels = withheld(result(**SMALL), 10)["label_sets"]["opinion_groups"]["labels"]
    assert labels == {"0": 60, "1": None, "2": None}


def test_a_file_holds_no_person_and_no_number_of_the_small() -> None:
    told = for_export(result(**SMALL), 10)
    assert told["opinion_space"]["points"] == []
    assert told["preferences"]["communities"]["harbour"] == {"withheld": TOO_FEW}
    line = told["fault_lines"]["lines"][0]
    assert set(line) == {"number", "between", "name", "items", "withheld"}
    assert told["decisions"][0] == {"item": {"kind": "statement", "id": 7}, "withheld": TOO_FEW}


@pytest.mark.parametrize("sizes", [{"river": 4}, {"river": 3, "hill": 2}])
def test_a_workshop_of_a_few_tells_nothing(sizes: dict[str, int]) -> None:
    told = for_export(result(**sizes), 10)
    assert told["statements"][0]["seen"] is None
    assert told["agreement"]["votes"]["note"] == TOO_FEW
    assert told["agreement"]["votes"]["all"] is None


def test_page_and_file_of_a_small_workshop_tell_no_share(
    client: Client, river: Workshop, farid: User
) -> None:
    Workshop.objects.filter(pk=river.pk).update(small_cell=25)
    analysis = make_analysis(river, full_result(*make_statements(river)))
    client.force_login(farid)
    address = reverse("analysis-json", args=[river.slug, analysis.pk])
    told = json.loads(client.get(address).content)
    groups = told["statements"][0]["label_sets"]["communities"]["groups"]
    assert all(one["seen"] is None and one["share"] is None for one in groups.values())
    assert "Too few to say" in client.get(analysis.get_absolute_url()).content.decode()
