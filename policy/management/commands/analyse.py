"""`analyse SLUG [--seed N] [--groups K] [--enqueue]`: compute, store, and say what was found."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicitation.kernel.work import run_inline
from elicitation.models import Workshop
from policy.models import Analysis
from policy.reading import analysis_lines
from policy.services import GROUPS, ask_for_analysis


class Command(BaseCommand):
    """Analyse a workshop at once, or hand it to the worker."""

    help = "Analyse a workshop's answers; returns when the result is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("slug")
        parser.add_argument("--seed", type=int, default=7)
        say = "how many opinion groups; suggested by the votes unless given"
        parser.add_argument("--groups", type=int, choices=GROUPS, help=say)
        parser.add_argument("--enqueue", action="store_true", help="hand it to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        """Analyse and print a summary."""
        workshop = Workshop.objects.filter(slug=options["slug"]).first()
        if workshop is None:
            raise CommandError(f"There is no workshop {options['slug']}.")
        if options["seed"] < 0:
            raise CommandError("A seed is zero or a positive whole number.")
        if options["enqueue"]:
            ask_for_analysis(workshop=workshop, seed=options["seed"], groups=options["groups"])
            self.stdout.write(f"The analysis of {workshop} waits for the worker.")
            return
        work = run_inline(
            "policy.tasks.analyse",
            subject=f"analysis:{workshop.slug}",
            on_progress=lambda progress: self.stderr.write(str(progress.get("say", ""))),
            workshop_id=workshop.pk,
            seed=options["seed"],
            groups=options["groups"],
        )
        analysis = Analysis.objects.get(pk=(work.result or {})["analysis"])
        for line in analysis_lines(analysis):
            self.stdout.write(line)
