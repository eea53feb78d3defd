"""What the pages about datasets, rows, runs and reports show, and whom they refuse."""

import pytest
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.models import Participant
from tests.line import (
    ROW,
    make_report,
    make_run,
    make_snapshot,
    make_version,
    one_community,
    report_result,
)
from training.forms import RunForm
from training.models import TrainingRun
from training.reading import curve, report_lines

BETTER, WORSE, OPEN = (0.1, 0.05, 0.2), (-0.1, -0.2, -0.05), (0.01, -0.1, 0.1)


@pytest.fixture
def snapshot(river, amara, tmp_path):
    """A dataset of one row that rests on Amara's answer."""
    return make_snapshot(make_version(river), amara, tmp_path)


@pytest.fixture
def read(client, teo):
    """Open a page as Teo, who trains; returns its text."""
    client.force_login(teo)

    def opened(address: str, status: int = 200) -> str:
        response = client.get(address)
        assert response.status_code == status
        return response.content.decode()

    return opened


def test_a_dataset_says_what_was_left_out_and_why(snapshot, read):
    page = read(snapshot.get_absolute_url())
    assert "Pairs with ties alone" in page
    assert "No prompt is held out." in page


def test_rows_are_narrowed_by_community_and_principle(snapshot, read):
    address = snapshot.get_absolute_url()
    assert ROW[:10] in read(f"{address}?community=fishers&principle=1")
    assert "No row matches." in read(f"{address}?split=heldout")


def test_a_page_beyond_the_last_is_the_last(snapshot, read):
    assert ROW[:10] in read(f"{snapshot.get_absolute_url()}?page=99")


def test_a_lost_file_does_not_hide_behind_an_empty_trace(snapshot, read, river, tmp_path):
    (tmp_path / "lineage.jsonl").unlink()
    page = read(reverse("trace-participant", args=[river.slug]) + "?pseudonym=amara")
    assert "Not every dataset could be read." in page


def test_a_dataset_that_lost_its_files_says_so(snapshot, read, tmp_path):
    (tmp_path / "train.jsonl").unlink()
    assert "has lost its file train.jsonl" in read(snapshot.get_absolute_url())


def test_a_row_leads_to_the_answer_it_rests_on(snapshot, read):
    page = read(reverse("row", args=[snapshot.hash, ROW]))
    assert "amara" in page
    assert "votes.csv" in page
    assert "Yes &lt;b&gt;." in page
    assert "<b>." not in page


def test_an_answer_whose_person_withdrew_keeps_its_place_and_says_so(snapshot, read):
    Participant.objects.filter(pseudonym="amara").update(pseudonym="withdrawn-1")
    page = read(reverse("row", args=[snapshot.hash, ROW]))
    assert "This person withdrew; their answer was erased." in page
    assert "votes.csv" not in page


def test_a_row_that_is_not_there_is_not_found(snapshot, read):
    read(reverse("row", args=[snapshot.hash, "c" * 64]), status=404)


def test_a_person_leads_to_the_rows_that_rest_on_them(snapshot, read, river):
    page = read(reverse("trace-participant", args=[river.slug]) + "?pseudonym=amara")
    assert ROW[:10] in page
    assert "1 row rests on answers" in page


def test_an_unknown_pseudonym_finds_nobody(snapshot, read, river):
    page = read(reverse("trace-participant", args=[river.slug]) + "?pseudonym=%3Cb%3Eno")
    assert "Nobody in this workshop is called <bdi>&lt;b&gt;no</bdi>" in page


def test_observers_see_counts_and_no_single_rows(client, snapshot, river, pilar):
    pilar.memberships.update(role="observer")
    client.force_login(pilar)
    page = client.get(snapshot.get_absolute_url()).content.decode()
    assert "Rows per community" in page
    assert ROW[:10] not in page


def test_freezing_waits_for_the_worker(client, snapshot, teo):
    version = snapshot.constitution_version
    client.force_login(teo)
    address = reverse("freeze", args=[version.constitution_id, 1])
    page = client.post(address, {"kind": "sft", "seed": ""}, follow=True).content.decode()
    work = Work.objects.get(subject=f"snapshot:{version.pk}")
    assert work.arguments["kind"] == "sft"
    assert work.arguments["seed"] == 7
    assert "Waiting for a worker to take it." in page


def test_starting_a_run_puts_it_in_the_queue(client, snapshot, teo, settings, tmp_path):
    settings.FOLKMOOT_HOME = tmp_path
    client.force_login(teo)
    fields = {name: field.initial for name, field in RunForm("preference").fields.items()}
    asked = {**fields, "recipe": "dpo", "base": "tiny", "group_robust": "on", "max_steps": 5}
    client.post(reverse("start-run", args=[snapshot.hash]), asked)
    run = TrainingRun.objects.get()
    assert run.config["max_steps"] == 5
    assert run.config["group_robust"] == {"eta": 0.01}
    assert Work.objects.latest_for(run.subject).status == "queued"


