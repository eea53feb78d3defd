"""Do the background work that pages and commands hand over."""

from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from elicitation.kernel.worker import Worker


class Command(BaseCommand):
    """`manage.py worker`: takes one piece of work at a time; start several for more at once."""

    help = "Do the background work that pages hand over. Start several for more at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say when to end, and how patient to be."""
        parser.add_argument("--once", action="store_true", help="Take one piece of work at most.")
        parser.add_argument("--until-idle", action="store_true", help="End when all is done.")
        parser.add_argument(
            "--lease", type=float, default=10, help="Seconds until others take over."
        )
        parser.add_argument(
            "--poll", type=float, default=0.7, help="Seconds between looks for work."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop by SIGTERM or Ctrl-C."""
        # Once, here, in place of once for each piece of work.
        for module in settings.WORKER_IMPORTS:
            import_module(module)
        worker = Worker(
            lease=options["lease"],
            renew_every=options["lease"] / 5,
            poll_every=options["poll"],
        )
        taken = worker.run(once=options["once"], until_idle=options["until_idle"])
        self.stdout.write(f"{taken} pieces of work taken.")
