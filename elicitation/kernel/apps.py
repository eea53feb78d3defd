"""The kernel: what every app needs and no domain owns."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Registers the kernel's one table, leased background work."""

    name = "elicitation.kernel"
    label = "kernel"
