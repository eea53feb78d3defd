"""`trace ROW` and `trace --participant PSEUDONYM`: the line between answers and rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from training.errors import TrainingRefused
from training.lineage import trace_participant, trace_row

# What is not here says itself: "wrote it".
SAID: dict[Any, str] = {
    1.0: "chose it",
    0.0: "chose the other",
    0.5: "about equal",
    None: "neither",
    "up": "thumb up",
    "down": "thumb down, or neither acceptable",
}


class Command(BaseCommand):
    """Walk from a training row to its answers, or from a person to the rows they are in."""

    help = "Trace a training row to answers, people, principles, files; or a person to rows."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("row", nargs="?", help="a row's id, or how it begins")
        parser.add_argument("--participant", metavar="PSEUDONYM")
        parser.add_argument("--workshop", default="", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found."""
        if bool(options["row"]) == bool(options["participant"]):
            raise CommandError("Give either a row or --participant.")
        try:
            if options["row"]:
                self._row(options["row"])
            else:
                self._participant(options["participant"], options["workshop"])
        except TrainingRefused as error:
            raise CommandError(str(error)) from error

    def _row(self, name: str) -> None:
        traced = trace_row(name)
        row, line, write = traced["row"], traced["lineage"], self.stdout.write
        write(f"Row {line['row']}")
        write(f"  snapshot {traced['snapshot'].hash[:16]}, split {line['split']}")
        if line.get("file"):
            write(f"  line {line['line']} of the file {line['file']}")
        elif row.get("synthetic"):
            write(f"  community {line['community']}, written by us")
        else:
            write(f"  community {line['community']}, share {row['share']:.3f}, n {row['n']}")
        for principle in traced["principles"]:
            write(f"  principle {principle.number} ({principle.get_status_display()}): "
                  f"{principle.text}")  # fmt: skip
        for answer in traced["answers"]:
            said = SAID.get(answer["answer"], answer["answer"])
            write(f"  {answer['participant']} in {answer['workshop']}: {said}")
            if answer["erased"]:
                write("    erased since")
            elif answer["file"]:
                write(f"    {answer['file']} line {answer['line']} "
                      f"(sha256 {answer['file_hash'][:12]})")  # fmt: skip
            else:
                write(f"    answered here, {answer['recorded_at']:%Y-%m-%d %H:%M} UTC")

    def _participant(self, pseudonym: str, workshop: str) -> None:
        found = list(trace_participant(pseudonym, workshop))
        self.stdout.write(f"{pseudonym} is in {len(found)} rows")
        for entry in found:
            # Two workshops can have a person of this name, and they are two people.
            where = " and ".join(sorted({answer["workshop"] for answer in entry["answers"]}))
            self.stdout.write(f"  {entry['row'][:16]} of snapshot {entry['snapshot'][:16]}, "
                              f"{entry['split']}, {entry['community']} in {where}")  # fmt: skip
