"""Importing a Polis conversation: statements, every vote ever cast, and Polis's own groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from deliberation.methods.polis_format import (
    LABELS,
    OPTIONAL,
    REQUIRED,
    PolisComment,
    PolisVote,
    polis_comment,
    polis_vote,
)
from deliberation.models import Statement
from deliberation.services.polis_groups import import_groups
from deliberation.services.recount import compare_counts, settle_latest_votes
from elicitation.errors import ImportRefused
from elicitation.kernel.hashing import content_hash, file_hash
from elicitation.kernel.tabular import BadRow
from elicitation.methods.readable_names import imported_pseudonym
from elicitation.methods.row_fields import RowRefused
from elicitation.models import (
    AnswerEvent,
    Community,
    ImportedFile,
    Participant,
    User,
    Workshop,
    WorkshopCommunity,
)
from elicitation.services.answers import in_batches
from elicitation.services.intake import BATCH, Intake, Report, begin_import
from elicitation.services.people import seat_community, seat_people
from elicitation.services.reading import checked_file, csv_rows

MODERATED = "statements are moderated otherwise here than in this export; that stays."


@dataclass(frozen=True)
class Conversation:
    """One export on its way in: its folder, whose it is, and how its people are named."""

    folder: Path
    seat: WorkshopCommunity
    source: str
    intake: Intake

    def pseudonym(self, number: str) -> str:
        """The name of the person with this number in the conversation."""
        return imported_pseudonym(self.source, "voter", number)

    def people(self, numbers: list[str]) -> dict[str, Participant]:
        """The people with these numbers, seated."""
        found = seat_people(
            seat=self.seat,
            pseudonyms=[self.pseudonym(number) for number in numbers],
            identity=Participant.Identity.IMPORTED,
        )
        return {number: found[self.pseudonym(number)] for number in numbers}


@transaction.atomic
def import_polis_folder(
    *,
    folder: Path,
    workshop: Workshop,
    community: Community,
    by: User | None = None,
    report: Report | None = None,
    source: str = "",
    name: str = "",
) -> ImportedFile:
    """Store one exported conversation; the record of the earlier import where it is known already.

    Every vote stays as an event; the latest by the source's time, then row, holds. Polis's groups
    become a label set. source: names the conversation's people (default: the conversation's name in
    its own address, else the folder's), the same in every export of one conversation. Raises
    ImportRefused and SeatTaken; then nothing is stored.
    """
    files = polis_files(folder)
    intake = begin_import(
        workshop=workshop,
        community=community,
        name=name or folder.resolve().name,
        kind="polis",
        sha256=content_hash({path.name: file_hash(path) for path in files}),
        size=sum(path.stat().st_size for path in files),
        by=by,
        report=report,
    )
    if isinstance(intake, ImportedFile):
        return intake
    seat = seat_community(workshop=workshop, name=community.name)
    source = source or _conversation_name(folder) or intake.imported.name
    conversation = Conversation(folder, seat, slugify(source.replace(".", "-")), intake)
    claimed = _import_comments(conversation)
    _import_votes(conversation)
    settle_latest_votes(intake.imported)
    compare_counts(claimed, workshop, intake)
    if (folder / LABELS).is_file():
        import_groups(folder / LABELS, seat, conversation.pseudonym, intake)
    _count(intake)
    return intake.finish()


def polis_files(folder: Path) -> list[Path]:
    """The export's files in order of name. Raises ImportRefused for anything but an export."""
    if not folder.is_dir():
        raise ImportRefused(f"There is no folder {folder}.")
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise ImportRefused(
            f"{folder} is not a Polis export: {' and '.join(missing)} is missing there."
        )
    files = [folder / name for name in (*REQUIRED, *OPTIONAL) if (folder / name).is_file()]
    for path in files:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ImportRefused(f"{path.name} is a link to a file outside its folder.")
    return sorted(checked_file(path) for path in files)


def _conversation_name(folder: Path) -> str:
    """The last part of the conversation's address in summary.csv, "" where there is none."""
    summary = folder / "summary.csv"
    if not summary.is_file():
        return ""
    rows = csv_rows(summary)  # the first of its pairs of name and value reads as a header
    values = (list(row.values()) for _, row in rows if not isinstance(row, BadRow))
    address = next((pair[1] for pair in values if pair[0] == "url" and len(pair) == 2), "")
    return address.rstrip("/").rpartition("/")[2][:30]


def _import_comments(conversation: Conversation) -> dict[str, tuple[int, int]]:
    """Store the statements; the export's own counts of them, for comparison."""
    claimed: dict[str, tuple[int, int]] = {}
    for batch in in_batches(_comments(conversation), BATCH):
        _store_comments(batch, conversation)
        claimed |= {said.number: said.claimed for _, said in batch if said.claimed is not None}
    return claimed


