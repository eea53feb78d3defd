"""`plan_workshop --communities 3 --share .7`: how many people such a decision needs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policy.methods.sample_size import Needed, Sharpness, Workshop, people_needed, sharpest

# Shown beside what was asked for, so that the price of a sharper decision can be seen.
SHARES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.9)


class Command(BaseCommand):
    """Say how many people and answers a workshop needs, or what so many people can tell apart."""

    help = "How many people each community needs, before the workshop."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be planned with."""
        parser.add_argument("--communities", type=int, default=1)
        parser.add_argument("--share", type=float, default=0.7, help="who agree, in each community")
        parser.add_argument("--against", type=float, default=0.5, help="what to tell it from")
        parser.add_argument("--chance", type=float, default=0.8, help="that all are called rightly")
        parser.add_argument("--statements", type=int, default=1)
        parser.add_argument("--answers", type=int, help="statements each person votes on; else all")
        parser.add_argument("--dependence", type=float, default=0.0, help="correlation at a table")
        parser.add_argument("--table", type=int, default=1, help="people at one table")
        parser.add_argument("--people", type=int, help="in each community: what they can tell")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the plan."""
        try:
            for line in plan_lines(options):
                self.stdout.write(line)
        except ValueError as error:
            raise CommandError(str(error)) from error


def plan_lines(asked: dict[str, Any]) -> list[str]:
    """The plan in words and as a table. Raises ValueError for what cannot be planned."""
    statements = asked["statements"]
    answers = min(asked["answers"] or statements, statements)
    if statements < 1 or answers < 1:
        raise ValueError("There is at least one statement, and people vote on at least one.")
    plan = Workshop(asked["communities"], answers / statements, asked["dependence"], asked["table"])
    aim = Sharpness(asked["share"], asked["against"])
    found = people_needed(aim, plan, asked["chance"])
    lines = [_sentence(aim, plan, found, asked["chance"]), *_table(aim, plan, asked["chance"])]
    alarms = found.false_alarm * statements * plan.communities
    lines.append(
        f"Of {statements * plan.communities} that are evenly split, about {alarms:.1f} would be "
        "called for all the same."
    )
    if asked["people"]:
        lines.append(_told(asked["people"], plan, asked["chance"], aim.against))
    return lines


def _sentence(aim: Sharpness, plan: Workshop, found: Needed, chance: float) -> str:
    what = f"that {aim.share:.0%} agree, not {aim.against:.0%}, in {_places(plan)}"
    if found.people is None:
        return f"No number of people that could meet would tell {what}."
    return (
        f"To tell {what}, with a chance of {chance:.0%}: {found.people} people in each, about "
        f"{found.votes:.0f} votes on each statement."
    )


def _places(plan: Workshop) -> str:
    return "one community" if plan.communities == 1 else f"all {plan.communities} communities"


def _table(aim: Sharpness, plan: Workshop, chance: float) -> list[str]:
    lines = ["share   people in each   votes on each statement   chance"]
    for share in sorted({*SHARES, aim.share}):
        if share <= aim.against:
            continue
        found = people_needed(Sharpness(share, aim.against), plan, chance)
        people = "more than could meet" if found.people is None else str(found.people)
        lines.append(f"{share:>5.0%}   {people:>14}   {found.votes:>23.0f}   {found.chance:>6.0%}")
    return lines


def _told(people: int, plan: Workshop, chance: float, against: float) -> str:
    share = sharpest(people, plan, chance, against)
    if share is None:
        return f"{people} people in each community cannot tell any share from {against:.0%}."
    return f"{people} people in each community can tell {share:.0%} from {against:.0%}."
