"""Datasets, rows, runs and reports in a real browser."""

import pytest
from django.urls import reverse

from elicitation.kernel.models import Work
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_policy_pages import NARROWEST, inspect
from tests.line import (
    ROW,
    make_report,
    make_run,
    make_snapshot,
    make_version,
    one_community,
    report_result,
)
from training.charts import report_charts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEPS = [
    {"step": i, "loss": 0.7 - i / 50, "rows": 4, "tokens": 400, "seconds": 2.5}
    | {"communities": {name: {"margin": i / 10, "weight": 1 + i / 9} for name in ("fishers",)}}
    for i in range(1, 7)
]


@pytest.fixture
def snapshot(river, amara, teo, tmp_path):
    """A dataset of one row that rests on Amara's answer."""
    return make_snapshot(make_version(river), amara, tmp_path)


@pytest.fixture
def addresses(snapshot, river) -> dict[str, str]:
    """One page of each kind, with drawings."""
    run = make_run(snapshot)
    parts = {
        "fishers": one_community(0.1, 0.05, 0.2),
        "farmers": one_community(-0.1, -0.2, -0.05),
        "elders": one_community(None, None, None),
    }
    report = make_report(run, report_result(**parts))
    report.charts = report_charts(STEPS, report.result, {"fishers": "Fishers"})
    report.save()
    version = snapshot.constitution_version
    return {
        "datasets": reverse("datasets", args=[version.constitution_id, 1]),
        "snapshot": snapshot.get_absolute_url(),
        "row": reverse("row", args=[snapshot.hash, ROW]),
        "trace": reverse("trace-participant", args=[river.slug]) + "?pseudonym=amara",
        "runs": reverse("runs"),
        "run": run.get_absolute_url(),
    }


@pytest.mark.parametrize("page", [NARROWEST, PHONE, LAPTOP], indirect=True)
def test_every_page_fits_and_can_be_used_by_all(page, sign_in, teo, addresses, snap):
    sign_in(teo)
    for name, address in addresses.items():
        inspect(page, address)
        snap(name)


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_pages_fit_when_they_run_from_right_to_left(page, sign_in, teo, addresses, snap):
    sign_in(teo)
    page.set_extra_http_headers({"Accept-Language": "ar"})
    for name, address in addresses.items():
        inspect(page, address)
        snap(f"{name}-rtl")


def test_a_training_row_is_clicked_through_to_the_answer(page, sign_in, teo, addresses):
    sign_in(teo)
    page.goto(addresses["snapshot"])
    page.get_by_role("link", name=ROW[:10]).click()
    assert page.get_by_role("row", name="amara").get_by_text("votes.csv").is_visible()
    page.get_by_role("link", name="amara").click()
    assert page.get_by_text("1 row rests on answers of amara").is_visible()


def test_a_run_under_way_fills_its_page_and_ends_with_it(page, sign_in, teo, snapshot):
    run = make_run(snapshot)
    work = Work.objects.create(task="x", subject=run.subject, progress={"done": 3, "of": 12})
    sign_in(teo)
    page.goto(run.get_absolute_url())
    assert page.get_by_text("3 of 12").is_visible()
    Work.objects.filter(pk=work.pk).update(progress={"done": 9, "of": 12})
    page.get_by_text("9 of 12").wait_for()
    why, ended = "The machine ran out of memory.", "2027-01-01T00:00Z"
    Work.objects.filter(pk=work.pk).update(status="failed", error=why, ended=ended)
    page.get_by_role("button", name="Continue the run").wait_for()
    assert page.get_by_text(why).is_visible()


def test_verdicts_are_told_apart_by_words(page, sign_in, teo, addresses):
    sign_in(teo)
    page.goto(addresses["run"])
    words = page.locator(".verdict-word").all_text_contents()
    assert sorted(words) == ["Better", "Not measured", "Worse"]
