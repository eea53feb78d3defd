"""What goes over the wire, field by field."""

from __future__ import annotations

from rest_framework import serializers as wire

MOST_NUMBER = 2**63 - 1


class RefusalShape(wire.Serializer):
    """Why something was not done."""

    error = wire.CharField(help_text="A sentence for people.")
    field = wire.CharField(help_text="Where, such as answers[2].key; empty for all of it.")
    code = wire.CharField(help_text="One word for programs.")


class AnswerShape(wire.Serializer):
    """One answer, as a client sends it."""

    kind = wire.CharField(max_length=40, help_text="What is said: preference, vote, statement, …")
    target = wire.IntegerField(
        min_value=0, max_value=MOST_NUMBER, help_text="The item's number; 0 for something new."
    )
    body = wire.DictField(help_text="What the item's kind asks for.")
    key = wire.CharField(
        max_length=100, help_text="Made by the client, the same on every try: stored once."
    )
    seq = wire.IntegerField(
        min_value=0,
        max_value=MOST_NUMBER,
        allow_null=True,
        default=None,
        help_text="The device's own count, going up; a late older answer does not overwrite.",
    )


class AnswersShape(wire.Serializer):
    """Answers of one device, in its order."""

    answers = AnswerShape(many=True, allow_empty=False)
    seat = wire.IntegerField(
        allow_null=True,
        default=None,
        help_text="The number of the seat that answered; refused where another sends.",
    )


class OutcomeShape(wire.Serializer):
    """What became of one answer."""

    key = wire.CharField()
    stored = wire.BooleanField(source="is_stored")
    reason = wire.CharField(help_text="A sentence; empty where it was stored.")
    code = wire.CharField(help_text="One word for programs, such as closed or number_used.")


class OutcomesShape(wire.Serializer):
    """What became of each answer, in the order sent."""

    outcomes = OutcomeShape(many=True)
    seq = wire.IntegerField(help_text="The highest number that this device used.")


class InvitationShape(wire.Serializer):
    """What somebody reads before they join."""

    workshop = wire.CharField()
    title = wire.CharField()
    description = wire.CharField()
    content_warning = wire.CharField()
    community = wire.CharField()
    consent_version = wire.CharField()
    consent_text = wire.CharField()
    age_asked = wire.IntegerField(allow_null=True, help_text="In years; null where it is not.")
    guardian_may_agree = wire.BooleanField()


class ScopesShape(wire.Serializer):
    """What somebody agrees to beyond taking part."""

    be_quoted = wire.BooleanField(default=False)
    train_models = wire.BooleanField(default=False)
    be_contacted = wire.BooleanField(default=False)


class JoiningShape(ScopesShape):
    """Agreeing to take part."""

    code = wire.CharField(max_length=20, help_text="The community's code of 8 characters.")
    key = wire.UUIDField(help_text="Made by the client; asked again with it, the same seat.")
    consent_version = wire.CharField(max_length=20, help_text="Of the words that were shown.")
    take_part = wire.BooleanField()
    age = wire.ChoiceField(["of_age", "guardian"], required=False)
    address = wire.CharField(max_length=254, required=False, allow_blank=True)
    install = wire.CharField(
        max_length=64, required=False, allow_blank=True, help_text="A number of the device's own."
    )


class ReturningShape(wire.Serializer):
    """Coming back by the code that somebody got when they joined."""

    code = wire.CharField(max_length=30)
    install = wire.CharField(max_length=64, required=False, allow_blank=True)


class SeatShape(wire.Serializer):
    """A seat that was taken, or found again."""

    token = wire.CharField(help_text="Send it as `Authorization: Seat TOKEN`.")
    workshop = wire.CharField(help_text="The workshop's name in addresses.")
    pseudonym = wire.CharField()
    seat = wire.IntegerField(help_text="The number of this device's seat.")
    return_code = wire.CharField(
        allow_null=True, help_text="Shown once; null for who came back by it."
    )


class MeShape(wire.Serializer):
    """Who this device is here."""

    workshop = wire.CharField()
    title = wire.CharField()
    community = wire.CharField()
    pseudonym = wire.CharField()
    consent = ScopesShape()
    seq = wire.IntegerField(help_text="The highest number that this device used.")
    pulse = wire.IntegerField()


class PulseShape(wire.Serializer):
    """A number that changes when there is something new."""

    pulse = wire.IntegerField()


class ActivityShape(wire.Serializer):
    """One thing to do now."""

    kind = wire.CharField()
    name = wire.CharField()
    stage = wire.CharField()
    phase = wire.CharField()
    round = wire.IntegerField()
    done = wire.IntegerField()
    of = wire.IntegerField(allow_null=True, help_text="null where there is no end.")
    page = wire.CharField(help_text="Where people do it.")
    items = wire.CharField(allow_null=True, help_text="Where its next items are, for clients.")


class ActivitiesShape(wire.Serializer):
    """What there is to do now."""

    activities = ActivityShape(many=True)