def test_a_prompt_that_fills_the_row_is_refused_beside_its_field(client, snapshot, teo):
    client.force_login(teo)
    asked = {"recipe": "dpo", "max_prompt_tokens": 300, "max_tokens": 200}
    response = client.post(reverse("start-run", args=[snapshot.hash]), asked)
    assert response.status_code == 422
    assert "Make the longest prompt shorter than the longest row." in response.content.decode()


def test_demonstrations_are_trained_on_by_imitation_alone():
    form = RunForm("sft")
    assert [value for value, _ in form.fields["recipe"].choices] == ["sft"]
    assert "group_robust" not in form.fields


@pytest.mark.parametrize(
    ("numbers", "word", "sign"),
    [
        (BETTER, "Better", "+10 points"),
        (WORSE, "Worse", "−10 points"),
        (OPEN, "Inconclusive", "+1"),
    ],
)
def test_a_verdict_is_a_word_with_its_numbers(snapshot, read, numbers, word, sign):
    run = make_run(snapshot)
    make_report(run, report_result(fishers=one_community(*numbers)))
    page = read(run.get_absolute_url())
    assert f'<p class="verdict-word">{word}</p>' in page
    assert sign in page


def test_what_was_not_measured_has_no_verdict(snapshot, read):
    run = make_run(snapshot)
    make_report(run, report_result(fishers=one_community(None, None, None)))
    page = read(run.get_absolute_url())
    assert '<p class="verdict-word">Not measured</p>' in page
    assert "nan" not in page.lower().split()
    assert "None" not in page


def test_a_community_too_small_to_report_on_is_left_unsaid(snapshot, read, river):
    type(river).objects.filter(pk=river.pk).update(small_cell=25)
    run = make_run(snapshot)
    make_report(run, report_result(fishers=one_community(*BETTER)))
    page = read(run.get_absolute_url())
    assert "Too few to say" in page
    assert "+10 points" not in page
    read(reverse("report-json", args=[run.pk]), status=403)


def test_samples_are_shown_as_text(snapshot, read):
    run = make_run(snapshot)
    make_report(run, report_result(fishers=one_community(*BETTER)))
    assert "&lt;i&gt;" in read(run.get_absolute_url())


def test_a_run_under_way_shows_its_progress_and_can_be_cancelled(client, snapshot, read, teo):
    run = make_run(snapshot)
    work = Work.objects.create(task="x", subject=run.subject, progress={"done": 3, "of": 12})
    page = read(run.get_absolute_url())
    assert reverse("training-run-progress", args=[run.pk, work.pk]) in page
    client.post(reverse("cancel-run", args=[run.pk]))
    work.refresh_from_db()
    assert work.status == "cancelled"
    assert "Continue the run" in read(run.get_absolute_url())


def test_progress_that_did_not_move_is_not_sent_again(client, snapshot, teo):
    run = make_run(snapshot)
    work = Work.objects.create(task="x", subject=run.subject, progress={"done": 3, "of": 12})
    client.force_login(teo)
    address = reverse("training-run-progress", args=[run.pk, work.pk])
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304


def test_a_failed_run_says_what_happened_and_what_was_kept(snapshot, read):
    run, ended = make_run(snapshot), "2027-01-01T00:00Z"
    why = "At step 3 the loss stopped being a finite number."
    Work.objects.create(task="x", subject=run.subject, status="failed", error=why, ended=ended)
    page = read(run.get_absolute_url())
    assert why in page
    assert "Its last complete checkpoint is kept." in page


def test_another_runs_progress_is_not_there(snapshot, read):
    first, second = make_run(snapshot), make_run(snapshot)
    work = Work.objects.create(task="x", subject=second.subject)
    read(reverse("training-run-progress", args=[first.pk, work.pk]), status=404)


def test_a_report_is_said_in_lines_for_a_terminal(snapshot):
    parts = {"farmers": one_community(*WORSE), "fishers": one_community(None, None, None)}
    lines = "\n".join(report_lines(make_report(make_run(snapshot), report_result(**parts))))
    lines = lines.replace("\N{NO-BREAK SPACE}", " ")
    assert "Farmers: 50 % (40–60) → 40 % (40–70), −10 points (−20 to −5): worse" in lines
    assert "Fishers: 50 % (40–60) → not measured, not measured: not measured" in lines
    assert "length alone 55 % (45–65), always the shorter one" in lines


def test_a_curve_falls_from_left_to_right_as_the_loss_does():
    path = curve([{"step": 1, "loss": 0.7}, {"step": 12, "loss": 0.5}], 12)["path"]
    assert path == "M10.0,10.0 L590.0,130.0"


def test_one_step_is_no_curve_yet():
    assert curve([{"step": 1, "loss": 0.7}, {"step": 2, "loss": None}], 12) == {}
