"""`freeze_snapshot --constitution ID --kind …`: freeze rows named by their content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policy.models import Constitution, ConstitutionVersion
from training.building import Attached
from training.errors import TrainingRefused
from training.methods.personal_data import REGIONS
from training.methods.selection import Selection, numbered, weights_from
from training.models import DatasetSnapshot
from training.services import freeze_snapshot, preview_snapshot
from training.telling import check_lines


class Command(BaseCommand):
    """Freeze the rows of a constitution's newest version (or the one asked for)."""

    help = "Freeze a dataset from a constitution version and its workshops' answers."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        usual = Selection()
        add = parser.add_argument
        add("--constitution", type=int, required=True, metavar="ID")
        add("--number", type=int, help="version number (default: the newest)")
        add("--kind", choices=DatasetSnapshot.Kind.values, required=True)
        add("--seed", type=int, default=7)
        add("--dry-run", action="store_true", help="show counts and checks, freeze nothing")
        add("--community", action="append", default=[], metavar="SLUG", help="only these")
        add("--theme", action="append", default=[], help="only prompts of these themes")
        add("--principle", action="append", default=[], type=int, metavar="NUMBER")
        add("--least-n", type=int, default=usual.least_n, help="people behind a training row")
        add("--least-agreement", type=float, default=usual.least_agreement, metavar="SHARE")
        add("--community-weight", action="append", default=[], metavar="SLUG=WEIGHT")
        add("--principle-weight", action="append", default=[], metavar="NUMBER=WEIGHT")
        add("--held-out-prompts", type=float, default=usual.held_out_prompts, metavar="SHARE")
        add("--held-out-people", type=float, default=usual.held_out_people, metavar="SHARE")
        add("--most-synthetic", type=float, default=usual.most_synthetic, metavar="SHARE")
        add(
            "--region",
            action="append",
            metavar="COUNTRY",
            help=f"whose national telephone numbers are scrubbed (default: {', '.join(REGIONS)})",
        )
        add("--file", type=Path, help="JSONL that rows of kind verifiable or stepwise come from")
        add("--attribution", default="", help="source and licence of that file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Freeze and print the hash, the counts, what was checked and what was left out."""
        asked: dict[str, Any] = {
            "version": _version(options["constitution"], options["number"]),
            "kind": options["kind"],
            "seed": options["seed"],
            "selection": _selection(options),
        }
        if options["file"] is not None:
            asked["attached"] = Attached(options["file"], options["attribution"])
        try:
            if options["dry_run"]:
                self.stdout.write("Nothing is frozen: this is what it would be.")
                self._tell(preview_snapshot(**asked), options["kind"])
                return
            snapshot = freeze_snapshot(**asked)
        except TrainingRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Snapshot {snapshot.hash}")
        self._tell(snapshot.summary, snapshot.kind)
        self.stdout.write(f"  Files: {snapshot.folder}")

    def _tell(self, summary: Mapping[str, Any], kind: str) -> None:
        for split, count in summary["splits"].items():
            self.stdout.write(f"  {split}: {count} rows")
        for name, found in check_lines(summary, kind):
            self.stdout.write(f"  {name}: {found}")
        covered = summary["checks"].get("coverage", {"communities": {}})["communities"]
        for name, one in covered.items():
            self.stdout.write(
                f"  {name}: rows on {one['rows']} of the {one['judged']} prompts that its people "
                f"judged, of {one['prompts']}"
            )
        for sentence in summary["sentences"]:
            self.stdout.write(f"  {sentence}")


def _version(pk: int, number: int | None) -> ConstitutionVersion:
    try:
        constitution = Constitution.objects.get(pk=pk)
    except Constitution.DoesNotExist:
        raise CommandError(f"There is no constitution {pk}.") from None
    versions = constitution.versions.all()
    version = (versions.filter(number=number) if number else versions).first()
    if version is None:
        raise CommandError(f"{constitution} has no version {number or 'yet'}.")
    return version


def _selection(options: Mapping[str, Any]) -> Selection:
    same = ("least_n", "least_agreement", "held_out_prompts", "held_out_people", "most_synthetic")
    try:
        return Selection(
            communities=tuple(options["community"]),
            themes=tuple(options["theme"]),
            principles=tuple(options["principle"]),
            community_weights=weights_from(options["community_weight"]),
            principle_weights=numbered(weights_from(options["principle_weight"])),
            regions=tuple(options["region"] or REGIONS),
            **{name: options[name] for name in same},
        )
    except ValueError as error:
        raise CommandError(str(error)) from error
