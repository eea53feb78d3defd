"""Participants' own tests, read to keep them out of what models learn from.

They are what every model is evaluated on later: a model that was trained on their words would pass
by memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from elicitation.models import Case, Workshop


def situations_of(workshops: Iterable[Workshop]) -> list[str]:
    """What people said somebody might ask, in the tests that they wrote."""
    rows = Case.objects.filter(participant__workshop__in=list(workshops))
    return list(rows.order_by("pk").values_list("situation", flat=True))
