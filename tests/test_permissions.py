"""Who may open what: one table of every page, and what each persona is answered.

A new page needs a row here; a test fails until it has one.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from deliberation.models import Statement
from elicitation.kernel.models import Work
from elicitation.models import (
    Activity,
    AnswerEvent,
    IdentityAnswer,
    IdentityQuestion,
    ImportedFile,
    Membership,
    Participant,
    Prompt,
    Stage,
    User,
    Workshop,
)
from policy.models import ConstitutionVersion
from tests.conftest import staff, take_part
from tests.line import (
    ROW,
    SNAPSHOT,
    make_report,
    make_run,
    make_snapshot,
    make_version,
    one_community,
    report_result,
)
from tests.test_participant_permissions import TABLE as PARTICIPANTS
from training.models import TrainingRun

SIGN_IN, FINE, WRONG, NO, NOT_THERE, NOT_SO = 302, 200, 422, 403, 404, 405
WHO = ("nobody", "olu", "observer", "moderator", "analyst", "trainer", "facilitator", "ada")
ARGUMENTS = {"slug": "river", "pk": 1, "number": 1, "format": "json", "name": SNAPSHOT, "row": ROW}


class Row(NamedTuple):
    """One method on one page, and the status for each of WHO."""

    method: str
    page: str
    arguments: str
    answers: tuple[int, ...]


def everyone(status: int) -> tuple[int, ...]:
    """The same for all."""
    return (status,) * len(WHO)


def signed_in(status: int, otherwise: int = SIGN_IN) -> tuple[int, ...]:
    """Whoever has an account, whatever their part."""
    return (otherwise, *((status,) * (len(WHO) - 1)))


def members(status: int = FINE) -> tuple[int, ...]:
    """Everyone in the workshop."""
    return (SIGN_IN, NOT_THERE, *((status,) * 6))


def of_staff(status: int = FINE) -> tuple[int, ...]:
    """Everyone in the workshop but observers."""
    return (SIGN_IN, NOT_THERE, NO, *((status,) * 5))


def bringing_data(status: int = FINE) -> tuple[int, ...]:
    """Analysts, facilitators and administrators."""
    return (SIGN_IN, NOT_THERE, NO, NO, status, NO, status, status)


def writing_policy(status: int = 302) -> tuple[int, ...]:
    """Analysts and administrators."""
    return (SIGN_IN, NOT_THERE, NO, NO, status, NO, NO, status)


def training(status: int = 302) -> tuple[int, ...]:
    """Trainers and administrators."""
    return (SIGN_IN, NOT_THERE, NO, NO, NO, status, NO, status)


def facilitating(status: int = FINE) -> tuple[int, ...]:
    """Facilitators and administrators."""
    return (SIGN_IN, NOT_THERE, NO, NO, NO, NO, status, status)


def moderating(status: int = FINE) -> tuple[int, ...]:
    """Moderators, facilitators and administrators."""
    return (SIGN_IN, NOT_THERE, NO, status, NO, NO, status, status)


def making_workshops(status: int = FINE) -> tuple[int, ...]:
    """Facilitators and administrators."""
    return (SIGN_IN, NO, NO, NO, NO, NO, status, status)


TABLE = [
    Row("get", "home", "", everyone(FINE)),
    Row("get", "workshop-new", "", making_workshops()),
    Row("post", "workshop-new", "", making_workshops(WRONG)),
    Row("get", "workshop", "slug", members()),
    Row("get", "statements", "slug", members()),
    Row("post", "statements", "slug", everyone(NOT_SO)),
    Row("get", "prompts", "slug", members()),
    Row("get", "prompt", "slug pk", members()),
    Row("get", "people", "slug", of_staff()),
    Row("get", "import", "slug", bringing_data()),
    Row("post", "import", "slug", bringing_data(WRONG)),
    Row("get", "import-progress", "slug importing", bringing_data()),
    Row("get", "import-report", "slug pk", of_staff()),
    Row("get", "import-rejections", "slug pk", of_staff()),
    Row("get", "meeting", "slug", facilitating()),
    Row("get", "meeting-numbers", "slug", facilitating()),
    Row("post", "meeting-community", "slug", facilitating(302)),
    Row("post", "meeting-add-stage", "slug", facilitating(302)),
    Row("post", "meeting-stage", "slug stage", facilitating(302)),
    Row("post", "meeting-activity", "slug activity", facilitating(302)),
    Row("get", "push-prompt", "slug activity", facilitating()),
    Row("post", "turn-vote", "slug activity", facilitating(302)),
    Row("get", "push-statement", "slug activity", facilitating()),
    Row("get", "workshop-settings", "slug", facilitating()),
    Row("post", "workshop-settings", "slug", facilitating(WRONG)),
    Row("post", "add-question", "slug", facilitating(302)),
    Row("post", "remove-question", "slug question", facilitating(302)),
    Row("get", "screening", "slug", moderating()),
    Row("post", "screening", "slug", moderating(302)),
    Row("get", "moderation", "slug", moderating()),
    Row("post", "moderate", "slug statement", moderating(302)),
    Row("get", "merge", "slug statement", moderating()),
    Row("get", "translations", "slug", moderating()),
    Row("post", "translations", "slug", moderating(302)),
    Row("get", "translations-file", "slug", moderating()),
    Row("post", "translations-file", "slug", moderating(WRONG)),
    Row("get", "sheet", "slug", facilitating()),
    Row("get", "screen", "slug", facilitating()),
    Row("get", "screen-now", "slug", facilitating()),
    Row("get", "integrity", "slug", facilitating()),
    Row("post", "integrity", "slug", facilitating(302)),
    Row("get", "integrity-progress", "slug checking", facilitating()),
    Row("get", "analyses", "slug", members()),
    Row("post", "analyse", "slug", writing_policy()),
    Row("get", "analysis-progress", "slug analysing", members()),
    Row("get", "analysis", "slug analysis", members()),
    Row("get", "analysis-json", "slug analysis", facilitating()),
    Row("post", "ask-next", "slug analysis", bringing_data(302)),
    Row("get", "live", "slug", bringing_data()),
    Row("get", "live-now", "slug", bringing_data()),
    Row("get", "fault-lines", "slug analysis", members()),
    Row("post", "fault-lines-change", "slug analysis", writing_policy()),
    Row("post", "draft-constitution", "slug", writing_policy()),
    Row("get", "constitution", "constitution", members(302)),
    Row("get", "constitution-version", "constitution number", members()),
    Row("get", "constitution-compare", "constitution number number", members()),
    Row("get", "constitution-export", "constitution number format", members()),
    Row("post", "ratify", "constitution number", writing_policy()),
    Row("get", "datasets", "constitution number", members()),
    Row("post", "freeze", "constitution number", training(WRONG)),
    Row("get", "freeze-progress", "constitution number freezing", members()),
    Row("get", "snapshot", "name", members()),
    Row("get", "row", "name row", of_staff()),
    Row("post", "start-run", "name", training(WRONG)),
    Row("post", "export-snapshot", "name", training()),
    Row("get", "trace-participant", "slug", of_staff()),
    Row("get", "runs", "", signed_in(FINE)),
    Row("get", "training-run", "run", members()),
    Row("get", "training-run-progress", "run training", members()),
    Row("post", "cancel-run", "run", training()),
    Row("post", "continue-run", "run", training()),
    Row("get", "report", "run", members(302)),
    Row("get", "report-json", "run", members()),
    Row("get", "account_login", "", (FINE, *everyone(302)[1:])),
    Row("get", "account_logout", "", signed_in(FINE)),
    Row("get", "account_change_password", "", signed_in(FINE)),
    Row("get", "account_inactive", "", everyone(FINE)),
    Row("get", "account_signup", "", (FINE, *everyone(302)[1:])),
    Row("get", "account_reauthenticate", "", signed_in(FINE)),
    Row("get", "account_set_password", "", signed_in(302)),
]


@pytest.fixture
def clients(river: Workshop, tmp_path: Path) -> dict[str, Client]:
    """A browser for each of WHO, and one of everything that a page can be about."""
    Prompt.objects.create(
        pk=1, workshop=river, messages=[{"role": "user", "content": "?"}], content_hash="1"
    )
    ImportedFile.objects.create(pk=1, workshop=river, name="a", format="csv", sha256="1", bytes=1)
    make_line(river, tmp_path)
    users: dict[str, User | None] = {"nobody": None, "olu": staff(None, "olu")}
    for role in Membership.Role:
        users[role.value] = staff(river, role.value, role)
    users["ada"] = User.objects.create_superuser("ada")
    return {name: browser_of(users[name]) for name in WHO}


def make_line(workshop: Workshop, home: Path) -> None:
    """One of everything from an analysis to a report."""
    amara = take_part(workshop, "fishers", "amara")
    version = make_version(workshop)
    run = make_run(make_snapshot(version, amara, home))
    make_report(run, report_result(fishers=one_community(0.1, 0.05, 0.2)))
    imports = f"import:{workshop.pk}"
    checks = f"integrity:{workshop.pk}"
    for subject in (imports, checks, f"snapshot:{version.pk}", run.subject, "analysis:river"):
        Work.objects.create(task="none", subject=subject)
    make_meeting(workshop, amara)


def make_meeting(workshop: Workshop, amara: Participant) -> None:
    """A stage to vote in, and a question about oneself that somebody has answered."""
    Activity.objects.create(stage=workshop.stages.get(), kind=Activity.Kind.VOTE)
    question = IdentityQuestion.objects.create(workshop=workshop, text="How do you get here?")
    event = AnswerEvent.objects.create(
        participant=amara, key="identity", kind="identity", target=question.pk, body={}
    )
    IdentityAnswer.objects.create(participant=amara, question=question, event=event)


def arguments() -> dict[str, object]:
    """What addresses are made of: numbers go on from test to test where PostgreSQL counts."""
    version = ConstitutionVersion.objects.get()
    run = TrainingRun.objects.get()
    return ARGUMENTS | {
        "analysis": version.analysis_id,
        "constitution": version.constitution_id,
        "run": run.pk,
        "freezing": Work.objects.get(subject=f"snapshot:{version.pk}").pk,
        "training": Work.objects.get(subject=run.subject).pk,
        "importing": Work.objects.get(subject__startswith="import:").pk,
        "checking": Work.objects.get(subject__startswith="integrity:").pk,
        "stage": Stage.objects.get().pk,
        "activity": Activity.objects.get().pk,
        "question": IdentityQuestion.objects.get().pk,
        "statement": Statement.objects.order_by("pk")[0].pk,
        "analysing": Work.objects.get(subject="analysis:river").pk,
    }


def browser_of(user: User | None) -> Client:
    """A browser in which this user is signed in."""
    client = Client(raise_request_exception=True)
    if user:
        user.set_password("a password of one's own")
        user.save()
        client.force_login(user)
    return client


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.page}")
def test_each_persona_is_answered_as_the_table_says(row: Row, clients: dict[str, Client]) -> None:
    known = arguments()
    address = reverse(row.page, args=[known[name] for name in row.arguments.split()])
    answers = {name: ask(clients[name], row.method, address) for name in WHO}
    assert answers == dict(zip(WHO, row.answers, strict=True))


def ask(client: Client, method: str, address: str) -> int:
    """The status of the answer."""
    return int(getattr(client, method)(address).status_code)


def test_every_page_has_a_row() -> None:
    rows = {row.page for row in [*TABLE, *PARTICIPANTS]}
    assert names_of_pages(get_resolver()) == rows


def names_of_pages(resolver: URLResolver) -> set[str]:
    """The names of all pages outside the admin, which Django's own permissions guard."""
    return set(walk(resolver))


