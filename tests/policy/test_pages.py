"""What the pages about analyses and constitutions show, refuse and keep to themselves."""

import copy

import pytest
from django.urls import reverse

from elicitation.kernel.models import Work
from elicitation.models import Workshop
from policy.models import Analysis, ConstitutionVersion
from policy.reading import analysis_lines, found, in_words
from tests.line import (
    effect,
    empty_result,
    full_result,
    make_analysis,
    make_statements,
    make_version,
)

HOSTILE = "<script>alert(1)</script> {{ braces }} & “quotes”"


@pytest.fixture
def read(client, pilar):
    """Open a page as Pilar, who writes policy; returns its text."""
    client.force_login(pilar)

    def opened(address: str, status: int = 200) -> str:
        response = client.get(address)
        assert response.status_code == status
        return response.content.decode()

    return opened


def test_an_analysis_shows_fault_lines_before_common_ground(river, read):
    page = read(make_analysis(river).get_absolute_url())
    assert page.index("water, dry year") < page.index('id="common-ground"')
    assert "80 points apart (70–90)" in page


def test_common_ground_stands_with_interval_and_n(river, read):
    page = read(make_analysis(river).get_absolute_url())
    common = page[page.index('id="common-ground"') : page.index('id="divisive"')]
    assert "It should say when it is not sure." in common
    assert "(80–95)" in common
    assert "n 20" in common


def test_an_analysis_in_which_nobody_spoke_says_so_in_sentences(river, read):
    page = read(make_analysis(river, empty_result()).get_absolute_url())
    assert "Nobody has answered yet." in page
    assert "Nothing differs." in page
    assert "None compared." in page
    assert "None" not in page.replace("None compared.", "")
    assert "nan" not in page.lower().split()


def test_what_was_not_measured_is_never_a_zero(river, read):
    page = read(make_analysis(river).get_absolute_url())
    effects = page[page.index("Every effect") :]
    row = effects[effects.index("declines to answer") :].split("</tr>")[0]
    assert "Not measured" in row
    assert "Every answer was about equal." in row
    assert "0 %" not in row.replace("\N{NO-BREAK SPACE}", " ")


def test_communities_that_judged_different_pairs_are_not_to_be_compared(river, read):
    result = full_result(*make_statements(river))
    why = "Differences are not identified: they judged different pairs."
    result["identified"][0] |= {"identified": False, "sentence": why}
    page = read(make_analysis(river, result).get_absolute_url())
    figure = page[page.index("What makes an answer more likely") :].split("</figcaption>")[0]
    assert why in figure


def test_answers_published_without_raters_are_not_counted_as_people(river):
    result = empty_result()
    result["communities"][0] |= {"people": 9, "preferences": 9}
    assert found(result)[0].startswith("9 choices between two answers of a model")


def test_markup_in_a_statement_is_shown_and_never_run(river, read):
    analysis = make_analysis(river, full_result(*make_statements(river, HOSTILE)))
    page = read(analysis.get_absolute_url())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ braces }}" in page


def test_labels_that_explain_nothing_are_flagged(river, read):
    page = read(make_analysis(river).get_absolute_url())
    row = page[page.index(">polis") :].split("</tr>")[0]
    assert "Flagged: no better than chance" in row
    assert "Shuffled labels explain as much." in row


def test_a_small_community_is_too_few_to_say(river, read):
    Workshop.objects.filter(pk=river.pk).update(small_cell=25)
    page = read(make_analysis(river).get_absolute_url())
    assert "Too few to say" in page
    assert "n 20" not in page
    assert "<svg viewBox='0 0 1 1'>" not in page


def test_published_answers_are_shown_however_few(river, read):
    Workshop.objects.filter(pk=river.pk).update(small_cell=25, provenance="real")
    assert "n 20" in read(make_analysis(river).get_absolute_url())


def test_smallest_counts_stay_with_the_facilitator(client, river, pilar, farid):
    address = reverse("analysis-json", args=[river.slug, make_analysis(river).pk])
    client.force_login(pilar)
    assert client.get(address).status_code == 403
    client.force_login(farid)
    assert client.get(address).json()["format"] == "folkmoot-analysis"


def test_asking_twice_makes_one_analysis(client, river, pilar):
    client.force_login(pilar)
    for _ in range(2):
        client.post(reverse("analyse", args=[river.slug]), {"seed": "3"})
    work = Work.objects.get(subject="analysis:river")
    assert work.arguments["seed"] == 3


@pytest.mark.parametrize(("asked", "given"), [({"groups": "4"}, 4), ({"groups": ""}, None)])
def test_the_analyst_may_say_how_many_opinion_groups(client, river, pilar, asked, given):
    client.force_login(pilar)
    client.post(reverse("analyse", args=[river.slug]), asked)
    assert Work.objects.get(subject="analysis:river").arguments["groups"] == given
    Work.objects.all().delete()
    client.post(reverse("analyse", args=[river.slug]), {"groups": "9"})
    assert not Work.objects.filter(subject="analysis:river").exists()


