"""Phones of people who take part, for every test that needs one."""

from __future__ import annotations

import uuid
from typing import Any

from django.test import Client

from elicitation import access
from elicitation.models import Activity, Device, Participant, Stage, Workshop
from elicitation.services.joining import Phone, add_device


def phone_of(participant: Participant, **options: Any) -> Client:
    """A browser in which this person takes part; its device is `client.device`."""
    client = Client(**options)
    device = add_device(participant=participant, phone=Phone())
    name = access.seat_cookie(participant.workshop.slug)
    client.cookies[name] = access.seat_token(device)
    client.device = device  # type: ignore[attr-defined]
    return client


def send(client: Client, slug: str, kind: str, target: int, **body: Any) -> Any:
    """Send one answer as a form does, with a key of its own unless one is given."""
    key = body.pop("key", None) or str(uuid.uuid4())
    return client.post(f"/w/{slug}/answer/", {"kind": kind, "target": target, "key": key, **body})


def open_activity(
    workshop: Workshop, kind: str, stage: Stage | None = None, **fields: Any
) -> Activity:
    """An activity of this kind in the workshop's first stage, which is opened."""
    stage = stage or workshop.stages.get(position=0)
    Stage.objects.filter(pk=stage.pk).update(status=Stage.Status.OPEN)
    stage.refresh_from_db()
    return Activity.objects.create(stage=stage, kind=kind, **fields)


def device_of(participant: Participant) -> Device:
    """A device of this person."""
    return add_device(participant=participant, phone=Phone())
