"""One account per kind of user, with passwords made at the first start."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from elicitation.models import Membership, User, Workshop

ROLES = {
    "farid": ("Facilitator", Membership.Role.FACILITATOR),
    "pilar": ("Policy analyst", Membership.Role.ANALYST),
    "teo": ("Trainer", Membership.Role.TRAINER),
    "olga": ("Observer", Membership.Role.OBSERVER),
    "admin": ("Administrator", None),
}


def ensure_accounts(home: Path) -> dict[str, str]:
    """User name → password; accounts are made where there are none, and never changed.

    Passwords are kept in sign-ins.json, readable by its owner alone, so that a second start can
    print them again. One that was changed since is printed as it was made.
    """
    path = home / "sign-ins.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in ROLES if not User.objects.filter(username=name).exists()]
    for name in missing:
        known[name] = secrets.token_urlsafe(9)
    if missing:
        beside = path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file)
        os.replace(beside, path)
    for name in missing:
        make = User.objects.create_superuser if name == "admin" else User.objects.create_user
        make(username=name, password=known[name])
    return known


def seat_staff(workshop: Workshop) -> None:
    """Give each of the demo's accounts its role in a workshop."""
    for name, (_, role) in ROLES.items():
        if role is not None:
            Membership.objects.get_or_create(
                user=User.objects.get(username=name), workshop=workshop, role=role
            )
