"""Importing preferences: who judged what stays apart, and nothing tells the answer beforehand."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from elicitation.errors import ImportRefused, SeatTaken
from elicitation.models import (
    AnswerEvent,
    Comparison,
    Completion,
    ImportedFile,
    Participant,
    Preference,
    Prompt,
    Workshop,
)
from elicitation.services import import_preference_file, name_community, open_workshop

PUBLISHED = Path(__file__).resolve().parents[2] / "deploy" / "data"
PANDALM = PUBLISHED / "pandalm" / "testset-v1.json"
HELPFUL = PUBLISHED / "hh_rlhf" / "helpful-base.test.jsonl.gz"


@pytest.fixture
def workshop(db: None) -> Workshop:
    return open_workshop(slug="answers")


def bring(path: Path, workshop: Workshop, format: str = "jsonl", **more: Any) -> ImportedFile:
    community = name_community(name=more.pop("community", "Riders"))
    return import_preference_file(
        path=path, format=format, workshop=workshop, community=community, **more
    )


def row(prompt: str = "Help me.", choice: str = "a", **more: Any) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "completion_a": "No.",
        "completion_b": "How?",
        "choice": choice,
        **more,
    }


def jsonl(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


def liked() -> dict[str, str]:
    """Which text each person preferred."""
    chosen = {}
    for preference in Preference.objects.select_related("comparison__left", "comparison__right"):
        comparison = preference.comparison
        side = {"left": comparison.left.text, "right": comparison.right.text}
        who = comparison.participant.pseudonym
        chosen[who] = side.get(preference.choice, preference.choice)
    return chosen


@pytest.mark.parametrize("name", ["helpful", "harmless"])
def test_hh_drops_diverging_and_identical_pairs_and_says_so(workshop: Workshop, name: str) -> None:
    path = PUBLISHED / "hh_rlhf" / f"{name}-base.test.jsonl.gz"
    imported = bring(path, workshop, "hh")
    read, identical, diverging = {"helpful": (2354, 2, 9), "harmless": (2312, 0, 5)}[name]
    assert imported.rows_read == read
    assert imported.rows_stored == read - identical - diverging
    reasons = dict(imported.rejections.values_list("reason").annotate(Count("pk")))
    assert reasons.pop("The prompts of the two transcripts differ.") == diverging
    assert sum(reasons.values()) == identical


def test_hh_rows_are_a_person_each_and_no_side_is_favoured(workshop: Workshop) -> None:
    imported = bring(HELPFUL, workshop, "hh")
    people = Participant.objects.filter(identity="imported_row")
    assert people.count() == imported.rows_stored
    left = Preference.objects.filter(choice="left").count()
    assert abs(left - imported.rows_stored / 2) < 3 * (imported.rows_stored / 4) ** 0.5


def test_neither_source_nor_order_tells_which_completion_was_chosen(workshop: Workshop) -> None:
    imported = bring(HELPFUL, workshop, "hh")
    assert set(Completion.objects.values_list("source", flat=True)) == {""}
    chosen_first = sum(
        (one.comparison.left_id < one.comparison.right_id) == (one.choice == "left")
        for one in Preference.objects.select_related("comparison")
    )
    assert abs(chosen_first - imported.rows_stored / 2) < 3 * (imported.rows_stored / 4) ** 0.5


def test_pandalms_three_annotators_are_three_people(workshop: Workshop) -> None:
    bring(PANDALM, workshop, "pandalm")
    answers = Preference.objects.values_list("comparison__participant__pseudonym")
    assert dict(answers.annotate(Count("pk"))) == {
        f"pandalm-annotator-{number}": 999 for number in (1, 2, 3)
    }


def test_pandalms_majorities_are_the_published_ones(workshop: Workshop) -> None:
    """105 ties, 422 for the first, 472 for the second (PandaLM's test set)."""
    bring(PANDALM, workshop, "pandalm")
    votes: dict[str, list[str]] = {}
    events = AnswerEvent.objects.all()
    comparisons = Comparison.objects.in_bulk([event.target for event in events])
    sources = dict(Completion.objects.values_list("pk", "source"))
    firsts = {
        str(one["idx"]): one["cmp_key"].split("_")[0] for one in json.loads(PANDALM.read_text())
    }
    for event in events:
        comparison, pair = comparisons[event.target], event.body["pair_id"]
        side = {"left": comparison.left_id, "right": comparison.right_id}.get(event.body["choice"])
        named = "tie" if side is None else "first" if sources[side] == firsts[pair] else "second"
        votes.setdefault(pair, []).append(named)
    majority = [max(set(said), key=said.count) for said in votes.values() if len(set(said)) < 3]
    assert [majority.count(name) for name in ("tie", "first", "second")] == [105, 422, 472]


def test_a_table_keeps_who_how_strongly_why_and_when(workshop: Workshop, tmp_path: Path) -> None:
    more = {
        "rater": "ann",
        "strength": 2,
        "rationale": "It asks.",
        "said_at": "2024-05-01T12:00:00Z",
    }
    bring(jsonl(tmp_path, row(choice="b", theme="Care", **more)), workshop)
    event, latest = AnswerEvent.objects.get(), Preference.objects.get()
    assert (latest.strength, latest.rationale, latest.event) == (2, "It asks.", event)
    assert (event.said_at_ms, event.source_line) == (1_714_564_800_000, 1)
    assert liked() == {"rater-ann": "How?"}
    assert Prompt.objects.get().theme == "Care"


@pytest.mark.parametrize("choice", ["equal", "neither", "skip", "flag"])
def test_equal_neither_and_skip_stay_apart(workshop: Workshop, tmp_path: Path, choice: str) -> None:
    bring(jsonl(tmp_path, row(choice=choice)), workshop)
    assert Preference.objects.get().choice == choice


def test_one_pair_named_the_other_way_round_is_the_same_comparison(
    workshop: Workshop, tmp_path: Path
) -> None:
    turned = row("Help me.", "b", rater="ann") | {"completion_a": "How?", "completion_b": "No."}
    bring(jsonl(tmp_path, row(rater="ann"), turned | {"said_at": 5}), workshop)
    assert Comparison.objects.count() == 1
    assert AnswerEvent.objects.count() == 2


def test_the_last_answer_by_time_then_row_holds(workshop: Workshop, tmp_path: Path) -> None:
    said = [("b", 9), ("a", 7), ("equal", 8)]
    rows = [row(choice=choice, said_at=at, rater="ann") for choice, at in said]
    bring(
        jsonl(tmp_path, *rows, row("Two?", "a", rater="ann"), row("Two?", "b", rater="ann")),
        workshop,
    )
    choices = {one.comparison.prompt.last_turn: one.event.body for one in Preference.objects.all()}
    assert AnswerEvent.objects.get(said_at_ms=9).pk == Preference.objects.first().event_id  # type: ignore[union-attr]
    assert (
        Preference.objects.get(comparison__prompt__messages__0__content="Two?").event.source_line
        == 5
    )
    assert len(choices) == 2


def test_the_same_file_again_changes_nothing(workshop: Workshop, tmp_path: Path) -> None:
    path = jsonl(tmp_path, row(), row("Two?"))
    assert bring(path, workshop) == bring(path, workshop)
    assert (AnswerEvent.objects.count(), Participant.objects.count()) == (2, 2)


def test_a_grown_file_adds_its_new_rows_wherever_they_stand(
    workshop: Workshop, tmp_path: Path
) -> None:
    bring(jsonl(tmp_path, row("One?"), row("Two?", rater="ann")), workshop)
    grown = bring(jsonl(tmp_path, row("Nought?"), row("One?"), row("Two?", rater="ann")), workshop)
    assert (grown.rows_read, grown.rows_stored, grown.rows_known) == (3, 1, 2)
    assert (Comparison.objects.count(), Participant.objects.count()) == (3, 3)


def test_a_later_file_does_not_bring_back_who_withdrew(workshop: Workshop, tmp_path: Path) -> None:
    bring(jsonl(tmp_path, row(rater="ann"), row(rater="bob")), workshop)
    Participant.objects.filter(pseudonym="rater-ann").update(withdrawn_at=timezone.now())
    later = bring(jsonl(tmp_path, row("Two?", rater="ann"), row("Two?", rater="bob")), workshop)
    assert (later.rows_stored, later.rejections.get().line) == (1, 1)


def test_a_rater_sits_in_one_community(workshop: Workshop, tmp_path: Path) -> None:
    bring(jsonl(tmp_path, row(rater="ann")), workshop)
    other = jsonl(tmp_path, row("Two?", rater="ann"))
    with pytest.raises(SeatTaken, match="'rater-ann' already sits in Riders"):
        bring(other, workshop, community="Drivers")
    assert bring(other, workshop, community="Drivers", source="drivers").rows_stored == 1


def test_rows_without_raters_in_two_communities_are_two_people(
    workshop: Workshop, tmp_path: Path
) -> None:
    bring(jsonl(tmp_path, row()), workshop)
    bring(jsonl(tmp_path, row(), row("Two?")), workshop, community="Drivers")
    assert Participant.objects.count() == 3


def test_a_mail_address_never_becomes_a_pseudonym(workshop: Workshop, tmp_path: Path) -> None:
    bring(jsonl(tmp_path, row(rater="ann@example.org")), workshop)
    assert "ann" not in Participant.objects.get().pseudonym


def test_annotated_pairs_keep_people_and_leave_out_principles(
    workshop: Workshop, tmp_path: Path
) -> None:
    path = tmp_path / "pairs.json"
    about = {"h1": {"type": "human"}, "h2": {"type": "unknown"}, "p1": {"type": "principle"}}
    comparison = {
        "id": "c1",
        "prompt": "Help me.",
        "response_a": {"text": "No.", "model": "one"},
        "response_b": {"text": "How?", "model": "other"},
        "annotations": {"h1": {"pref": "b"}, "h2": {"pref": None}, "p1": {"pref": "a"}},
    }
    path.write_text(json.dumps({"metadata": {}, "comparisons": [comparison], "annotators": about}))
    imported = bring(path, workshop, "icai")
    assert liked() == {"rater-h1": "How?", "rater-h2": "skip"}
    assert "1 annotators are principles" in imported.notices[0]


def test_text_is_stored_as_it_is(workshop: Workshop, tmp_path: Path) -> None:
    hostile = "=HYPERLINK(\"http://x\")<script>alert('1')</script>\u202e\r\n"
    path = tmp_path / "answers.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, fieldnames=list(row()))
        table.writeheader()
        table.writerow(row() | {"completion_b": hostile})
    bring(path, workshop, "csv")
    assert Completion.objects.filter(text=hostile).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"choice": "c"}, "choice"),
        ({"choice": None}, "choice"),
        ({"choice": ["a"]}, "choice"),
        ({"prompt": ""}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"completion_b": "No."}, "completion_b"),
        ({"completion_b": None}, "completion_b"),
        ({"strength": 9}, "strength"),
        ({"strength": "very"}, "strength"),
        ({"said_at": 10**17}, "said_at"),
        ({"said_at": "2024-13-01"}, "said_at"),
        ({"said_at": -1}, "said_at"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "messages"),
        ({"messages": [{"role": "root", "content": "Hi"}]}, "messages"),
        ({"messages": "[" * 100_000}, "messages"),
        ({"messages": []}, "messages"),
        ({"theme": "x" * 121}, "theme"),
    ],
)
def test_a_row_that_means_nothing_is_turned_away_with_its_field(
    workshop: Workshop, tmp_path: Path, wrong: dict[str, Any], field: str
) -> None:
    imported = bring(jsonl(tmp_path, row("Fine?"), row() | wrong), workshop)
    rejection = imported.rejections.get()
    assert (rejection.file, rejection.line, rejection.field) == ("answers.jsonl", 2, field)
    assert Preference.objects.count() == 1


