"""Rows of a Polis export (Small et al. 2021; compdemocracy/openData).

votes.csv is not in time order: of a person's votes on a comment the last by timestamp counts.
comments.csv counts every re-vote, so its agrees and disagrees are not to be trusted.
"""

from dataclasses import dataclass
from typing import Any

from elicitation.methods.row_fields import (
    RowRefused,
    choice_field,
    integer_field,
    short_field,
    text_field,
    time_field,
)

REQUIRED = {
    "comments.csv": ("timestamp", "comment-id", "author-id", "moderated", "comment-body"),
    "votes.csv": ("timestamp", "comment-id", "voter-id", "vote"),
}
LABELS = "participants-votes.csv"
LABEL_COLUMNS = ("participant", "group-id")
# Older exports have stats-history.csv, newer ones comment-groups.csv; both follow from the votes.
OPTIONAL = (LABELS, "summary.csv", "stats-history.csv", "comment-groups.csv")
MODERATION = {"-1": "out", "0": "unreviewed", "1": "in"}
VOTES = {"1": "1", "0": "0", "-1": "-1"}


@dataclass(frozen=True, slots=True)
class PolisComment:
    """One statement, as its author wrote it. agrees, disagrees: what the export claims."""

    number: str
    author: str
    text: str
    moderation: str
    said_at_ms: int
    claimed: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class PolisVote:
    """One vote: 1 agree, -1 disagree, 0 pass."""

    comment: str
    voter: str
    choice: int
    said_at_ms: int

    @property
    def key(self) -> str:
        """What tells this vote from the same person's others."""
        return f"polis-{self.said_at_ms}-{self.comment}-{self.choice}"


def polis_comment(row: Any) -> PolisComment:
    """One row of comments.csv. Raises RowRefused."""
    text = text_field(row, "comment-body")
    if not text.strip():
        raise RowRefused("comment-body", "The statement has no words.")
    return PolisComment(
        number=str(integer_field(row, "comment-id")),
        author=str(integer_field(row, "author-id")),
        text=text,
        moderation=choice_field(row, "moderated", MODERATION),
        said_at_ms=_time(row),
        claimed=_claimed(row),
    )


def polis_vote(row: Any) -> PolisVote:
    """One row of votes.csv. Raises RowRefused."""
    return PolisVote(
        comment=str(integer_field(row, "comment-id")),
        voter=str(integer_field(row, "voter-id")),
        choice=int(choice_field(row, "vote", VOTES)),
        said_at_ms=_time(row),
    )


def polis_group(row: Any) -> tuple[str, str]:
    """A person and the group that Polis put them in ("" for none). Raises RowRefused."""
    return str(integer_field(row, "participant")), short_field(row, "group-id", longest=60)


def _time(row: Any) -> int:
    moment = time_field(row, "timestamp")
    if moment is None:
        raise RowRefused("timestamp", "The field is missing.")
    return moment


def _claimed(row: Any) -> tuple[int, int] | None:
    try:
        return integer_field(row, "agrees"), integer_field(row, "disagrees")
    except RowRefused:  # only compared, never stored
        return None
