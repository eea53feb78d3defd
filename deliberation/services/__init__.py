"""Named changes: each a function with keyword arguments and one transaction."""

from deliberation.services.polis import import_polis_folder
from deliberation.services.statements import STATEMENT_FORMATS, import_statement_file
from deliberation.services.votes import VoteSaid, cast_vote, cast_votes

__all__ = [
    "STATEMENT_FORMATS",
    "VoteSaid",
    "cast_vote",
    "cast_votes",
    "import_polis_folder",
    "import_statement_file",
]
