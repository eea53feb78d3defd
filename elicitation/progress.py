"""The fragment that shows how far a piece of work is, asked for every two seconds or so."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control

from elicitation.kernel.models import Work
from elicitation.templatetags.look import progress_context


def progress_fragment(request: HttpRequest, work: Work) -> HttpResponse:
    """The state of one piece of work; 304 while nothing moved; a reload of the page at its end."""
    tag = etag(request, work)
    response = get_conditional_response(request, etag=tag)
    if response is None:
        response = render(request, "parts/progress.html", progress_context(work))
        if not work.is_open:
            response["HX-Refresh"] = "true"
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def etag(request: HttpRequest, work: Work) -> str:
    """Changes when what is shown changes."""
    shown = [work.pk, work.status, work.attempt, work.progress, work.error]
    shown.append(getattr(request, "LANGUAGE_CODE", ""))
    return '"' + hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:20] + '"'