def test_the_workshop_says_what_is_under_way(client, river, pilar):
    version = make_version(river)
    for subject in ("analysis:river", f"snapshot:{version.pk}", "analysis:hill"):
        Work.objects.create(task="x", subject=subject, progress={"say": f"At {subject}"})
    client.force_login(pilar)
    page = client.get(river.get_absolute_url()).content.decode()
    assert "At analysis:river" in page
    assert f"At snapshot:{version.pk}" in page
    assert "At analysis:hill" not in page


def test_a_failed_analysis_says_why_and_that_earlier_ones_are_kept(river, read):
    make_analysis(river)
    subject, ended = "analysis:river", "2027-01-01T00:00Z"
    Work.objects.create(task="x", subject=subject, status="failed", ended=ended, error="No space.")
    page = read(reverse("analyses", args=[river.slug]))
    assert "The last analysis failed." in page
    assert "No space. Earlier ones are kept." in page


def test_a_workshop_without_analyses_teaches_the_next_step(river, read):
    page = read(reverse("analyses", args=[river.slug]))
    assert "No analysis yet" in page
    assert "Analyse the answers" in page


def test_drafting_leads_to_the_constitution(client, river, pilar):
    make_analysis(river)
    client.force_login(pilar)
    response = client.post(reverse("draft-constitution", args=[river.slug]), follow=True)
    page = response.content.decode()
    assert "It should say when it is not sure." in page
    assert "Common ground" in page
    assert "n 40" in page


def test_drafting_without_an_analysis_is_refused_in_a_sentence(client, river, pilar):
    client.force_login(pilar)
    response = client.post(reverse("draft-constitution", args=[river.slug]), follow=True)
    assert "has no analysis yet; run one first." in response.content.decode()


def test_a_principle_cites_the_fault_line_it_stands_on(river, read):
    page = read(make_version(river).get_absolute_url())
    assert "#fault-line-1" in page
    assert "water, dry year" in page


def test_two_versions_are_compared_word_by_word(river, read):
    first = make_version(river)
    second = ConstitutionVersion.objects.create(
        constitution=first.constitution, number=2, analysis=first.analysis, content_hash="2"
    )
    for principle in first.principles.all():
        principle.pk, principle.version = None, second
        principle.text = principle.text.replace("not sure", "guessing")
        principle.save()
    page = read(reverse("constitution-compare", args=[first.constitution_id, 2, 1]))
    assert "<del>not sure.</del>" in page
    assert "<ins>guessing.</ins>" in page


@pytest.mark.parametrize("format", ["json", "yaml", "md"])
def test_a_constitution_is_downloaded_in_each_format(client, river, pilar, format):
    version = make_version(river)
    client.force_login(pilar)
    names = [version.constitution_id, 1, format]
    response = client.get(reverse("constitution-export", args=names))
    assert "not sure" in response.content.decode()
    assert f"constitution-{version.constitution_id}-1.{format}" in response["Content-Disposition"]


def test_a_constitution_over_two_workshops_needs_both(client, river, pilar):
    version = make_version(river)
    version.constitution.workshops.add(Workshop.objects.create(slug="hill", title="Hill"))
    client.force_login(pilar)
    assert client.get(version.get_absolute_url()).status_code == 404


def test_an_analysis_is_said_in_lines_for_a_terminal(river):
    lines = "\n".join(analysis_lines(make_analysis(river)))
    assert "60 people in 2 communities cast 120 votes on 2 statements" in lines
    assert "Fault line 1: water, dry year: 80 points (70–90) apart" in lines
    assert "Label set polis is flagged: Shuffled labels explain as much." in lines


def test_an_empty_analysis_is_said_in_lines_too(river):
    lines = "\n".join(analysis_lines(make_analysis(river, empty_result())))
    assert "Nobody has answered yet." in lines
    assert "None compared." in lines


def test_the_side_that_is_chosen_more_is_the_one_that_is_named():
    shorter = effect("length", 0.2, 0.1, 0.3) | {"phrase": "prefers shorter completions"}
    words = in_words(shorter).replace("\N{NO-BREAK SPACE}", " ")
    assert words == "prefers shorter completions: chosen 80 % (70–90) of the time"


def test_the_list_of_analyses_does_not_read_their_results(
    river, read, django_assert_max_num_queries
):
    for _ in range(3):
        make_analysis(river, copy.deepcopy(empty_result()))
    with django_assert_max_num_queries(60):
        page = read(reverse("analyses", args=[river.slug]))
    assert page.count("/analyses/") >= Analysis.objects.count()
