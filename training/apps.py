"""The training app."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Registers training."""

    name = "training"
