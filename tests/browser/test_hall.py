"""An evening in a hall: three people of two communities, each on a phone, through all there is.

Amara loses the connection for a while, Bela reads from right to left, Carla has only a keyboard.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.utils import translation
from playwright.sync_api import Browser, Locator, Page, expect

from deliberation.models import Statement, Vote
from elicitation.models import (
    Activity,
    AnswerEvent,
    Case,
    Consent,
    IdentityAnswer,
    IdentityQuestion,
    Participant,
    Preference,
    Ranking,
    Rating,
    Rewrite,
    Stage,
    User,
    Workshop,
    WorkshopCommunity,
)
from elicitation.templatetags.phone import NAMES
from policy.models import ConstitutionVersion, Endorsement
from policy.ratifying import open_ratification
from tests.browser.hands import Person, phone_of
from tests.browser.queueing import kept
from tests.deliberation.statements import people, state, vote
from tests.elicitation.stock import stock
from tests.line import make_version
from tests.phones import open_activity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Kind = Activity.Kind
CODES = {"fishers": "ABCD2345", "farmers": "ABCD2346"}
WISH = "say where to ask nearby"
FIRST = {"It should listen.": "Agree", "It should be brief.": "Disagree"}
SECOND = {"It should listen.": "Pass, or not sure", "It should be brief.": "Disagree"}
CHOICE = {"Agree": 1, "Disagree": -1, "Pass, or not sure": 0}
ENDORSES, OBJECTS = "I endorse this rule", "I object"


@pytest.fixture
def hall(river: Workshop, farid: User) -> Workshop:
    """Everything is open but the review; thirty others voted already."""
    Workshop.objects.update(small_cell=5, support="Ring 112.", organiser="The town library")
    for slug, code in CODES.items():
        WorkshopCommunity.objects.filter(community__slug=slug).update(join_code=code)
    stock(river, prompts=4, completions=3)
    kinds = (Kind.COMPARE, Kind.RATE, Kind.CRITERIA, Kind.RANK, Kind.REWRITE, Kind.CASE)
    for place, kind in enumerate((*kinds, Kind.PROPOSE, Kind.VOTE, Kind.IDENTITY)):
        wanted = {Kind.COMPARE: 2, Kind.VOTE: None}.get(kind, 1)
        open_activity(river, kind, position=place, wanted=wanted)
    IdentityQuestion.objects.create(workshop=river, text="How do you come?", options=["On foot"])
    voting = Activity.objects.get(kind=Kind.VOTE)
    for community in CODES:
        others = people(voting, community, 15)
        for text in FIRST:
            known = Statement.objects.filter(text=text).first()
            vote(voting, known or state(voting, text), others, 8, 7)
    return river


@pytest.fixture
def phones(browser: Browser, site: str, hall: Workshop) -> Iterator[list[Person]]:
    """Amara's, Bela's and Carla's."""
    with (
        phone_of(browser, site) as amara,
        phone_of(browser, site, "ar") as bela,
        phone_of(browser, site, by="keys") as carla,
    ):
        yield [amara, bela, carla]


def joins(person: Person, community: str, *scopes: str) -> tuple[Participant, str]:
    """Join by the code on the wall; who they are here, and the code to come back by."""
    person.page.goto("/join/")
    person.write("Your code", CODES[community].lower())
    person.press("Go on")
    for scope in ("I have read this and want to take part", *scopes):
        person.tick(scope)
    person.press("Take part")
    code = person.page.locator(".the-code").inner_text()
    person.press("I have kept it")
    expect(person.page.locator("ul.tasks").first).to_be_visible()
    return Participant.objects.latest("pk"), code


def opens(person: Person, kind: str) -> None:
    """Go to one of the things there is to do."""
    with translation.override(person.language):
        name = str(NAMES[Activity.Kind(kind)])
    person.use(person.page.get_by_role("link", name=name).first)
    person.page.wait_for_url(lambda address: not address.endswith("/w/river/"))


def judges(person: Person) -> None:
    """Say what models' answers are worth, in the four other ways."""
    opens(person, Kind.RATE)
    person.answers("Not a good answer")
    person.goes_home()
    opens(person, Kind.CRITERIA)
    person.choose_grade("It helps", 4)
    person.answers("Save and go on")
    person.goes_home()
    opens(person, Kind.RANK)
    for number in (2, 0, 1):
        answer = person.page.locator("[data-rank-answer]").nth(number)
        best = person.word("The best of those left")
        person.use(answer.get_by_role("button", name=best))
    person.answers("Save this order")
    person.goes_home()
    opens(person, Kind.REWRITE)
    person.write("What it should have said", "Ask the keeper.")
    person.answers("Save and go on")
    person.goes_home()


