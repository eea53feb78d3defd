"""`draft_constitution SLUG [--community NAME]`: draft the next version from an analysis."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from elicitation.models import Community, Workshop
from policy.errors import PolicyRefused
from policy.models import Analysis
from policy.services import PLACES, draft_constitution


class Command(BaseCommand):
    """Draft a constitution for all communities of a workshop, or for one of them."""

    help = "Draft the next version of a workshop's constitution from its newest analysis."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("slug")
        parser.add_argument("--community", default="", metavar="NAME")
        parser.add_argument("--analysis", type=int, metavar="ID")
        parser.add_argument("--places", type=int, default=PLACES)

    def handle(self, *args: Any, **options: Any) -> None:
        """Draft and print the principles with their status."""
        workshop = Workshop.objects.filter(slug=options["slug"]).first()
        if workshop is None:
            raise CommandError(f"There is no workshop {options['slug']}.")
        community = None
        if options["community"]:
            community = Community.objects.filter(name=options["community"]).first()
            if community is None:
                raise CommandError(f"There is no community {options['community']}.")
        analysis = None
        if options["analysis"]:
            analysis = Analysis.objects.filter(pk=options["analysis"], workshop=workshop).first()
            if analysis is None:
                raise CommandError(f"{workshop} has no analysis {options['analysis']}.")
        try:
            version = draft_constitution(
                workshop=workshop,
                community=community,
                analysis=analysis,
                places=options["places"],
            )
        except (PolicyRefused, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{version} (constitution {version.constitution_id})")
        for principle in version.principles.all():
            status = principle.get_status_display()
            if principle.resolution:
                status += f", {principle.get_resolution_display().lower()}"
            self.stdout.write(f"  {principle.number:2}. [{status}] {principle.text}")
        for sentence in version.choosing["sentences"]:
            self.stdout.write(f"  {sentence}")