def _comments(conversation: Conversation) -> Iterator[tuple[int, PolisComment]]:
    intake, seen = conversation.intake, set[str]()
    path = conversation.folder / "comments.csv"
    for line, row in csv_rows(path, required=REQUIRED[path.name]):
        if isinstance(row, BadRow):
            intake.turn_away(path.name, line, row.reason, row.field)
            continue
        try:
            comment = polis_comment(row)
        except RowRefused as error:
            intake.turn_away(path.name, line, error.reason, error.field)
            continue
        if comment.number in seen:
            intake.turn_away(path.name, line, "This id came before in the file.", "comment-id")
            continue
        seen.add(comment.number)
        yield line, comment


def _store_comments(batch: list[tuple[int, PolisComment]], conversation: Conversation) -> None:
    workshop = conversation.seat.workshop_id
    here = Statement.objects.filter(
        workshop=workshop, external_id__in=[comment.number for _, comment in batch]
    )
    found = {statement.external_id: statement for statement in here}
    for line, comment in batch:
        if comment.number in found and found[comment.number].text != comment.text:
            raise ImportRefused(
                f"comments.csv, line {line}, field comment-id: statement {comment.number} has "
                f"other words in this workshop. Give this conversation a workshop of its own."
            )
    new = [(line, comment) for line, comment in batch if comment.number not in found]
    authors = conversation.people([comment.author for _, comment in new])
    imported = conversation.intake.imported
    Statement.objects.bulk_create(
        Statement(
            workshop_id=workshop,
            text=comment.text,
            external_id=comment.number,
            author=authors[comment.author],
            moderation=comment.moderation,
            imported_file=imported,
            source_file="comments.csv",
            source_line=line,
            said_at_ms=comment.said_at_ms,
        )
        for line, comment in new
    )
    moderated = sum(
        found[comment.number].moderation != comment.moderation
        for _, comment in batch
        if comment.number in found
    )
    if moderated:
        conversation.intake.remarks["statements are moderated otherwise here; that stays."] += (
            moderated
        )
    conversation.intake.counts["statements"] += len(batch)
    conversation.intake.read(len(batch))
    conversation.intake.stored(len(new))


def _import_votes(conversation: Conversation) -> None:
    for batch in in_batches(_votes(conversation), BATCH):
        _store_votes(batch, conversation)


def _votes(conversation: Conversation) -> Iterator[tuple[int, PolisVote]]:
    path = conversation.folder / "votes.csv"
    for line, row in csv_rows(path, required=REQUIRED[path.name]):
        if isinstance(row, BadRow):
            conversation.intake.turn_away(path.name, line, row.reason, row.field)
            continue
        try:
            yield line, polis_vote(row)
        except RowRefused as error:
            conversation.intake.turn_away(path.name, line, error.reason, error.field)


def _store_votes(batch: list[tuple[int, PolisVote]], conversation: Conversation) -> None:
    intake = conversation.intake
    statements = dict(
        Statement.objects.filter(
            workshop=conversation.seat.workshop_id,
            external_id__in={vote.comment for _, vote in batch},
        ).values_list("external_id", "pk")
    )
    for line, vote in batch:
        if vote.comment not in statements:
            reason = "The vote is on a comment that is not in comments.csv."
            intake.turn_away("votes.csv", line, reason, "comment-id")
    votes = [(line, vote) for line, vote in batch if vote.comment in statements]
    people = conversation.people([vote.voter for _, vote in votes])
    for line, vote in votes:
        if people[vote.voter].withdrawn_at is not None:
            intake.turn_away("votes.csv", line, "This person withdrew.", "voter-id")
    votes = [(line, vote) for line, vote in votes if people[vote.voter].withdrawn_at is None]
    # What has the key of a stored vote is that vote, from an earlier file or row.
    AnswerEvent.objects.bulk_create(
        [
            AnswerEvent(
                participant=people[vote.voter],
                key=vote.key,
                kind=AnswerEvent.Kind.VOTE,
                target=statements[vote.comment],
                body={"choice": vote.choice},
                said_at_ms=vote.said_at_ms,
                imported_file=intake.imported,
                source_file="votes.csv",
                source_line=line,
            )
            for line, vote in votes
        ],
        ignore_conflicts=True,
    )
    intake.read(len(votes))


def _count(intake: Intake) -> None:
    events = AnswerEvent.objects.filter(imported_file=intake.imported)
    intake.stored(events.count())
    intake.counts["people"] = events.values("participant").distinct().count()
    intake.counts["votes cast"] = events.count()
    intake.counts["votes that hold"] = events.values("participant", "target").distinct().count()
