"""The deliberation app."""

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    """Registers deliberation."""

    name = "deliberation"
