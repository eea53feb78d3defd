"""What the first pages weigh over the wire: a hall shares one line, and some pay by the byte."""

import gzip
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from elicitation.models import Participant, WorkshopCommunity
from tests.elicitation.stock import stock
from tests.phones import open_activity, phone_of

MOST = 100 * 1024
ASSET = re.compile(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"')


def weight(client: Client, address: str) -> int:
    """The bytes of a page as it is sent, and of its styles, scripts and pictures, compressed."""
    page = client.get(address)
    assert page.status_code == 200
    assets = set(ASSET.findall(page.content.decode()))
    assert assets
    return len(page.content) + sum(compressed(address) for address in assets)


def compressed(address: str) -> int:
    """The bytes of a static file as the server sends it."""
    path = str(finders.find(urlsplit(address).path.removeprefix("/static/")))
    return len(gzip.compress(Path(path).read_bytes()))


@pytest.mark.parametrize("address", ["/join/ABCD2345/", "/w/river/", "/w/river/compare/"])
def test_a_first_page_weighs_at_most_a_hundred_kilobytes(amara: Participant, address: str) -> None:
    WorkshopCommunity.objects.filter(join_code="RIVER000").update(join_code="ABCD2345")
    stock(amara.workshop)
    open_activity(amara.workshop, "compare")
    client = Client() if "join" in address else phone_of(amara)
    assert 5_000 < weight(client, address) <= MOST


def test_the_queue_is_small() -> None:
    names = ("store", "sender", "live", "queue")
    assert sum(compressed(f"/static/elicitation/{name}.js") for name in names) <= 20 * 1024