def walk(resolver: URLResolver) -> Iterator[str]:
    """The names below one resolver."""
    for pattern in resolver.url_patterns:
        if not isinstance(pattern, URLResolver):
            yield str(pattern.name)
        elif pattern.namespace != "admin":
            yield from walk(pattern)


@pytest.mark.parametrize("name", [name for name in WHO if name != "ada"])
def test_only_administrators_enter_the_admin(name: str, clients: dict[str, Client]) -> None:
    assert clients[name].get(reverse("admin:index")).status_code == SIGN_IN
    assert clients["ada"].get(reverse("admin:index")).status_code == FINE


def test_the_signed_out_come_back_to_the_page_they_wanted(clients: dict[str, Client]) -> None:
    wanted = reverse("people", args=["river"])
    response = clients["nobody"].get(wanted)
    assert response["Location"] == f"{reverse('account_login')}?next={wanted}"


def test_a_workshop_of_others_looks_like_one_that_does_not_exist(
    clients: dict[str, Client],
) -> None:
    theirs = clients["olu"].get(reverse("workshop", args=["river"]))
    nobodys = clients["olu"].get(reverse("workshop", args=["no-such"]))
    assert theirs.status_code == nobodys.status_code == NOT_THERE
    assert without_tokens(theirs.content.decode()) == without_tokens(nobodys.content.decode())


def without_tokens(page: str) -> str:
    """The page without what differs every time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_a_row_of_another_workshop_is_not_there(clients: dict[str, Client]) -> None:
    other = Workshop.objects.create(slug="hill", title="Hill")
    prompt = Prompt.objects.create(workshop=other, messages=[{"content": "?"}], content_hash="2")
    page = reverse("prompt", args=["river", prompt.pk])
    assert clients["ada"].get(page).status_code == NOT_THERE


def test_a_refusal_names_the_roles_that_may(clients: dict[str, Client]) -> None:
    page = clients["observer"].get(reverse("import", args=["river"])).content.decode()
    assert "facilitator or policy analyst" in page
