"""Named changes: each a function with keyword arguments and one transaction."""

from elicitation.services.answers import PreferenceSaid, record_preference, record_preferences
from elicitation.services.cases import say_of_oneself, write_case
from elicitation.services.judging import record_ranking, record_rating, record_rewrite
from elicitation.services.people import (
    Arrival,
    add_participant,
    name_community,
    open_workshop,
    return_code_hash,
    seat_community,
    seat_people,
)
from elicitation.services.preferences import PREFERENCE_FORMATS, import_preference_file

__all__ = [
    "PREFERENCE_FORMATS",
    "Arrival",
    "PreferenceSaid",
    "add_participant",
    "import_preference_file",
    "name_community",
    "open_workshop",
    "record_preference",
    "record_preferences",
    "record_ranking",
    "record_rating",
    "record_rewrite",
    "return_code_hash",
    "say_of_oneself",
    "seat_community",
    "seat_people",
    "write_case",
]
