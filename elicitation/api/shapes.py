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
    seq = wire.IntegerField(
        allow_null=True,
        help_text="The highest number that this device used; null when every answer was stored.",
    )


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


class WordsShape(wire.Serializer):
    """A text in the reader's language."""

    text = wire.CharField()
    locale = wire.CharField(help_text="Of a translation; empty for the words themselves.")
    origin = wire.CharField(help_text="person or machine: who translated it.")
    original = wire.CharField()


class TurnShape(wire.Serializer):
    """One turn of a conversation."""

    who = wire.CharField(help_text="user, assistant or system.")
    words = WordsShape()


class ItemShape(wire.Serializer):
    """Something that models answered, to judge, order or rewrite."""

    kind = wire.CharField(help_text="Of the answer to it.")
    target = wire.IntegerField()
    turns = TurnShape(many=True)
    answers = WordsShape(many=True, help_text="Where there are two: left, then right.")
    warning = wire.CharField(help_text="To show before the item itself.")
    is_severe = wire.BooleanField()


class ItemsShape(wire.Serializer):
    """What comes next in one activity, at most a few at a time."""

    items = ItemShape(many=True)


class SevereShape(wire.Serializer):
    """Whether somebody wants to meet what is hard to bear."""

    sees_severe = wire.BooleanField()


class CaseShape(wire.Serializer):
    """A test that somebody wrote."""

    target = wire.IntegerField(source="pk")
    situation = wire.CharField()
    wish = wire.CharField()


class CasesShape(wire.Serializer):
    """One's own tests, the newest first."""

    cases = CaseShape(many=True)


class QuestionShape(wire.Serializer):
    """Something about oneself that nobody has to answer."""

    target = wire.IntegerField(source="pk")
    text = wire.CharField()
    options = wire.ListField(child=wire.CharField())
    compares = wire.BooleanField(help_text="Whether analyses compare people by what they tick.")


class QuestionsShape(wire.Serializer):
    """The workshop's questions."""

    questions = QuestionShape(many=True)


class CodeShape(wire.Serializer):
    """A code to come back by, shown once."""

    return_code = wire.CharField()


class EndedShape(wire.Serializer):
    """How many other devices are not let in any more."""

    ended = wire.IntegerField()


class AllowingShape(wire.Serializer):
    """One more thing that somebody agrees to."""

    allow = wire.ChoiceField(["train_models", "be_quoted"])


class ContactShape(wire.Serializer):
    """Where somebody may be written to; kept apart from their answers."""

    address = wire.CharField(max_length=254)


class TakingBackShape(wire.Serializer):
    """What somebody takes back."""

    scope = wire.ChoiceField(["all", "training", "quotes", "answers", "contact"])
    key = wire.UUIDField(help_text="Made by the client; with the same key it is done once.")
    targets = wire.ListField(
        child=wire.IntegerField(min_value=0, max_value=MOST_NUMBER),
        default=list,
        max_length=5000,
        help_text="For some answers: their events, as one's own data name them.",
    )


class ReceiptShape(wire.Serializer):
    """What was taken back, and what that touched."""

    key = wire.UUIDField()
    scope = wire.CharField()
    at = wire.DateTimeField(source="made_at")
    receipt = wire.DictField()
