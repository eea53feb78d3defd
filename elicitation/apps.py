"""The elicitation app."""

from django.apps import AppConfig


class ElicitationConfig(AppConfig):
    """Registers elicitation."""

    name = "elicitation"
