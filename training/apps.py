"""The training app."""

import importlib

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Registers training."""

    name = "training"

    def ready(self) -> None:
        """Hear of what people take back."""
        importlib.import_module("training.withdrawal")
