"""Named changes of policy: store an analysis, draft a constitution, make its next version."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from deliberation.models import Statement
from elicitation.kernel.hashing import content_hash
from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue
from elicitation.models import Community, User, Workshop
from elicitation.services.consent import may_be_quoted
from policy.drafting import OPINION_GROUPS, Basis, Proposal, basis_of, proposals, resolution_for
from policy.errors import PolicyRefused
from policy.methods.principles import Choice, Slate, choose_principles
from policy.models import (
    Analysis,
    Citation,
    Constitution,
    ConstitutionVersion,
    FaultLine,
    OpinionGroup,
    Principle,
)

PLACES = 12
GROUPS = (2, 3, 4, 5)


def ask_for_analysis(
    *, workshop: Workshop, seed: int = 7, groups: int | None = None, by: User | None = None
) -> Work:
    """Hand an analysis to the worker, as a page does.

    groups: how many opinion groups the analyst wants, 2 to 5; suggested when None. Raises
    PolicyRefused for another number.
    """
    if groups is not None and groups not in GROUPS:
        raise PolicyRefused("The number of opinion groups must be 2, 3, 4 or 5.")
    return enqueue(
        "policy.tasks.analyse",
        subject=f"analysis:{workshop.slug}",
        workshop_id=workshop.pk,
        seed=seed,
        groups=groups,
        by_id=by.pk if by else None,
    )


@transaction.atomic
def store_analysis(
    *,
    workshop: Workshop,
    seed: int,
    parameters: dict[str, Any],
    input_hash: str,
    code_version: str,
    result: dict[str, Any],
    charts: dict[str, str],
    groups: list[list[int]],
    approvers: dict[str, list[int]],
    seconds: float,
    by: User | None = None,
) -> Analysis:
    """Store a computed analysis with its opinion groups and fault lines. It is never changed.

    groups: participant ids of each opinion group, in the order of their numbers. approvers:
    statement id → ids of the people who agree with it.
    """
    analysis = Analysis.objects.create(
        workshop=workshop,
        seed=seed,
        parameters=parameters,
        input_hash=input_hash,
        code_version=code_version,
        result=result,
        charts=charts,
        approvers=approvers,
        seconds=seconds,
        created_by=by,
    )
    for number, members in enumerate(groups):
        group = OpinionGroup.objects.create(analysis=analysis, number=number, size=len(members))
        group.members.set(members)
    FaultLine.objects.bulk_create(
        FaultLine(
            analysis=analysis,
            number=number,
            between=line["between"],
            name=line["name"][:200],
            size=line["size"],
            detail=line,
        )
        for number, line in enumerate(result["fault_lines"]["lines"], start=1)
    )
    return analysis


@transaction.atomic
def draft_constitution(
    *,
    workshop: Workshop,
    community: Community | None = None,
    analysis: Analysis | None = None,
    places: int = PLACES,
    by: User | None = None,
) -> ConstitutionVersion:
    """Draft the next version of a constitution from an analysis (default: the newest).

    One for all communities of the workshop, or for one of them. A draft that says the same as the
    newest version is that version. Raises PolicyRefused.
    """
    # Two drafts at once would make two constitutions, or two versions of one number.
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    analysis = analysis or Analysis.objects.filter(workshop=workshop).first()
    if analysis is None:
        raise PolicyRefused(f"{workshop} has no analysis yet; run one first.")
    analysis.refresh_from_db(fields=["stale_because"])
    if analysis.stale_because:
        raise PolicyRefused(f"{analysis} is stale: {analysis.stale_because}")
    if community and not workshop.seats.filter(community=community).exists():
        raise PolicyRefused(f"{community} takes no part in {workshop}.")
    basis = basis_of(analysis, community.slug if community else "")
    found = {p.candidate.key: p for p in proposals(analysis, basis)}
    slate = choose_principles(
        [p.candidate for p in found.values()], list(basis.names), places=places
    )
    if not slate.choices:
        raise PolicyRefused(" ".join(slate.sentences))
    constitution = _constitution(workshop, community)
    return _next_version(constitution, analysis, basis, slate, found, by)


def _constitution(workshop: Workshop, community: Community | None) -> Constitution:
    # One that rests on other workshops too says what this one alone cannot.
    resting = Constitution.objects.alias(on=Count("workshops")).filter(on=1, community=community)
    found = resting.filter(pk__in=Constitution.objects.filter(workshops=workshop)).first()
    if found is not None:
        return found
    whose = community.name if community else "All communities"
    made = Constitution.objects.create(
        title=f"{workshop.title}: {whose}"[:200], community=community
    )
    made.workshops.add(workshop)
    return made


def _next_version(
    constitution: Constitution,
    analysis: Analysis,
    basis: Basis,
    slate: Slate,
    found: dict[str, Proposal],
    by: User | None,
) -> ConstitutionVersion:
    articles = [
        _article(number, choice, found[choice.candidate.key], basis)
        for number, choice in enumerate(slate.choices, start=1)
    ]
    name = content_hash(articles)
    versions = ConstitutionVersion.objects.select_for_update().filter(constitution=constitution)
    newest = versions.first()
    if newest is not None and newest.content_hash == name and newest.analysis_id == analysis.pk:
        return newest
    last = versions.aggregate(last=Max("number"))["last"] or 0
    version = ConstitutionVersion.objects.create(
        constitution=constitution,
        number=last + 1,
        analysis=analysis,
        content_hash=name,
        choosing=_choosing(slate, basis, analysis.workshop),
        created_by=by,
    )
    for article, choice in zip(articles, slate.choices, strict=True):
        _store_principle(version, article, choice, found[choice.candidate.key], basis)
    return version


def _article(number: int, choice: Choice, proposal: Proposal, basis: Basis) -> dict[str, Any]:
    """What a principle says: the content that a version is named by."""
    # Within one community nothing can be common ground between communities.
    status = Principle.Status.COMMUNITY_SPECIFIC if basis.only else choice.status
    return {
        "number": number,
        "text": proposal.candidate.text,
        "status": str(status),
        "resolution": str(resolution_for(proposal, status)),
        "communities": list(choice.communities),
        "measure": proposal.measure,
    }


def _store_principle(
    version: ConstitutionVersion,
    article: dict[str, Any],
    choice: Choice,
    proposal: Proposal,
    basis: Basis,
) -> None:
    principle = Principle.objects.create(
        version=version,
        number=article["number"],
        text=article["text"],
        status=article["status"],
        resolution=article["resolution"],
        measure=article["measure"],
        numbers=proposal.numbers | {"chosen_for": choice.reason, "wanted_by": choice.communities},
    )
    principle.communities.set(_communities(version, choice, basis))
    citation = Citation.objects.create(principle=principle, **proposal.citation)
    if citation.statement is not None:
        citation.quote = _quote_of(citation.statement)
        citation.save(update_fields=["quote"])
    line = proposal.candidate.fault_line
    if line is not None:
        Citation.objects.create(
            principle=principle,
            kind=Citation.Kind.FAULT_LINE,
            fault_line=version.analysis.fault_lines.get(number=line),
        )


def _quote_of(statement: Statement) -> str:
    """The words that a citation shows; none of somebody who did not agree to be quoted."""
    if not may_be_quoted(statement.author):
        return ""
    return str(statement.quotes[0].get("quote", "")) if statement.quotes else statement.text


def _communities(version: ConstitutionVersion, choice: Choice, basis: Basis) -> QuerySet[Community]:
    """Whose principle it is: of those that want it, or of the one community whose groups do."""
    if basis.label_set == OPINION_GROUPS:
        return version.analysis.workshop.communities.all()
    return Community.objects.filter(slug__in=choice.communities)


def _choosing(slate: Slate, basis: Basis, workshop: Workshop) -> dict[str, Any]:
    sentences, unrepresented = list(slate.sentences), slate.unrepresented
    if not workshop.is_public and 0 < unrepresented < workshop.small_cell:
        # How many is too few to say, and the sentence that counts them says it.
        sentences = [one for one in sentences if not one.startswith(f"{unrepresented} people")]
        sentences.append("Some people share a wish that has no place here.")
        unrepresented = 0
    return {
        "basis": basis.label_set,
        "names": dict(basis.names),
        "considered": slate.considered,
        "without_status": slate.without_status,
        "unrepresented": unrepresented,
        "floors": dict(slate.floors),
        "sentences": sentences,
    }
