"""The elicitation app."""

import importlib

from django.apps import AppConfig


class ElicitationConfig(AppConfig):
    """Registers elicitation."""

    name = "elicitation"

    def ready(self) -> None:
        """Have every kind of answer known."""
        importlib.import_module("elicitation.participation")
        importlib.import_module("elicitation.own_words")
