"""`ask_next SLUG [--stop] [--enqueue]`: have a workshop ask what its pending decisions lack."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicitation.kernel.work import enqueue
from elicitation.models import Workshop
from policy.asking import hand_back
from policy.handing_over import ask_evenly


class Command(BaseCommand):
    """Hand back to a workshop what to ask next, or stop doing so."""

    help = "Have each community asked what its pending decisions lack most; run it now and then."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("slug")
        parser.add_argument("--stop", action="store_true", help="ask as without an analysis")
        parser.add_argument("--enqueue", action="store_true", help="hand it to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give the weights and say, per community, how much is open."""
        workshop = Workshop.objects.filter(slug=options["slug"]).first()
        if workshop is None:
            raise CommandError(f"There is no workshop {options['slug']}.")
        if options["stop"]:
            ask_evenly(workshop=workshop)
            self.stdout.write(f"{workshop} asks as without an analysis.")
        elif options["enqueue"]:
            enqueue(
                "policy.tasks.ask_next", subject=f"ask:{workshop.slug}", workshop_id=workshop.pk
            )
            self.stdout.write(f"What {workshop} asks next waits for the worker.")
        else:
            for line in hand_back(workshop=workshop):
                self.stdout.write(line)
