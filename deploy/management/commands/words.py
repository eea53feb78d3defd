"""manage.py words: compile the translations; with --update, bring their files up to date."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from deploy.words import compile_catalogues, languages, missing, sentences, update


class Command(BaseCommand):
    """Compile what is translated; say what is not when asked."""

    help = "Compile translations. --update adds new sentences to deploy/locale/*/…/django.po."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be asked for."""
        parser.add_argument("--update", action="store_true", help="add and drop sentences")
        parser.add_argument("--missing", action="store_true", help="list what is not translated")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        wanted = sentences(settings.BASE_DIR) if options["update"] or options["missing"] else []
        for language in languages():
            if options["update"]:
                self.stdout.write(f"{language}: {update(language, wanted)} to translate")
            if options["missing"]:
                self.stdout.write("\n".join(missing(language, wanted)))
        compile_catalogues()
