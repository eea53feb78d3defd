"""Pages about statements and votes, and the one page that brings answers in."""

import html
import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deliberation.models import Statement, Vote
from deliberation.tallies import splits_of
from elicitation.models import AnswerEvent, Community, Participant, User, Workshop
from tests.conftest import take_part
from tests.phones import open_activity


@pytest.fixture
def browser(client: Client, farid: User) -> Client:
    """Farid's browser."""
    client.force_login(farid)
    return client


def propose(workshop: Workshop, text: str, **fields: object) -> Statement:
    """A statement of the workshop."""
    number = Statement.objects.count()
    return Statement.objects.create(workshop=workshop, text=text, external_id=str(number), **fields)


def vote(person: Participant, statement: Statement, choice: int) -> None:
    """One person's vote."""
    event = AnswerEvent.objects.create(
        participant=person, key=f"{statement.pk}", kind="vote", target=statement.pk, body={}
    )
    Vote.objects.create(event=event, participant=person, statement=statement, choice=choice)


def fishers_vote(workshop: Workshop, statement: Statement, *choices: int) -> None:
    """As many fishers as there are choices vote on it."""
    for number, choice in enumerate(choices):
        vote(take_part(workshop, "fishers", f"f{statement.pk}-{number}"), statement, choice)


def html_of(client: Client, **query: str) -> str:
    """The statements' page."""
    return client.get(reverse("statements", args=["river"]), query).content.decode()


def words(page: str) -> str:
    """What a page says, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_votes_are_counted_for_each_community(
    river: Workshop, amara: Participant, bela: Participant
) -> None:
    statement = propose(river, "Name the river's owner.")
    vote(amara, statement, 1)
    vote(bela, statement, -1)
    fishers, farmers = splits_of(river, [statement])[statement.pk]
    assert (fishers.agree, fishers.disagree, fishers.passed) == (1, 0, 0)
    assert (farmers.agree, farmers.disagree, farmers.passed) == (0, 1, 0)


def test_shares_are_said_in_words_beside_the_bar(river: Workshop, browser: Client) -> None:
    Workshop.objects.update(provenance="real", provenance_note="A paper.")
    fishers_vote(river, propose(river, "Be brief."), *[1] * 6, *[-1] * 4, *[0] * 2)
    assert "50 % agree · 33 % disagree · 17 % pass · n 12" in words(html_of(browser))


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ([1] * 9, "Too few voted to say."),
        ([1] * 20, "Nearly all agreed: 16 or more of 20."),
        ([1] * 19 + [-1], "Nearly all agreed: 16 or more of 20."),
        ([1] * 18 + [-1, 0], "Nearly all agreed: 16 or more of 20."),
        ([-1] * 12 + [1] * 6, "12 of 18 disagreed."),
    ],
)
def test_a_live_workshop_exposes_neither_few_nor_a_lone_dissenter(
    river: Workshop, browser: Client, choices: list[int], told: str
) -> None:
    fishers_vote(river, propose(river, "Be brief."), *choices)
    assert f"Fishers {told}" in words(html_of(browser))


def test_nobody_can_look_twice_at_a_vote_that_is_under_way(
    river: Workshop, browser: Client
) -> None:
    activity = open_activity(river, "vote")
    fishers_vote(river, propose(river, "Be brief."), *[1] * 12, *[-1] * 6)
    assert "People are voting" in words(html_of(browser))
    assert "12" not in words(html_of(browser)).partition("Be brief.")[2]
    activity.stage.status = "closed"
    activity.stage.save()
    assert "Fishers 12 of 18 agreed." in words(html_of(browser))


def test_a_live_workshop_is_not_ordered_by_agreement(river: Workshop, browser: Client) -> None:
    fishers_vote(river, propose(river, "First"), -1)
    fishers_vote(river, propose(river, "Second"), 1)
    page = html_of(browser, order="agree")
    assert page.index("First") < page.index("Second")


def test_published_votes_can_be_ordered_and_one_vote_does_not_lead(
    river: Workshop, browser: Client
) -> None:
    Workshop.objects.update(provenance="real", provenance_note="A paper.")
    fishers_vote(river, propose(river, "Liked once"), 1)
    fishers_vote(river, propose(river, "Liked by many"), *[1] * 9, -1)
    page = html_of(browser, order="agree")
    assert page.index("Liked by many") < page.index("Liked once")


def test_few_published_votes_are_counted_and_not_made_into_a_share(
    river: Workshop, browser: Client
) -> None:
    Workshop.objects.update(provenance="real", provenance_note="A paper.")
    fishers_vote(river, propose(river, "Liked once"), 1)
    said = words(html_of(browser))
    assert "Too few to say : 1 agree, 0 disagree, 0 pass" in said
    assert "100 %" not in said


def test_what_was_taken_out_is_shown_only_when_asked_for(river: Workshop, browser: Client) -> None:
    propose(river, "Buy my boat", moderation="out", moderation_reason="An advertisement")
    assert "Buy my boat" not in html_of(browser)
    assert "An advertisement" in html_of(browser, out="on")


def test_statements_can_be_searched_and_narrowed_to_a_theme(
    river: Workshop, browser: Client
) -> None:
    propose(river, "Fish first", theme="Fish")
    propose(river, "Fields first", theme="Fields")
    for page in (html_of(browser, q="FISH"), html_of(browser, theme="Fish")):
        assert "Fish first" in page
        assert "Fields first" not in page


def test_many_statements_ask_the_database_as_often_as_one(river: Workshop, browser: Client) -> None:
    fishers_vote(river, propose(river, "One"), 1)
    with CaptureQueriesContext(connection) as few:
        html_of(browser)
    for number in range(20):
        fishers_vote(river, propose(river, f"Number {number}"), 1, -1)
    with CaptureQueriesContext(connection) as many:
        html_of(browser)
    assert len(many) == len(few)


SHAPES = "x y d cx cy r width height viewbox preserveaspectratio focusable aria-hidden".split()
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "</p></blockquote><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<!--<img src=--><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<details open ontoggle=alert(1)>",
    "<div hx-get='/account/logout/' hx-trigger='load'>",
    "<form action='https://example.org'><input name=password>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<style>*{display:none}</style>",
    "{{ request.user }}{% csrf_token %}",
    "\u202e<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_write_never_becomes_markup(
    river: Workshop, browser: Client, payload: str
) -> None:
    quotes = [{"text": payload, "who": payload}]
    statement = propose(river, payload, theme=payload[:100], quotes=quotes)
    fishers_vote(river, statement, *[1] * 8, *[-1] * 4)
    Community.objects.filter(slug="fishers").update(name=payload)
    plain = Elements.of(html_of(browser, q="matches nothing of it"))
    assert Elements.of(html_of(browser, q=payload)) - plain <= STATEMENT_ELEMENTS
    assert html.escape(payload) in html_of(browser)


# What a row with votes and quotes brings that an empty list does not.
STATEMENT_ELEMENTS = {
    *((name, attribute) for name in ("rect", "svg", "path", "circle") for attribute in SHAPES),
    *((name, "class") for name in ("blockquote", "details", "div", "p", "span", "svg", "rect")),
    *((name, "dir") for name in ("p", "footer", "span")),
    ("summary", ""),
    ("ul", "aria-label"),
    ("li", "id"),
}


class Elements(HTMLParser):
    """Each kind of element of a page with each attribute that it carries."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    @classmethod
    def of(cls, page: str) -> set[tuple[str, str]]:
        """Those of one page."""
        parser = cls()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        self.found |= {(tag, name) for name, _ in attrs} or {(tag, "")}
