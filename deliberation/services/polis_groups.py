"""Polis's groups as a label set: joined by each person's number, never by the row's position."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from deliberation.methods.polis_format import LABEL_COLUMNS, polis_group
from deliberation.models import Label, LabelSet
from elicitation.kernel.tabular import BadRow
from elicitation.methods.row_fields import RowRefused
from elicitation.models import Participant, WorkshopCommunity
from elicitation.services.answers import in_batches
from elicitation.services.intake import BATCH, Intake
from elicitation.services.reading import csv_rows

NAME = "polis"


def import_groups(
    path: Path, seat: WorkshopCommunity, pseudonym: Callable[[str], str], intake: Intake
) -> LabelSet:
    """Replace the conversation's labels by those of this export; people who never came are told."""
    label_set = _label_set(seat, intake)
    label_set.labels.all().delete()
    for batch in in_batches(_groups(path, intake), BATCH):
        people = {
            person.pseudonym: person
            for person in Participant.objects.filter(
                seat=seat, pseudonym__in=[pseudonym(number) for _, number, _ in batch]
            )
        }
        labels = []
        for line, number, group in batch:
            person = people.get(pseudonym(number))
            if person is None:
                reason = "The person is in neither votes.csv nor comments.csv."
                intake.turn_away(path.name, line, reason, "participant")
            elif group:
                labels.append(Label(label_set=label_set, participant=person, name=group))
        Label.objects.bulk_create(labels)
        intake.counts["people with a group label"] += len(labels)
    return label_set


def _groups(path: Path, intake: Intake) -> Iterator[tuple[int, str, str]]:
    seen = set[str]()
    for line, row in csv_rows(path, required=LABEL_COLUMNS):
        if isinstance(row, BadRow):
            intake.turn_away(path.name, line, row.reason, row.field)
            continue
        try:
            number, group = polis_group(row)
        except RowRefused as error:
            intake.turn_away(path.name, line, error.reason, error.field)
            continue
        if number in seen:
            intake.turn_away(path.name, line, "This person came before in the file.", "participant")
            continue
        seen.add(number)
        yield line, number, group


def _label_set(seat: WorkshopCommunity, intake: Intake) -> LabelSet:
    """The set for this conversation; a second community's groups are a set of their own."""
    about = {
        "imported_file": intake.imported,
        "description": f"Groups that Polis computed from {intake.imported.name}"[:300],
    }
    other = LabelSet.objects.filter(workshop=seat.workshop_id, name=NAME).exclude(
        imported_file__community=seat.community_id
    )
    name = f"{NAME}-{seat.community.slug}"[:60] if other.exists() else NAME
    return LabelSet.objects.update_or_create(
        workshop_id=seat.workshop_id, name=name, defaults=about
    )[0]
