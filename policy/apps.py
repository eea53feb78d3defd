"""The policy app."""

import importlib

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Registers policy."""

    name = "policy"

    def ready(self) -> None:
        """Know what people can do with rules, and hear of what they take back."""
        importlib.import_module("policy.participation")
        importlib.import_module("policy.withdrawal")
        importlib.import_module("policy.withdrawal_live")
        importlib.import_module("policy.attendance")
        importlib.import_module("policy.own_data")
