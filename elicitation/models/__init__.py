"""What each one says alone: people, workshops, what they are shown, and their answers."""

from elicitation.models.answers import (
    AnswerEvent,
    Case,
    IdentityAnswer,
    Preference,
    Ranking,
    Rating,
    Rewrite,
)
from elicitation.models.asking import AskingWeights
from elicitation.models.people import (
    AuditEntry,
    Consent,
    ConsentText,
    ContactDetail,
    Device,
    Membership,
    Participant,
    User,
    Withdrawal,
)
from elicitation.models.shown import (
    Comparison,
    Completion,
    CompletionTranslation,
    Prompt,
    PromptTranslation,
    RankingTask,
    Showing,
)
from elicitation.models.sources import ImportedFile, ImportRejection
from elicitation.models.workshops import (
    Activity,
    Community,
    IdentityQuestion,
    Stage,
    Workshop,
    WorkshopCommunity,
)

__all__ = [
    "Activity",
    "AnswerEvent",
    "AskingWeights",
    "AuditEntry",
    "Case",
    "Community",
    "Comparison",
    "Completion",
    "CompletionTranslation",
    "Consent",
    "ConsentText",
    "ContactDetail",
    "Device",
    "IdentityAnswer",
    "IdentityQuestion",
    "ImportRejection",
    "ImportedFile",
    "Membership",
    "Participant",
    "Preference",
    "Prompt",
    "PromptTranslation",
    "Ranking",
    "RankingTask",
    "Rating",
    "Rewrite",
    "Showing",
    "Stage",
    "User",
    "Withdrawal",
    "Workshop",
    "WorkshopCommunity",
]
