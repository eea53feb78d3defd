"""Statements for clients other than our pages: to vote on, one's own, and results."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as wire
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from deliberation.forms_phone import asked_for
from deliberation.items import items_of_vote, statement_words
from deliberation.proposals import own_statements
from deliberation.results import last_shown, results_for
from deliberation.services.proposing import LONGEST, alike
from deliberation.services.showing import standing_of
from elicitation.activities import open_activity
from elicitation.api.judging import SKIP
from elicitation.api.seats import device_of
from elicitation.api.shapes import WordsShape
from elicitation.api.taking_part import ITEMS, NOT_YOURS
from elicitation.models import Activity

Kind = Activity.Kind
ITEMS.update({Kind.VOTE: "api-vote", Kind.PROPOSE: "api-statements"})


class VoteItemShape(wire.Serializer):
    """One statement to vote on."""

    target = wire.IntegerField(source="asked.statement.pk")
    words = WordsShape()
    why = wire.CharField(source="asked.statement.why")
    is_own = wire.BooleanField()
    round = wire.IntegerField(source="asked.round", help_text="Send it back with the vote.")
    shown = wire.CharField(source="asked.shown", help_text="Send it back with the vote.")
    said_before = wire.IntegerField(
        source="before", allow_null=True, help_text="In the round before: 1, 0 or -1."
    )


class VoteItemsShape(wire.Serializer):
    """What comes next in a vote; nothing while results are shown."""

    items = VoteItemShape(many=True)


class OwnStatementShape(wire.Serializer):
    """Something that this person proposed, and what became of it."""

    target = wire.IntegerField(source="statement.pk")
    text = wire.CharField(source="statement.text")
    why = wire.CharField(source="statement.why")
    state = wire.CharField(help_text="waiting, in, out or became (others' words).")
    reason = wire.CharField(source="statement.moderation_reason")
    may_change = wire.BooleanField()


class OwnStatementsShape(wire.Serializer):
    """One's own statements, the newest first."""

    statements = OwnStatementShape(many=True)


class AlikeShape(wire.Serializer):
    """What others said already."""

    alike = WordsShape(many=True)


class RoundShape(wire.Serializer):
    """How one's community voted in one round, as far as it may be said."""

    round = wire.IntegerField()
    sentence = wire.CharField()
    own = wire.CharField(help_text="One's own place in it.")
    changed = wire.CharField()


class ResultShape(wire.Serializer):
    """What was shown of one statement."""

    words = WordsShape()
    rounds = RoundShape(many=True)


class ResultsShape(wire.Serializer):
    """What the facilitator showed last; empty before."""

    results = ResultShape(many=True)


@extend_schema(parameters=[SKIP], responses={200: VoteItemsShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def vote(request: Request, slug: str) -> Response:
    """The statements to vote on next."""
    participant = device_of(request).participant
    activity = open_activity(participant, Kind.VOTE)
    if activity is None or not activity.takes_answers:
        return Response(VoteItemsShape({"items": []}).data)
    skip = set(asked_for(request.GET).skip)
    standing = standing_of(participant, activity)
    found = items_of_vote(participant, activity, standing, skip=skip)
    return Response(VoteItemsShape({"items": found}).data)


@extend_schema(responses={200: OwnStatementsShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def statements(request: Request, slug: str) -> Response:
    """What became of what this person wrote. Answers of kind statement, target 0, add one."""
    participant = device_of(request).participant
    proposing = open_activity(participant, Kind.PROPOSE)
    mine = own_statements(participant, proposing, open_activity(participant, Kind.VOTE))
    return Response(OwnStatementsShape({"statements": mine}).data)


@extend_schema(
    parameters=[OpenApiParameter("text", str, description="What somebody is writing.")],
    responses={200: AlikeShape, **NOT_YOURS},
    tags=["activities"],
)
@api_view(["GET"])
def similar(request: Request, slug: str) -> Response:
    """Statements that say something like what somebody is writing; one can vote on those."""
    participant = device_of(request).participant
    text = request.GET.get("text", "")[:LONGEST]
    activity = open_activity(participant, Kind.VOTE)
    found = alike(text, participant, activity) if activity and text.strip() else []
    return Response(AlikeShape({"alike": [statement_words(one) for one in found]}).data)


@extend_schema(responses={200: ResultsShape, **NOT_YOURS}, tags=["activities"])
@api_view(["GET"])
def results(request: Request, slug: str) -> Response:
    """How one's community voted, with one's own place in it."""
    participant = device_of(request).participant
    activity = last_shown(participant)
    shown = results_for(activity, participant.seat.community_id, participant) if activity else []
    rows = [{"words": statement_words(one.statement), "rounds": one.rounds} for one in shown]
    return Response(ResultsShape({"results": rows}).data)


urlpatterns = [
    path("w/<slug:slug>/vote/", vote, name="api-vote"),
    path("w/<slug:slug>/statements/", statements, name="api-statements"),
    path("w/<slug:slug>/statements/like/", similar, name="api-similar"),
    path("w/<slug:slug>/results/", results, name="api-results"),
]
