"""What to ask one community next, as somebody weighed it."""

from __future__ import annotations

from typing import Any

from django.db import models

from elicitation.models.workshops import Activity, WorkshopCommunity


class AskingWeights(models.Model):
    """How much each item of an activity is to be asked of one community; the newest holds.

    weights: {item: number of at least 0}, an item named as `services.asking.name_of` names it.
    otherwise: the weight of items that are not in it. They bear on some of the draws only, and
    every draw keeps its chance, so what they were before is not kept.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="+")
    seat = models.ForeignKey(WorkshopCommunity, on_delete=models.PROTECT, related_name="+")
    weights: models.JSONField[Any] = models.JSONField(default=dict)
    otherwise = models.FloatField(default=1.0)
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "asking weights"
        constraints = [
            models.UniqueConstraint(fields=["activity", "seat"], name="asking_weights_once"),
            models.CheckConstraint(
                condition=models.Q(otherwise__gte=0), name="asking_weight_at_least_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} for {self.seat_id}: {len(self.weights)}"
