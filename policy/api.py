"""The rules that are before a community, for clients other than our pages."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as wire
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from elicitation.activities import open_activity
from elicitation.api.seats import device_of
from elicitation.api.taking_part import ITEMS, NOT_YOURS
from elicitation.models import Activity
from policy.ratifying import ratification_of
from policy.reviewing import rules_of

ITEMS[Activity.Kind.REVIEW] = "api-rules"


class SaidShape(wire.Serializer):
    """What somebody last said of a rule."""

    choice = wire.CharField()
    reason = wire.CharField()
    amendment = wire.CharField()


class RuleShape(wire.Serializer):
    """One rule, what stands behind it, and what this person said of it."""

    target = wire.IntegerField(source="principle.pk")
    text = wire.CharField(source="principle.text")
    status = wire.CharField()
    whose = wire.ListField(child=wire.CharField())
    said = SaidShape(allow_null=True)


class RulesShape(wire.Serializer):
    """The rules in their order; none while no round is open."""

    rules = RuleShape(many=True)


@extend_schema(responses={200: RulesShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def rules(request: Request, slug: str) -> Response:
    """The rules that are before one's community. Answers of kind endorsement say what of each."""
    participant = device_of(request).participant
    activity = open_activity(participant, Activity.Kind.REVIEW)
    ratification = ratification_of(participant, activity) if activity else None
    found = rules_of(ratification, participant) if ratification else []
    return Response(RulesShape({"rules": found}).data)


urlpatterns = [path("w/<slug:slug>/rules/", rules, name="api-rules")]
