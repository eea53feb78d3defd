"""Drafts and their exports on a workshop whose analysis was written by hand."""

from __future__ import annotations

import pytest
from django.db.models import F

from deliberation.models import Statement
from elicitation.models import Community, Workshop, WorkshopCommunity
from policy.drafting import basis_of, proposals
from policy.errors import PolicyRefused
from policy.exports import compare_versions
from policy.models import Constitution, ConstitutionVersion, Principle
from policy.services import draft_constitution
from tests.conftest import take_part
from tests.line import make_analysis

pytestmark = pytest.mark.django_db


def test_outsiders_count_for_nothing_in_one_communitys_draft(river: Workshop) -> None:
    analysis = make_analysis(river)
    people = [take_part(river, "fishers", "amara"), take_part(river, "farmers", "bela")]
    statement = Statement.objects.filter(workshop=river).order_by("id")[0]
    analysis.approvers = {str(statement.pk): [person.pk for person in people]}
    everyone = proposals(analysis, basis_of(analysis))[0].candidate.approvers
    fishers = proposals(analysis, basis_of(analysis, "fishers"))[0].candidate.approvers
    assert everyone == {str(person.pk) for person in people}
    assert fishers == {str(people[0].pk)}


def test_a_community_that_joined_after_the_analysis_is_refused_in_a_sentence(
    river: Workshop,
) -> None:
    make_analysis(river)
    late = Community.objects.create(slug="millers", name="Millers")
    WorkshopCommunity.objects.create(workshop=river, community=late, position=2, join_code="LATE")
    with pytest.raises(PolicyRefused, match="before this community joined"):
        draft_constitution(workshop=river, community=late)


def test_one_workshops_draft_is_no_version_of_a_constitution_of_two(river: Workshop) -> None:
    make_analysis(river)
    both = Constitution.objects.create(title="River and hill")
    both.workshops.add(river, Workshop.objects.create(slug="hill", title="Hill"))
    version = draft_constitution(workshop=river)
    assert version.constitution != both
    assert draft_constitution(workshop=river) == version


def test_two_communities_principles_on_one_feature_are_not_taken_for_one_another(
    river: Workshop,
) -> None:
    make_analysis(river)
    older = draft_constitution(workshop=river)
    newer = ConstitutionVersion.objects.create(
        constitution=older.constitution, number=2, analysis=older.analysis, content_hash="2"
    )
    Principle.objects.filter(version=older).update(number=F("number") + 10)
    wish(older, 1, "fishers")
    wish(older, 2, "farmers")
    wish(newer, 1, "farmers")
    found = [e for e in compare_versions(older, newer) if e["after"] or e["before"].number < 10]
    assert [(entry["change"], entry["before"].number) for entry in found] == [
        ("moved", 2),
        ("removed", 1),
    ]


def wish(version: ConstitutionVersion, number: int, community: str) -> None:
    Principle.objects.create(
        version=version,
        number=number,
        text=f"{community}: Prefer answers that are longer.",
        status=Principle.Status.COMMUNITY_SPECIFIC,
        measure={"feature": "length", "theme": "", "threshold": 0, "directions": {community: 1}},
    )
