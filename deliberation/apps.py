"""The deliberation app."""

import importlib

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    """Registers deliberation."""

    name = "deliberation"

    def ready(self) -> None:
        """Know every kind of answer, hear of what people take back, count how far they are."""
        importlib.import_module("deliberation.participation")
        importlib.import_module("deliberation.withdrawal")
        importlib.import_module("deliberation.own_data")
        importlib.import_module("deliberation.attendance")
