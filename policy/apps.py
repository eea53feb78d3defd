"""The policy app."""

import importlib

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Registers policy."""

    name = "policy"

    def ready(self) -> None:
        """Hear of what people take back."""
        importlib.import_module("policy.withdrawal")
