"""What there is to judge and to write alone: the same items that the pages show."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation.activities import open_activities
from elicitation.api.seats import device_of
from elicitation.api.shapes import CasesShape, ItemsShape, QuestionsShape, SevereShape
from elicitation.api.taking_part import ITEMS, NOT_READ, NOT_YOURS
from elicitation.items import SERIES
from elicitation.models import Activity, Case
from elicitation.services.harm import choose_severe
from elicitation.views.judging import waiting

SKIP = OpenApiParameter("skip", str, description="Numbers of items to leave out: 12,34.")
KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=sorted(SERIES))
ITEMS.update(
    {
        **dict.fromkeys(SERIES, "api-items"),
        Activity.Kind.CASE: "api-cases",
        Activity.Kind.IDENTITY: "api-questions",
    }
)


@extend_schema(
    parameters=[KIND, SKIP], responses={200: ItemsShape, **NOT_YOURS}, tags=["activities"]
)
@api_view(["GET"])
def items(request: Request, slug: str, kind: str) -> Response:
    """What comes next in an activity: compare, rate, criteria, rank or rewrite."""
    if kind not in SERIES:
        raise Http404(kind)
    participant = device_of(request).participant
    for activity in open_activities(participant):
        found = waiting(request, participant, activity) if activity.kind == kind else []
        if found:
            return Response(ItemsShape({"items": found}).data)
    return Response(ItemsShape({"items": []}).data)


@extend_schema(request=SevereShape, responses={200: SevereShape, **NOT_READ}, tags=["activities"])
@api_view(["POST"])
def severe(request: Request, slug: str) -> Response:
    """Choose whether to meet what is hard to bear; nobody does unless they say so here."""
    asked = SevereShape(data=request.data)
    asked.is_valid(raise_exception=True)
    choose_severe(
        participant=device_of(request).participant, sees=asked.validated_data["sees_severe"]
    )
    return Response(asked.validated_data)


@extend_schema(responses={200: CasesShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def cases(request: Request, slug: str) -> Response:
    """One's own tests. Answers of kind case, with target 0, add one."""
    mine = Case.objects.filter(participant=device_of(request).participant).order_by("-pk")
    return Response(CasesShape({"cases": mine}).data)


@extend_schema(responses={200: QuestionsShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def questions(request: Request, slug: str) -> Response:
    """What the workshop would like to know of people. Answers of kind identity say it."""
    asked = device_of(request).participant.workshop.identity_questions.all()
    return Response(QuestionsShape({"questions": asked}).data)
