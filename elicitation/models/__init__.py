"""What each one says alone: people, workshops, what they are shown, and their answers."""

from elicitation.models.answers import (
    AnswerEvent,
    Comparison,
    Completion,
    Preference,
    Prompt,
    Rating,
    Rewrite,
)
from elicitation.models.people import (
    AuditEntry,
    Consent,
    ConsentText,
    Device,
    Membership,
    Participant,
    User,
)
from elicitation.models.sources import ImportedFile, ImportRejection
from elicitation.models.workshops import Community, Stage, Workshop, WorkshopCommunity

__all__ = [
    "AnswerEvent",
    "AuditEntry",
    "Community",
    "Comparison",
    "Completion",
    "Consent",
    "ConsentText",
    "Device",
    "ImportRejection",
    "ImportedFile",
    "Membership",
    "Participant",
    "Preference",
    "Prompt",
    "Rating",
    "Rewrite",
    "Stage",
    "User",
    "Workshop",
    "WorkshopCommunity",
]
