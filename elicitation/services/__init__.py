"""Named changes: each a function with keyword arguments and one transaction."""

from elicitation.services.answers import PreferenceSaid, record_preference, record_preferences
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
    "return_code_hash",
    "seat_community",
    "seat_people",
]
