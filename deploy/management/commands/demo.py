"""`manage.py demo [--once]`: load the demo and do its main job, from answers to a report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deploy.demo.accounts import ROLES, ensure_accounts, seat_staff
from deploy.demo.hall import TITLE, ensure_hall, hall_lines
from deploy.demo.steps import CAPS, HELD_OUT_ROWS, Piece, complete
from deploy.demo.summary import summary_lines
from deploy.demo.workshops import DATA, DEMO, ensure_workshop
from elicitation.kernel.models import Work
from elicitation.kernel.work import enqueue, run_inline
from elicitation.models import User

BAR = 24


class Command(BaseCommand):
    """Load the demo's workshops; analyse, draft, freeze, train and report on them; print a table.

    Everything is done once: a second start finds it done and prints the table again.
    """

    help = "Load the demo and do its main job: in the worker, or here and now with --once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the work is done."""
        parser.add_argument(
            "--once", action="store_true", help="do everything in this process, without a worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, ask for the work, show how far it is, and print what came out."""
        self.began = time.monotonic()
        passwords = ensure_accounts(Path(settings.FOLKMOOT_HOME))
        address = os.environ.get("FOLKMOOT_ADDRESS")
        if address:
            self._say(f"Open {address} and sign in as one of:")
            for name, (role, _) in ROLES.items():
                self._say(f"  {role:16} {name:6} {passwords.get(name, '(changed)')}")
        seat_staff(ensure_hall(DATA, by=User.objects.get(username="farid")))
        self._say(f"“{TITLE}”: open to join")
        for line in hall_lines(address or ""):
            self.stdout.write(line)
        self.stdout.write("")
        for demo in DEMO:
            workshop = ensure_workshop(demo, self._bar(f"Loading “{demo.title}”"))
            seat_staff(workshop)
            self._end_bar()
        self._say(
            f"Training is capped to fit a small machine: {_words(CAPS)}; measured on at most "
            f"{HELD_OUT_ROWS} rows of each held-out split."
        )
        for demo in DEMO:
            if demo.overrides:
                self._say(f"For “{demo.title}”: {_words(demo.overrides)}.")
        complete(self._here if options["once"] else self._in_the_worker)
        for line in summary_lines():
            self.stdout.write(line)
        for line in hall_lines(address or ""):
            self.stdout.write(line)
        self._say("Done.")

    def _here(self, piece: Piece) -> None:
        bar = self._bar(piece.say)
        run_inline(
            piece.task,
            subject=piece.subject,
            on_progress=lambda p: bar(p.get("done"), p.get("of"), str(p.get("say", ""))),
            **piece.arguments,
        )
        self._end_bar()

    def _in_the_worker(self, piece: Piece) -> None:
        work = Work.objects.latest_for(piece.subject)
        if work is None or work.status not in (Work.Status.QUEUED, Work.Status.RUNNING):
            work = enqueue(piece.task, subject=piece.subject, max_attempts=5, **piece.arguments)
        bar = self._bar(piece.say)
        while work.status in (Work.Status.QUEUED, Work.Status.RUNNING):
            p = work.progress
            bar(p.get("done"), p.get("of"), str(p.get("say", "Waiting for the worker")))
            time.sleep(1)
            work.refresh_from_db()
        self._end_bar()
        if work.status != Work.Status.DONE:
            raise CommandError(f"{piece.say}: {work.error or work.get_status_display()}")

    def _bar(self, title: str) -> Any:
        """A function of (done, of, say) that shows one line of progress."""
        last = ""

        def show(done: float | None, of: float | None, say: str) -> None:
            nonlocal last
            share = min(1.0, done / of) if done is not None and of else 0.0
            filled = "█" * round(BAR * share) + "·" * (BAR - round(BAR * share))
            line = f"{filled} {title}: {say}"
            if sys.stdout.isatty():
                self.stdout.write(f"\r\033[K{line[:110]}", ending="")
                self.stdout.flush()
            elif say.split("(")[0] != last:
                self._say(f"{title}: {say}")
            last = say.split("(")[0]

        self.title = title
        return show

    def _end_bar(self) -> None:
        if sys.stdout.isatty():
            self.stdout.write("\r\033[K", ending="")
        self._say(f"{self.title}: done")

    def _say(self, text: str) -> None:
        seconds = time.monotonic() - self.began
        self.stdout.write(f"[{seconds:4.0f} s] {text}")
        self.stdout.flush()


def _words(caps: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {'off' if value is None else value}" for name, value in caps.items())
