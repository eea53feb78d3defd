"""Named changes: each a function with keyword arguments and one transaction."""

from deliberation.services.votes import VoteSaid, cast_vote, cast_votes

__all__ = ["VoteSaid", "cast_vote", "cast_votes"]