def test_a_file_of_which_nothing_can_be_kept_leaves_nothing(db: None, tmp_path: Path) -> None:
    path = jsonl(tmp_path, {"chosen": "a", "rejected": "b"})
    with pytest.raises(
        CommandError, match=r"answers\.jsonl line 1, field prompt: The field is missing"
    ):
        call_command("import_preferences", path, format="jsonl", workshop="new", community="Riders")
    assert not Workshop.objects.exists()


def test_a_failure_midway_leaves_nothing(workshop: Workshop, tmp_path: Path) -> None:
    rows = b"".join(json.dumps(row(str(number))).encode() + b"\n" for number in range(2500))
    (tmp_path / "answers.jsonl").write_bytes(rows + b'{"prompt": "caf\xe9"}\n')
    with pytest.raises(ImportRefused, match="line 2501"):
        bring(tmp_path / "answers.jsonl", workshop)
    stored = [ImportedFile, AnswerEvent, Prompt, Participant]
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0]


def test_the_command_reports_what_came_in(db: None, tmp_path: Path) -> None:
    out = StringIO()
    path = jsonl(tmp_path, row(), row(choice="x"))
    call_command(
        *("import_preferences", path), format="jsonl", workshop="new", community="Riders",
        theme="Care", warning="Insults", provenance="simulated", stdout=out,
    )  # fmt: skip
    assert "2 rows read, 1 stored, 0 known already, 1 turned away" in out.getvalue()
    prompt = Prompt.objects.get()
    assert (prompt.theme, prompt.content_warning) == ("Care", "Insults")
    assert prompt.workshop.provenance == "simulated"
