"""Prompts and completions that somebody has cleared, for tests of what people do with them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from elicitation.models import Completion, Prompt, Workshop

Screening = Completion.Screening


def stock(
    workshop: Workshop,
    prompts: int = 6,
    completions: int = 2,
    screening: str = Screening.CLEARED,
    **fields: Any,
) -> list[Prompt]:
    """So many prompts of the workshop, each with so many completions of different models."""
    before = Prompt.objects.filter(workshop=workshop).count()
    made = []
    for number in range(before, before + prompts):
        prompt = Prompt.objects.create(
            workshop=workshop,
            messages=[{"role": "user", "content": f"Question {number}?"}],
            content_hash=f"prompt {number}",
            **fields,
        )
        for letter in "abcdefghijkl"[:completions]:
            Completion.objects.create(
                prompt=prompt,
                text=f"Answer {letter} to {number}.",
                content_hash=f"{number}{letter}",
                source=f"secret-model-{letter}",
                screening=screening,
            )
        made.append(prompt)
    return made


def html_of(client: Client, address: str) -> str:
    """A page that opens."""
    response = client.get(address)
    assert response.status_code == 200, response.headers.get("Location")
    return str(response.content.decode())


def on_screen(html: str) -> str:
    """The item that is shown, without those that the phone holds for later."""
    return html.split("<template data-item")[0]


def names_in(html: str) -> list[str]:
    """The items of a page, the one on the screen first."""
    return re.findall(r'<section class="item" data-item="([a-z]+:\d+)"', html)


def fields_in(html: str) -> dict[str, str]:
    """The hidden fields of the form on the screen."""
    hidden = r'<input type="hidden" name="([\w]+)" value="([^"]*)">'
    item = html[html.index('<section class="item"') :] if '<section class="item"' in html else html
    return dict(re.findall(hidden, on_screen(item))[:5])


def answer_next(client: Client, address: str, **body: Any) -> str:
    """Answer the item on the screen as its form does; the page that follows."""
    sent = fields_in(html_of(client, address)) | {
        key.replace("__", ":"): value for key, value in body.items()
    }
    response = client.post("/w/river/answer/", sent, follow=True)
    assert response.status_code == 200, re.findall(
        r'role="alert">([^<]*)', response.content.decode()
    )
    return str(response.content.decode())
