"""Ruleset review: who says what of which rule, by phone, and what is told of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from elicitation.models import Activity, AnswerEvent, AuditEntry, Participant, Stage, User, Workshop
from policy.errors import PolicyRefused
from policy.models import ConstitutionVersion, Endorsement, Principle, Ratification
from policy.ratifying import open_ratification
from tests.conftest import take_part
from tests.deliberation.test_pages import PAYLOADS, Elements
from tests.line import make_version
from tests.phones import phone_of, send


@pytest.fixture
def review(river: Workshop) -> Stage:
    """An open stage in which rules are looked at."""
    return Stage.objects.create(
        workshop=river, kind=Stage.Kind.REVIEW, title="Review", position=1, status="open"
    )


@pytest.fixture
def version(river: Workshop, review: Stage, pilar: User) -> ConstitutionVersion:
    """A version that is before both communities."""
    made = make_version(river)
    open_ratification(version=made, stage=review, by=pilar)
    return made


def page(client: Client, **query: object) -> str:
    """The rules on a phone."""
    return client.get("/w/river/rules/", query).content.decode()


def items(client: Client, **query: object) -> list[int]:
    """The rules of the page, in order."""
    found = re.findall(r'class="item" data-item="endorsement:(\d+)"', page(client, **query))
    return [int(one) for one in found]


def test_a_person_goes_through_all_rules_by_taps_alone(
    version: ConstitutionVersion, amara: Participant
) -> None:
    phone = phone_of(amara)
    while left := items(phone):
        send(phone, "river", "endorsement", left[0], choice="endorse")
    rules = set(version.principles.values_list("pk", flat=True))
    assert set(Endorsement.objects.values_list("principle", flat=True)) == rules
    assert "You have looked at all the rules" in page(phone)


def test_a_rule_is_shown_with_what_stands_behind_it(
    version: ConstitutionVersion, amara: Participant
) -> None:
    phone = phone_of(amara)
    for rule in version.principles.all():
        shown = page(phone, item=rule.pk)
        assert rule.text in shown
        common = rule.status == Principle.Status.COMMON_GROUND
        assert ("All communities of this workshop want this." in shown) == common


def test_reasons_and_amendments_are_kept_and_a_change_leaves_the_first(
    version: ConstitutionVersion, amara: Participant
) -> None:
    rule, phone = version.principles.first(), phone_of(amara)
    assert rule is not None
    send(phone, "river", "endorsement", rule.pk, choice="object", reason="It is too long.")
    send(phone, "river", "endorsement", rule.pk, choice="amend", amendment="Be brief.")
    held = Endorsement.objects.get()
    assert (held.choice, held.reason, held.amendment) == ("amend", "", "Be brief.")
    events = AnswerEvent.objects.order_by("pk")
    assert [event.body["choice"] for event in events] == ["object", "amend"]


def test_who_objects_without_a_reason_is_asked_for_one_and_not_forced(
    version: ConstitutionVersion, amara: Participant
) -> None:
    rule, phone = version.principles.first(), phone_of(amara)
    assert rule is not None
    send(phone, "river", "endorsement", rule.pk, choice="object")
    assert "Would you say why?" in page(phone, list=1)
    send(phone, "river", "endorsement", rule.pk, choice="object", reason="It is too long.")
    assert "Would you say why?" not in page(phone, list=1)


@pytest.mark.parametrize(
    "body", [{"choice": "yes"}, {}, {"choice": "object", "reason": "x" * 2001}]
)
def test_what_is_no_verdict_is_refused(
    version: ConstitutionVersion, amara: Participant, body: dict[str, str]
) -> None:
    rule = version.principles.first()
    assert rule is not None
    assert send(phone_of(amara), "river", "endorsement", rule.pk, **body).status_code == 422
    assert not AnswerEvent.objects.exists()


def test_a_rule_that_is_not_before_somebody_takes_no_verdict_of_theirs(
    version: ConstitutionVersion, amara: Participant
) -> None:
    rule, phone = version.principles.first(), phone_of(amara)
    assert rule is not None
    Ratification.objects.filter(community=amara.seat.community).delete()
    assert send(phone, "river", "endorsement", rule.pk, choice="endorse").status_code == 422
    assert "No rules are before you now" in page(phone)
    assert send(phone, "river", "endorsement", 10**17, choice="endorse").status_code == 422


def test_a_closed_stage_takes_no_verdict_but_knows_the_old_ones(
    version: ConstitutionVersion, review: Stage, amara: Participant
) -> None:
    rule, phone = version.principles.first(), phone_of(amara)
    assert rule is not None
    send(phone, "river", "endorsement", rule.pk, choice="endorse", key="k")
    Stage.objects.filter(pk=review.pk).update(status=Stage.Status.CLOSED)
    again = send(phone, "river", "endorsement", rule.pk, choice="endorse", key="k")
    late = send(phone, "river", "endorsement", rule.pk, choice="object")
    assert (again.status_code, late.status_code) == (302, 422)
    assert Endorsement.objects.get().choice == "endorse"


def test_a_version_is_opened_for_every_community_once(
    version: ConstitutionVersion, review: Stage, pilar: User
) -> None:
    open_ratification(version=version, stage=review, by=pilar)
    slugs = Ratification.objects.values_list("community__slug", flat=True)
    assert sorted(slugs) == ["farmers", "fishers"]
    assert AuditEntry.objects.filter(action="open ratification").count() == 1
    assert Activity.objects.get(stage=review).kind == Activity.Kind.REVIEW
    assert Workshop.objects.get(slug="river").pulse == 1


def test_a_communitys_own_constitution_is_put_before_it_alone(
    river: Workshop, review: Stage, pilar: User
) -> None:
    version = make_version(river)
    constitution = version.constitution
    constitution.community = river.communities.get(slug="farmers")
    constitution.save()
    opened = open_ratification(version=version, stage=review, by=pilar)
    assert [one.community.slug for one in opened] == ["farmers"]


def test_what_is_stale_or_of_another_workshop_is_not_put_before_anyone(
    version: ConstitutionVersion, review: Stage, pilar: User
) -> None:
    hill = Workshop.objects.create(slug="hill", title="Hill")
    elsewhere = Stage.objects.create(workshop=hill, kind="review", title="Review")
    with pytest.raises(PolicyRefused, match="does not rest on"):
        open_ratification(version=version, stage=elsewhere, by=pilar)
    version.stale_because = "Somebody withdrew."
    with pytest.raises(PolicyRefused, match="stale"):
        open_ratification(version=version, stage=review, by=pilar)


def received(client: Client, version: ConstitutionVersion) -> str:
    """What the version's page says of its ratification, without markup."""
    shown = client.get(version.get_absolute_url()).content.decode()
    part = shown.split('id="ratification"')[1].split("<h2")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def test_staff_see_nothing_while_it_runs_and_no_few_people_after(
    version: ConstitutionVersion, review: Stage, client: Client, pilar: User
) -> None:
    rule = version.principles.first()
    assert rule is not None
    for number in range(18):
        phone = phone_of(take_part(review.workshop, "fishers", f"f{number}"))
        choice = "endorse" if number < 12 else "object" if number < 15 else "amend"
        send(phone, "river", "endorsement", rule.pk, choice=choice)
    client.force_login(pilar)
    assert "12 of 18" not in received(client, version)
    Stage.objects.filter(pk=review.pk).update(status=Stage.Status.CLOSED)
    after = received(client, version)
    assert "12 of 18 endorse it" in after
    assert after.count("Too few to say") == 2 * version.principles.count() - 1


def test_an_analyst_puts_a_version_before_its_communities(
    river: Workshop, review: Stage, client: Client, pilar: User
) -> None:
    version = make_version(river)
    client.force_login(pilar)
    address = reverse("ratify", args=[version.constitution_id, version.number])
    client.post(address, {"stage": review.pk})
    assert version.ratifications.count() == 2
    assert client.post(address, {"stage": "0"}, follow=True).status_code == 200


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_say_of_rules_never_becomes_markup(
    version: ConstitutionVersion, amara: Participant, payload: str
) -> None:
    rule, phone = version.principles.first(), phone_of(amara)
    assert rule is not None
    body = {"choice": "amend", "reason": "plain", "amendment": "plain"}
    send(phone, "river", "endorsement", rule.pk, **body)
    asked = ({"item": rule.pk}, {"list": 1})
    plain = [Elements.of(page(phone, **one)) for one in asked]
    Endorsement.objects.update(reason=payload, amendment=payload)
    Principle.objects.update(text=payload)
    for one, known in zip(asked, plain, strict=True):
        assert Elements.of(page(phone, **one)) <= known
