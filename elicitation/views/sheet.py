"""What hangs on the wall: one printed page a community, with the way in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from elicitation import access
from elicitation.models import WorkshopCommunity

ONLY_HERE = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True)
class Steps:
    """How to join, in one language."""

    language: str
    direction: str
    lines: tuple[str, str, str]


# On paper all three are wanted at once, whatever language the reader's page is in.
STEPS = (
    Steps(
        "en",
        "ltr",
        (
            "Point your phone's camera at the square, or open the address and type the code.",
            "Read what it is about. Agree only if you want to. You need no name and no account.",
            "Answer as you like. You can skip anything, and stop at any time.",
        ),
    ),
    Steps(
        "es",
        "ltr",
        (
            "Apunte la cámara del teléfono al cuadrado, o abra la dirección y escriba el código.",
            "Lea de qué se trata. Acepte solo si quiere. No necesita nombre ni cuenta.",
            "Responda como quiera. Puede saltarse lo que sea y parar en cualquier momento.",
        ),
    ),
    Steps(
        "ar",
        "rtl",
        (
            "وجّه كاميرا هاتفك نحو المربع، أو افتح العنوان واكتب الرمز.",
            "اقرأ عمّ يدور هذا. وافق فقط إن أردت. لا تحتاج إلى اسم ولا إلى حساب.",
            "أجب كما تشاء. يمكنك أن تتخطى أي شيء وأن تتوقف في أي وقت.",
        ),
    ),
)


@dataclass(frozen=True)
class WayIn:
    """One community's code, the address it stands for, and that address as a picture."""

    seat: WorkshopCommunity
    address: str
    picture: str

    @property
    def code(self) -> str:
        """The code as people read it: in fours."""
        return f"{self.seat.join_code[:4]} {self.seat.join_code[4:]}"


def way_in(request: HttpRequest, seat: WorkshopCommunity) -> WayIn:
    """How the people of one community join."""
    address = absolute(request, reverse("join", args=[seat.join_code]))
    return WayIn(seat, address, qr_picture(address))


def absolute(request: HttpRequest, path: str) -> str:
    """An address for other machines: under the installation's own, where it was told one."""
    base = settings.PUBLIC_ADDRESS
    return f"{base.rstrip('/')}{path}" if base else request.build_absolute_uri(path)


def is_only_here(address: str) -> bool:
    """Whether the address means this very machine, so that no phone gets there."""
    return urlsplit(address).hostname in ONLY_HERE


def qr_picture(address: str) -> str:
    """The address as a QR code, an SVG that stands in the page itself."""
    return str(
        segno.make(address, error="m", micro=False).svg_data_uri(border=4, scale=8, light="#fff")
    )


@require_safe
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """One page to print for each community."""
    workshop = access.workshop_or_404(request.user, slug, *access.FACILITATES)
    ways = [way_in(request, seat) for seat in workshop.seats.select_related("community")]
    page = {
        "workshop": workshop,
        "ways": ways,
        "steps": STEPS,
        "short": absolute(request, reverse("join-code")),
        "only_here": any(is_only_here(way.address) for way in ways),
    }
    return render(request, "elicitation/facilitate/sheet.html", page)