def writes(person: Person, thought: str) -> None:
    """Write a test and a statement, and say something of oneself."""
    opens(person, Kind.CASE)
    person.write("When someone asks …", "if fish are safe")
    person.write("… it should …", WISH)
    person.press("Save this test")
    person.page.get_by_text(WISH).wait_for()
    person.goes_home()
    opens(person, Kind.PROPOSE)
    person.write("… it should …", thought)
    person.press("Send")
    person.sees("It waits to be read by a moderator.")
    person.goes_home()
    opens(person, Kind.IDENTITY)
    person.use(person.page.get_by_role("checkbox", name="On foot"), "Space")
    person.answers("Save and go on")
    person.goes_home()


def votes(person: Person, said: dict[str, str]) -> None:
    """Vote on whatever comes as `said` has it; agree with what is not in it."""
    opens(person, Kind.VOTE)
    items = person.page.locator("[data-items] > .item")
    over = person.page.locator("[data-none], [data-queue=away]").locator("visible=true")
    while is_there(items, over):
        text = items.locator(".said").first.inner_text()
        person.answers(next((said[one] for one in said if one in text), "Agree"))


def is_there(items: Locator, over: Locator) -> bool:
    """Whether another item came, and not the words that nothing is left."""
    expect(items.or_(over).first).to_be_visible()
    return items.count() > 0


def compares(person: Person) -> None:
    """Choose between two answers, twice."""
    opens(person, Kind.COMPARE)
    person.answers("Answer 2 is much better")
    person.answers("Neither is acceptable")


def goes_on_without_a_connection(amara: Person) -> None:
    """Compare and vote on pages that the phone has seen, without a connection; then it is back."""
    opens(amara, Kind.VOTE)
    kept(amara.page)
    amara.goes_home()
    kept(amara.page)
    opens(amara, Kind.COMPARE)
    amara.answers("Answer 2 is much better")
    amara.all_is_sent()
    amara.page.context.set_offline(True)
    amara.answers("Neither is acceptable")
    amara.goes_home()
    amara.sees("No connection. You see what this phone kept.")
    votes(amara, FIRST)
    expect(amara.page.locator("#queue")).to_have_attribute("data-waits", "3")
    amara.page.context.set_offline(False)
    amara.all_is_sent()
    amara.goes_home()


def reviews(person: Person, first: str, reason: str) -> None:
    """Say something of every rule, and of the first one why."""
    opens(person, Kind.REVIEW)
    person.use(person.page.locator(".item summary"))
    person.write("Why? (if you like)", reason)
    person.answers(first)
    items = person.page.locator("[data-items] > .item")
    over = person.page.locator("[data-none]").locator("visible=true")
    while is_there(items, over):
        person.answers(ENDORSES)
    person.all_is_sent()
    person.goes_home()


@pytest.fixture
def desk(page: Page, sign_in: Callable[[User], None], farid: User) -> Page:
    """Farid's laptop."""
    sign_in(farid)
    return page


def turn(desk: Page, step: str) -> None:
    """Take the vote a step on, on the facilitator's page."""
    desk.goto("/workshops/river/meeting/")
    desk.get_by_role("button", name=step).click()
    expect(desk.locator(".messages")).to_be_visible()


def accept_all(desk: Page, thoughts: list[str]) -> None:
    """Read what people proposed, and let others vote on it."""
    for thought in thoughts:
        desk.goto("/workshops/river/moderation/")
        desk.get_by_role("button", name=re.compile(f"Accept.*{thought}")).click()
        expect(desk.get_by_text("It is accepted.")).to_be_visible()


def takes_back_the_case(amara: Person) -> None:
    """Find what one wrote among all that one said, and take it back."""
    amara.follow("What is yours")
    amara.follow("What you said")
    row = amara.page.locator("li").filter(has_text=WISH)
    amara.use(row.get_by_role("checkbox"))
    amara.press("Take back what is ticked")
    amara.press("Take it back")
    amara.sees("You took some answers back.")


def takes_back_training(bela: Person) -> None:
    """No model learns from it after all."""
    bela.follow("What is yours")
    bela.follow("Take this back")
    bela.press("Take it back")
    bela.sees("You took back that your answers may train a model.")


def reads_everything_and_stops(carla: Person) -> None:
    """See all that is kept, and have this phone forget it."""
    carla.follow("What is yours")
    carla.follow("Everything that is kept of you")
    carla.sees("Ask the keeper.")
    carla.follow("Help or stop")
    carla.press("Stop, and forget this phone")
    carla.sees("You have stopped")


def comes_back(carla: Person, code: str, who: Participant) -> None:
    """On another phone, where everything is as it was left."""
    carla.page.goto("/return/")
    carla.write("Your personal code", code.lower().replace(" ", "-"))
    carla.press("Go on")
    expect(carla.page.get_by_text(who.pseudonym)).to_be_visible()
    expect(
        carla.page.get_by_text("2 of 2").or_(carla.page.get_by_text("Done")).first
    ).to_be_visible()


