"""Importing a Polis conversation, held against what Polis itself exported."""

import csv
import random
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deliberation.models import Label, Statement, Vote
from deliberation.services import import_polis_folder
from elicitation.errors import ImportRefused, SeatTaken
from elicitation.models import AnswerEvent, ImportedFile, Participant, Workshop
from elicitation.services import name_community, open_workshop

PUBLISHED = Path(__file__).resolve().parents[2] / "deploy" / "data" / "polis"
COMMENTS = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
VOTES = "timestamp,datetime,comment-id,voter-id,vote\n"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two statements, three people, and Ann (0), who changed her mind; rows not in time order."""
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "comments.csv").write_text(
        COMMENTS + '1000,x,0,0,1,1,1,"It should listen.\nAlways."\n1001,x,1,1,2,0,-1,應該聽\n'
    )
    (folder / "votes.csv").write_text(
        VOTES + "3000,x,0,0,-1\n2000,x,0,0,1\n2000,x,0,1,0\n2000,x,1,2,1\n2001,x,1,2,1\n"
    )
    (folder / "participants-votes.csv").write_text(
        "participant,group-id,n-votes,0,1\n2,1,1,,1\n0,0,1,-1,\n1,,1,0,\n77,1,0,,\n"
    )
    return folder


@pytest.fixture
def workshop(db: None) -> Workshop:
    return open_workshop(slug="talks", provenance="real")


def bring(folder: Path, workshop: Workshop, community: str = "Riders", **more: str) -> ImportedFile:
    return import_polis_folder(
        folder=folder, workshop=workshop, community=name_community(name=community), **more
    )


def shuffled(name: str, to: Path) -> Path:
    folder = shutil.copytree(PUBLISHED / name, to / name)
    header, *rows = (folder / "votes.csv").read_text().splitlines(keepends=True)
    random.Random(11).shuffle(rows)
    (folder / "votes.csv").write_text("".join([header, *rows]))
    return folder


def published_matrix(folder: Path) -> dict[tuple[str, str], int]:
    with (folder / "participants-votes.csv").open(newline="") as file:
        return {
            (row["participant"], number): int(cell)
            for row in csv.DictReader(file)
            for number, cell in row.items()
            if number.isdigit() and cell
        }


def imported_matrix() -> dict[tuple[str, str], int]:
    rows = Vote.objects.values_list("participant__pseudonym", "statement__external_id", "choice")
    return {(name.rpartition("-")[2], number): choice for name, number, choice in rows}


def test_shuffled_votes_give_the_published_matrix_cell_by_cell(
    workshop: Workshop, tmp_path: Path
) -> None:
    folder = shuffled("vtaiwan.uberx", tmp_path)
    bring(folder, workshop)
    assert len(imported_matrix()) == 49_443
    assert imported_matrix() == published_matrix(folder)


def test_every_group_label_is_joined_by_the_persons_number(workshop: Workshop) -> None:
    folder = PUBLISHED / "15-per-hour-seattle"
    bring(folder, workshop)
    with (folder / "participants-votes.csv").open(newline="") as file:
        published = {row["participant"]: row["group-id"] for row in csv.DictReader(file)}
    labels = Label.objects.filter(label_set__name="polis").values_list(
        "participant__pseudonym", "name"
    )
    assert {name.rpartition("-")[2]: group for name, group in labels} == {
        person: group for person, group in published.items() if group
    }


def test_the_last_vote_by_time_holds_and_every_vote_stays(workshop: Workshop, talk: Path) -> None:
    bring(talk, workshop)
    assert imported_matrix() == {("0", "0"): -1, ("1", "0"): 0, ("2", "1"): 1}
    event = AnswerEvent.objects.get(source_line=3)
    assert (event.said_at_ms, event.source_file, event.body) == (2000, "votes.csv", {"choice": 1})
    assert AnswerEvent.objects.count() == 5


def test_of_two_votes_at_one_moment_the_later_row_holds(workshop: Workshop, talk: Path) -> None:
    with (talk / "votes.csv").open("a") as file:
        file.write("9000,x,1,0,1\n9000,x,1,0,-1\n")
    bring(talk, workshop)
    assert imported_matrix()[("0", "1")] == -1


def test_statements_keep_their_words_and_moderation(workshop: Workshop, talk: Path) -> None:
    bring(talk, workshop)
    first, second = Statement.objects.order_by("external_id")
    assert (first.text, first.moderation) == ("It should listen.\nAlways.", "in")
    assert (second.text, second.moderation, second.source_line) == ("應該聽", "out", 4)
    assert first.author is not None
    assert first.author.pseudonym == "talk-voter-0"


def test_groups_never_become_communities(workshop: Workshop, talk: Path) -> None:
    imported = bring(talk, workshop)
    assert list(workshop.communities.values_list("name", flat=True)) == ["Riders"]
    assert Label.objects.count() == 2
    [stranger] = imported.rejections.all()
    assert (stranger.file, stranger.line, stranger.field) == (
        "participants-votes.csv",
        5,
        "participant",
    )


def test_wrong_counts_in_the_export_are_told_not_believed(workshop: Workshop, talk: Path) -> None:
    imported = bring(talk, workshop)
    assert any("2 of 2 statements otherwise" in notice for notice in imported.notices)


def test_the_same_folder_again_changes_nothing(workshop: Workshop, talk: Path) -> None:
    said: list[str] = []
    first = bring(talk, workshop)
    again = bring(talk, workshop, report=lambda done, of, say: said.append(say))  # type: ignore[arg-type]
    assert again == first
    assert "already imported" in said[0]
    assert ImportedFile.objects.count() == 1


def test_a_later_export_adds_only_what_is_new(workshop: Workshop, talk: Path) -> None:
    bring(talk, workshop)
    votes = (talk / "votes.csv").read_text()
    (talk / "votes.csv").write_text(votes.replace(VOTES, VOTES + "5000,x,0,0,1\n"))
    later = bring(talk, workshop)
    assert (later.rows_stored, later.rows_known) == (1, 7)
    assert imported_matrix()[("0", "0")] == 1
    assert Participant.objects.count() == 3


def test_a_later_export_does_not_bring_back_who_withdrew(workshop: Workshop, talk: Path) -> None:
    bring(talk, workshop)
    Participant.objects.filter(pseudonym="talk-voter-0").update(withdrawn_at=timezone.now())
    with (talk / "votes.csv").open("a") as file:
        file.write("9000,x,0,0,1\n9000,x,0,1,1\n")
    later = bring(talk, workshop)
    assert later.rows_stored == 1
    assert {rejection.line for rejection in later.rejections.filter(field="voter-id")} == {2, 3, 7}


def test_newer_exports_need_no_participants_or_summary(workshop: Workshop, talk: Path) -> None:
    (talk / "participants-votes.csv").unlink()
    (talk / "comment-groups.csv").write_text("comment-id,group-a-votes\n0,1\n")
    assert bring(talk, workshop).rows_rejected == 0


def test_a_conversation_keeps_its_name_whatever_its_folder_is_called(
    workshop: Workshop, talk: Path, tmp_path: Path
) -> None:
    (talk / "summary.csv").write_text("topic,Rides\nurl,https://pol.is/3abc\n")
    bring(talk, workshop)
    moved = shutil.copytree(talk, tmp_path / "unpacked")
    assert bring(moved, workshop) == ImportedFile.objects.get()
    assert Participant.objects.filter(pseudonym="3abc-voter-0").count() == 1


def test_nobody_sits_in_two_communities(workshop: Workshop, talk: Path) -> None:
    bring(talk, workshop)
    with pytest.raises(SeatTaken, match="one community of a workshop"):
        bring(talk, workshop, "Drivers")
    (talk / "votes.csv").write_text(VOTES + "3000,x,0,0,-1\n")
    with pytest.raises(SeatTaken, match="'talk-voter-0' already sits in Riders"):
        bring(talk, workshop, "Drivers")
    assert ImportedFile.objects.count() == 1


def test_another_conversation_does_not_take_over_a_statements_number(
    workshop: Workshop, talk: Path
) -> None:
    bring(talk, workshop)
    (talk / "comments.csv").write_text(COMMENTS + "1000,x,0,0,0,0,1,It should speak.\n")
    with pytest.raises(
        ImportRefused, match="line 2, field comment-id: statement 0 has other words"
    ):
        bring(talk, workshop, source="second")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("2000,x,9,0,1", "comment-id"),
        ("2000,x,0,0,2", "vote"),
        ("2000,x,0,0,", "vote"),
        ("2000,x,0,0,1.0", "vote"),
        ("2000,x,0," + "9" * 40 + ",1", "voter-id"),
        ("2000,x,0,=1+1,1", "voter-id"),
        ("-5,x,0,0,1", "timestamp"),
        ("99999999999999,x,0,0,1", "timestamp"),
        (",x,0,0,1", "timestamp"),
        ("2000,x,0,0", ""),
    ],
)
def test_a_vote_that_means_nothing_is_turned_away_with_its_line(
    workshop: Workshop, talk: Path, row: str, field: str
) -> None:
    with (talk / "votes.csv").open("a") as file:
        file.write(row + "\n")
    imported = bring(talk, workshop)
    rejection = imported.rejections.get(file="votes.csv")
    assert (rejection.line, rejection.field) == (7, field)
    assert len(imported_matrix()) == 3


def test_a_comments_number_stands_once(workshop: Workshop, talk: Path) -> None:
    with (talk / "comments.csv").open("a") as file:
        file.write("1002,x,1,1,0,0,0,Again\n")
    imported = bring(talk, workshop)
    assert imported.rejections.get(file="comments.csv").line == 5


@pytest.mark.parametrize("name", ["comments.csv", "votes.csv"])
def test_a_folder_that_is_no_export_is_refused_in_a_sentence(
    db: None, talk: Path, name: str
) -> None:
    (talk / name).unlink()
    with pytest.raises(CommandError, match=f"not a Polis export: {name} is missing"):
        call_command("import_polis", talk, workshop="new", community="Riders")
    assert not Workshop.objects.exists()


def test_a_link_out_of_the_folder_is_refused(
    workshop: Workshop, talk: Path, tmp_path: Path
) -> None:
    (talk / "votes.csv").rename(tmp_path / "elsewhere.csv")
    (talk / "votes.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(ImportRefused, match=r"votes\.csv is a link"):
        bring(talk, workshop)


def test_the_command_reports_what_came_in(db: None, talk: Path, tmp_path: Path) -> None:
    out, rejected = StringIO(), tmp_path / "rejected.jsonl"
    call_command(
        "import_polis", talk, workshop="rides", community="Riders", rejections=rejected, stdout=out
    )
    assert "8 rows read, 7 stored, 0 known already, 1 turned away" in out.getvalue()
    assert "participants-votes.csv, line 5, participant" in out.getvalue()
    assert '"line":5' in rejected.read_text()
    assert Workshop.objects.get(slug="rides").provenance == "real"
