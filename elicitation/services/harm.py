"""What is hard to bear: only for people who chose to meet it."""

from __future__ import annotations

from django.db.models import Q

from elicitation.models import Completion, Participant, Workshop
from elicitation.services.pool import SHOWN


def has_severe(workshop: Workshop) -> bool:
    """Whether anything that is shown here is only for people who chose so."""
    shown = Completion.objects.filter(prompt__workshop=workshop, screening__in=SHOWN)
    severe = Q(screening=Completion.Screening.SEVERE) | Q(prompt__is_severe=True)
    return shown.filter(severe).exists()


def choose_severe(*, participant: Participant, sees: bool) -> None:
    """Keep whether somebody wants to meet such things; they can change it at any time."""
    Participant.objects.filter(pk=participant.pk).update(sees_severe=sees)
    participant.sees_severe = sees
