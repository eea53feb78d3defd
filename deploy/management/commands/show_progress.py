"""Bars in the terminal for the work that is under way, until none is left."""

import shutil
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from elicitation.kernel.models import Work

BAR = 24
SECONDS_BETWEEN_LOOKS = 0.5
ENDINGS = {
    Work.Status.DONE: "done",
    Work.Status.FAILED: "failed",
    Work.Status.CANCELLED: "cancelled",
}


class Command(BaseCommand):
    """`manage.py show_progress`: follow the open work; its status is 1 when some of it failed."""

    help = "Show how far the background work is, until all of it has ended."

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw until nothing is open any more."""
        newest = Work.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        already_open = list(Work.objects.open().values_list("pk", flat=True))
        screen = Screen()
        while True:
            # What the followed work asks for in its turn is followed too.
            followed = list(Work.objects.filter(Q(pk__in=already_open) | Q(pk__gt=newest)))
            followed.sort(key=lambda work: work.pk)
            screen.draw(followed)
            if not any(work.is_open for work in followed):
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if any(work.status == Work.Status.FAILED for work in followed):
            sys.exit(1)


class Screen:
    """Redraws its lines in a terminal; elsewhere prints a line when its words change."""

    def __init__(self) -> None:
        self.height = 0
        self.said: dict[int, str] = {}

    def draw(self, followed: list[Work]) -> None:
        """Show each piece of work on a line of its own."""
        if not sys.stdout.isatty():
            self.speak(followed)
            return
        width = shutil.get_terminal_size().columns - 1
        lines = [line_for(work)[:width] for work in followed]
        up = f"\x1b[{self.height}A" if self.height else ""
        sys.stdout.write(up + "".join(f"\r\x1b[K{line}\n" for line in lines))
        sys.stdout.flush()
        self.height = len(lines)

    def speak(self, followed: list[Work]) -> None:
        """Say only what is new, for a log file."""
        for work in followed:
            words = f"{name_of(work)}: {what_now(work)}"
            if self.said.get(work.pk) != words:
                self.said[work.pk] = words
                sys.stdout.write(f"{words}\n")
        sys.stdout.flush()


def name_of(work: Work) -> str:
    """What the work is about, in its own words."""
    return work.subject or work.task.rpartition(".")[2].replace("_", " ")


def what_now(work: Work) -> str:
    """What it is doing, or how it ended and why."""
    ending = ENDINGS.get(Work.Status(work.status))
    if ending is None:
        return work.what_it_does
    return f"{ending}: {work.error}" if work.error else ending


def line_for(work: Work) -> str:
    """One line: a bar, the share done, the name, and what is going on."""
    share = 1.0 if work.status == Work.Status.DONE else work.share_done
    filled = round(BAR * (share or 0.0))
    percent = "    " if share is None else f"{share:4.0%}"
    return f"{'█' * filled}{'░' * (BAR - filled)} {percent}  {name_of(work)}: {what_now(work)}"
