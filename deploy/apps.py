"""The deploy app."""

from django.apps import AppConfig


class DeployConfig(AppConfig):
    """Registers deploy."""

    name = "deploy"
