"""What an analysis stores of statements, groups and decisions, made by hand, on tests/line.py."""

from typing import Any

OTHERWISE = {"name": "without Fishers", "decision": "not_selected", "differs": True}
ALIKE = {"name": "Wilson's interval", "decision": "common_ground", "differs": False}


def decided(result: dict[str, Any], k: int = 2) -> dict[str, Any]:
    """The full result with decisions, Polis's numbers, and opinion groups told in words."""
    honest, water = result["statements"]
    for place, one in enumerate((honest, water)):
        one["space"] = {"x": 0.1 - place, "y": 0.2 * place, "extremity": 0.1 + place}
        one["bridging"] = {"score": 0.3, "side": 0.1}
        one["label_sets"]["communities"] |= {"priority": 12.0, "least_share": 0.5}
    pending = {"farmers": {"votes": 20, "left": 9, "further": 4, "done": 0.8}}
    pending["farmers"]["chance_when_all_voted"] = 0.7
    result["decisions"] = [
        entry(honest, "common_ground", 3, 2, None),
        entry(water, "contested", 9, 7, 8, pending=pending, methods=[ALIKE]),
    ]
    budgets = [
        {"people": 1, "is_one_percent": True, "left_out": [], "bought": [], "added": []},
        {"people": 5, "is_one_percent": False, "left_out": ["1"], "bought": ["1"], "added": []},
    ]
    result["bought_votes"] = {"people": 60, "decisions": 2, "budgets": budgets, "sentence": ""}
    result["polis_consensus"] = {"agree": [choice(honest, 56, 60)], "disagree": []}
    result["label_sets"]["communities"]["polis"] = {
        "fishers": [choice(water, 36, 40) | {"repness": 4.1, "repness_test": 5.2}]
    }
    result["label_sets"]["opinion_groups"] |= opinion_groups(water, k)
    return result


def entry(
    statement: dict[str, Any],
    decision: str,
    left_out: int | None,
    bought: int | None,
    added: int | None,
    **more: Any,
) -> dict[str, Any]:
    """One decision and the people it rests on."""
    item = {"kind": "statement", "id": statement["id"], "external_id": statement["external_id"]}
    ways = {"left_out": left_out, "bought": bought, "added": added}
    rest = {"becomes": "community_specific", "methods": [ALIKE, OTHERWISE], "ks": [], "pending": {}}
    return {"item": item, "decision": decision, "stances": {}, "margin": 0.1} | ways | rest | more


def choice(statement: dict[str, Any], agreed: int, n: int) -> dict[str, Any]:
    """One statement of Polis's lists."""
    words = {"id": statement["id"], "external_id": statement["external_id"], "side": "agree"}
    return words | {"n_success": agreed, "n_trials": n, "p_success": agreed / n, "p_test": 4.2}


def opinion_groups(statement: dict[str, Any], k: int) -> dict[str, Any]:
    """Opinion groups of thirty, how firm each number of them is, and one in words."""
    told = {"id": statement["id"], "external_id": statement["external_id"], "agrees": True}
    told |= {"text": statement["text"], "share": 0.9, "n": 28, "others": 0.2, "others_n": 27}
    firm = {"median": 0.9, "low": 0.8, "high": 1.0, "weakest": 0.85, "resamples": 30, "people": 60}
    inner = {"labels": {"0": 15, "1": 15}, "k": 2, "supported": True, "sentence": "Two of 15."}
    return {
        "labels": {str(number): 30 for number in range(k)},
        "k": k,
        "chosen_by": "silhouette",
        "supported": True,
        "sentence": "2 groups of 30, 30 people.",
        "described": {"0": {"statements": [told], "sentence": ""}},
        "describes": "They describe the groups, and prove nothing.",
        "stability": {"2": firm, "3": firm | {"median": 0.4, "low": 0.2, "high": 0.6}},
        "silhouettes": {"2": 0.5, "3": 0.3},
        "within": {"0": inner},
    }
