"""Importing statements, and claims with the words they rest on."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from deliberation.models import Statement
from deliberation.services import import_statement_file
from elicitation.errors import ImportRefused
from elicitation.models import ImportedFile, Workshop

ASSEMBLIES = (
    Path(__file__).resolve().parents[2] / "deploy" / "data" / "ai_assemblies" / "aiAssemblies.json"
)


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def report(*claims: tuple[str, str]) -> str:
    found = [{"claimId": name, "claim": claim, "quote": f"“{claim}”"} for name, claim in claims]
    subtopic = {"subtopicName": "Trust", "claims": found}
    return json.dumps({"title": "x", "tree": [{"topicName": "Care", "subtopics": [subtopic]}]})


def test_the_assemblies_claims_come_with_theme_and_quote(river: Workshop) -> None:
    imported = import_statement_file(path=ASSEMBLIES, workshop=river)
    assert (imported.rows_stored, imported.rows_rejected) == (1276, 0)
    assert Statement.objects.values("theme").distinct().count() == 10
    assert Statement.objects.values("theme", "subtheme").distinct().count() == 74
    first = Statement.objects.get(external_id="mes-1321705110-0")
    assert first.text.startswith("The burden of developing AI technology")
    assert first.quotes[0]["quote"].startswith("Ultimately, the burden")
    assert (first.source_file, first.source_line) == ("aiAssemblies.json", 1)


def test_an_id_that_comes_twice_is_told_apart(river: Workshop, tmp_path: Path) -> None:
    path = put(tmp_path, "r.json", report(("c", "It should ask."), ("c", "It should wait.")))
    import_statement_file(path=path, workshop=river)
    assert dict(Statement.objects.values_list("external_id", "text")) == {
        "c": "It should ask.",
        "c-2": "It should wait.",
    }


def test_one_bad_claim_does_not_cost_the_others(river: Workshop, tmp_path: Path) -> None:
    path = put(tmp_path, "r.json", report(("a", "It should ask."), ("b", " "), ("c", "Wait.")))
    imported = import_statement_file(path=path, workshop=river)
    rejection = imported.rejections.get()
    assert (imported.rows_stored, rejection.line, rejection.field) == (2, 2, "claim")


def test_a_table_may_name_kind_theme_and_quote(river: Workshop, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "s.csv",
        'id,text,kind,theme,quote\n7,"=It should\nask.",rule,Care,I was not asked.\n8,Wait.,,,\n',
    )
    import_statement_file(path=path, workshop=river)
    rule, norm = Statement.objects.order_by("external_id")
    assert (rule.text, rule.kind, rule.theme) == ("=It should\nask.", "rule", "Care")
    assert rule.quotes == [{"quote": "I was not asked."}]
    assert (norm.kind, norm.source_line) == ("norm", 4)


def test_a_grown_file_adds_its_new_statements(river: Workshop, tmp_path: Path) -> None:
    line = json.dumps({"text": "It should ask."}) + "\n"
    path = put(tmp_path, "s.jsonl", line)
    first = import_statement_file(path=path, workshop=river)
    assert import_statement_file(path=path, workshop=river) == first
    put(tmp_path, "s.jsonl", '{"text": "New."}\n' + line)
    grown = import_statement_file(path=path, workshop=river)
    assert (grown.rows_stored, grown.rows_known) == (1, 1)


def test_one_id_does_not_stand_for_two_statements(river: Workshop, tmp_path: Path) -> None:
    path = put(tmp_path, "s.csv", "id,text\n1,It should ask.\n1,It should wait.\n")
    imported = import_statement_file(path=path, workshop=river)
    assert imported.rejections.get().line == 3


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("s.txt", "hello", "no file of statements"),
        ("s.csv", "words\nhello\n", "There is no column 'text'"),
        ("s.json", '{"tree": [{"topicName": "x"}]}', "field subtopics: The field is not a list"),
        ("s.json", '{"tree": []}', "holds no rows"),
        ("s.json", '{"tree": [{', "breaks off"),
    ],
)
def test_what_holds_no_statements_is_refused(
    river: Workshop, tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    with pytest.raises(ImportRefused, match=sentence.replace("'", ".")):
        import_statement_file(path=put(tmp_path, name, text), workshop=river)
    assert not ImportedFile.objects.exists()


def test_the_command_makes_the_workshop_or_says_why_not(db: None, tmp_path: Path) -> None:
    out, path = StringIO(), put(tmp_path, "s.csv", "text\nIt should ask.\n")
    call_command("import_statements", path, workshop="new", title="New", stdout=out)
    assert "1 stored" in out.getvalue()
    assert Workshop.objects.get().title == "New"
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_statements", tmp_path / "nowhere.csv", workshop="other")
