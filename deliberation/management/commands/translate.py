"""`translate SLUG --to TAG (--checkpoint PATH | --endpoint URL --model NAME)`"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deliberation.methods.language_tags import language_tag
from deliberation.services.translating_by_machine import translate_missing
from elicitation.kernel.language_models import (
    LanguageModel,
    LanguageModelError,
    from_checkpoint,
    from_endpoint,
)
from elicitation.models import Workshop

HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Command(BaseCommand):
    """Have a language model translate what phones show and nobody has translated."""

    help = (
        "Have a language model translate what phones show and nobody has translated yet. Phones "
        "mark it as a machine's. What people wrote goes only to a model on this machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked."""
        parser.add_argument("slug")
        parser.add_argument("--to", required=True, help="a language's tag, such as es")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--checkpoint", help="a model's folder or hub id, run here")
        where.add_argument("--endpoint", help="an address such as http://127.0.0.1:8000/v1")
        parser.add_argument("--model", default="", help="the model's name at the endpoint")

    def handle(self, *args: Any, **options: Any) -> None:
        """Translate, and say how much."""
        workshop = Workshop.objects.filter(slug=options["slug"]).first()
        if workshop is None:
            raise CommandError(f"There is no workshop {options['slug']}.")
        try:
            saved = translate_missing(
                workshop=workshop,
                locale=language_tag(options["to"]),
                generate=model_of(options).generate,
                people=is_here(options),
                report=lambda done, of: self.stderr.write(f"{done} of {of}"),
            )
        except (LanguageModelError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(saved.stored)} translated, marked as a machine's.")
        for held in saved.held:
            self.stdout.write(f"Not {held.typed.kind} {held.typed.pk}: {held.reason}")


def model_of(options: dict[str, Any]) -> LanguageModel:
    """The model that was asked for."""
    if options["checkpoint"]:
        return from_checkpoint(options["checkpoint"])
    return from_endpoint(options["endpoint"], options["model"])


def is_here(options: dict[str, Any]) -> bool:
    """Whether what it is given stays on this machine."""
    return bool(options["checkpoint"]) or urlsplit(options["endpoint"]).hostname in HERE
