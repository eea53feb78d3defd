"""Where the parts of an analysis are computed: in this process, or as tasks on a Ray cluster.

Either way the same functions get the same arguments, so the answer is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

# A part that was begun: its value here, or what stands for it on a cluster.
Begun = Any
# One thread for sums, as a worker of Ray has: with more, a sum's last digit may differ.
THREADS = 1


class Spread(Protocol):
    """A place where parts are computed. What was begun may be given to parts that follow."""

    def keep(self, value: Any) -> Begun:
        """Bring a value there once, for several parts."""

    def begin(self, part: Callable[..., Any], *given: Begun) -> Begun:
        """Have a part computed from these."""

    def take(self, begun: Begun) -> Any:
        """What came out. Raises what the part raised."""


class Here:
    """One part after the other, in this process."""

    def keep(self, value: Any) -> Begun:
        """The value itself."""
        return value

    def begin(self, part: Callable[..., Any], *given: Begun) -> Begun:
        """Compute it now."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(THREADS):
            return part(*given)

    def take(self, begun: Begun) -> Any:
        """It is there already."""
        return begun


class OnRay:
    """Tasks of a Ray cluster (ray.io), which start as soon as what they need is there.

    address: of a cluster, "auto" for the one that this machine belongs to, "local" for one of this
    process's own. Every machine of it holds this same code at the same place, with the same
    packages; none of them needs the database. Raises ModuleNotFoundError without the extra "ray".
    """

    def __init__(self, address: str = "auto") -> None:
        import ray

        self.ray = ray
        if not ray.is_initialized():
            setup = {
                "env_vars": {"PYTHONPATH": str(Path(__file__).parents[2])},
                "worker_process_setup_hook": "policy.computing.spreading.prepare",
            }
            ray.init(
                address=address, runtime_env=setup, include_dashboard=False,
                logging_level=logging.WARNING, log_to_driver=False,
            )  # fmt: skip

        self.task = ray.remote(computed)

    def keep(self, value: Any) -> Begun:
        """Put it into the cluster's memory."""
        return self.ray.put(value)

    def begin(self, part: Callable[..., Any], *given: Begun) -> Begun:
        """Ask for it; it begins once what was given is there."""
        return self.task.remote(part, *given)

    def take(self, begun: Begun) -> Any:
        """Wait for it."""
        return self.ray.get(begun)


def computed(part: Callable[..., Any], *given: Any) -> Any:
    """What a part makes of these: what every task of a cluster does."""
    return part(*given)


def spread_over(place: str) -> Spread:
    """Where an analysis is computed. place: "" for here, else a Ray cluster's address."""
    return OnRay(place) if place else Here()


def prepare() -> None:
    """Make a worker of a cluster ready for our code."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
    django.setup()