def test_an_evening_in_a_hall(
    phones: list[Person], desk: Page, hall: Workshop, browser: Browser, site: str, farid: User
) -> None:
    amara, bela, carla = phones
    seats = [
        joins(amara, "fishers", "My words may be quoted, without my name"),
        joins(bela, "farmers", "My answers may be used to train a model"),
        joins(carla, "fishers"),
    ]
    who = [participant for participant, _code in seats]
    goes_on_without_a_connection(amara)
    thoughts = {amara: "ask back", bela: "name its source", carla: "admit a doubt"}
    for person in phones:
        if person is not amara:
            compares(person)
            person.goes_home()
            votes(person, FIRST)
            person.goes_home()
        judges(person)
        writes(person, thoughts[person])
    accept_all(desk, list(thoughts.values()))
    for person in phones:
        votes(person, {})
        person.goes_home()
    turn(desk, "Show results")
    for person in phones:
        opens(person, Kind.VOTE)
        person.sees("You are one of those who agreed.")
    turn(desk, "Have people talk about it")
    for person in phones:
        person.sees("Talk about it together")
    turn(desk, "Vote again")
    for person in phones:
        person.goes_home()
        votes(person, SECOND)
        person.all_is_sent()
    version = before_everyone(hall, farid)
    for person, first in ((amara, OBJECTS), (bela, "I would change it"), (carla, ENDORSES)):
        person.goes_home()
        reviews(person, first, "It is too narrow.")
    all_is_kept_once(who, version)
    takes_back_the_case(amara)
    takes_back_training(bela)
    reads_everything_and_stops(carla)
    with phone_of(browser, site, by="keys") as another:
        comes_back(another, seats[2][1], who[2])
    what_was_taken_back_is_gone(who)


def before_everyone(hall: Workshop, farid: User) -> ConstitutionVersion:
    """The rules, before both communities."""
    version = make_version(hall)
    stage = Stage.objects.create(
        workshop=hall, kind="review", title="Review", position=1, status="open"
    )
    open_ratification(version=version, stage=stage, by=farid)
    return version


def all_is_kept_once(who: list[Participant], version: ConstitutionVersion) -> None:
    """Every answer is one event, and what holds is what was said last."""
    rules = version.principles.count()
    for place, person in enumerate(who):
        events = AnswerEvent.objects.filter(participant=person)
        new = 1 if place == 1 else 2
        assert Counter(events.values_list("kind", flat=True)) == {
            "preference": 2, "rating": 2, "ranking": 1, "rewrite": 1, "case": 1, "statement": 1,
            "identity": 1, "vote": 2 * (2 + new), "endorsement": rules,
        }  # fmt: skip
        numbers = list(events.order_by("pk").values_list("client_seq", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        chosen = Preference.objects.filter(comparison__participant=person).order_by("event")
        said = list(chosen.values_list("choice", "strength"))
        assert said == [("right", 3), ("neither", None)]
        rated = Rating.objects.filter(participant=person).order_by("event")
        assert list(rated.values_list("criterion", "value")) == [("thumbs", -1), ("helpful", 4)]
        ranking = Ranking.objects.get(task__participant=person)
        shown = ranking.task.completions
        assert ranking.order == [[shown[2]], [shown[0]], [shown[1]]]
        assert Rewrite.objects.get(participant=person).text == "Ask the keeper."
        assert Case.objects.get(participant=person).wish == WISH
        assert IdentityAnswer.objects.get(participant=person).choices == ["On foot"]
        cast = Vote.objects.filter(participant=person).values_list("statement__text", "choice")
        held = {text: choice for text, choice in cast if text in SECOND}
        assert held == {text: CHOICE[words] for text, words in SECOND.items()}
        rounds = events.filter(kind="vote").values_list("body__round", flat=True)
        assert Counter(rounds) == {1: 2 + new, 2: 2 + new}
        objected = Endorsement.objects.get(participant=person, principle__number=1)
        assert objected.choice == ("object", "amend", "endorse")[place]
        assert objected.reason == "It is too narrow."


def what_was_taken_back_is_gone(who: list[Participant]) -> None:
    """The case and its words; the consent to training; nothing else."""
    amara, bela, carla = who
    assert not Case.objects.filter(participant=amara).exists()
    erased = AnswerEvent.objects.exclude(erased_at=None).get()
    assert (erased.participant, erased.kind) == (amara, "case")
    assert WISH not in str(erased.body)
    given = [Consent.objects.filter(participant=one).latest() for one in who]
    assert [one.train_models for one in given] == [False, False, False]
    assert [one.be_quoted for one in given] == [True, False, False]
    assert carla.devices.count() == 2
    assert Case.objects.filter(participant__in=[bela, carla]).count() == 2
