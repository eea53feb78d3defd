"""The policy app."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Registers policy."""

    name = "policy"
