"""A small page of answers for the tests of the queue, built as every page of answers is.

As ROOT_URLCONF it adds /w/<slug>/practice/ to the real addresses.
"""

import uuid

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from elicitation import access
from elicitation.models import Comparison

handler403 = "deploy.views.forbidden"
AT_ONCE = 3
PAGE = """{% extends "phone.html" %}{% block content %}
<div data-items data-more="{% url 'practice' workshop.slug %}">
{% for item in items %}
{% if not forloop.first %}<template data-item="preference:{{ item.number }}">{% endif %}
<section class="item" data-item="preference:{{ item.number }}"><h2>{{ item.words }}</h2>
<form method="post" action="{% url 'answer' workshop.slug %}" data-answer>{% csrf_token %}
<input type="hidden" name="kind" value="preference">
<input type="hidden" name="target" value="{{ item.number }}">
<input type="hidden" name="key" value="{{ item.key }}">
<input type="hidden" name="next" value="{{ request.path }}">
<label>Why <textarea name="rationale"></textarea></label>
<button name="choice" value="left">The first</button>
<button name="choice" value="right">The second</button></form></section>
{% if not forloop.first %}</template>{% endif %}
{% endfor %}
</div><div data-none{% if items %} hidden{% endif %}><h1>Nothing left</h1></div>
{% endblock %}"""


def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """This person's comparisons that are not answered; `item` again, without those of `skip`."""
    device = access.device_or_join(request, slug)
    mine = Comparison.objects.filter(participant=device.participant).order_by("pk")
    left = mine.filter(preference=None)
    if request.GET.get("skip"):
        left = left.exclude(pk__in=request.GET["skip"].split(","))
    if "item" in request.GET:
        left = mine.filter(pk=request.GET["item"])
    items = [
        {
            "number": str(one.pk),
            "words": one.prompt.messages[0]["content"],
            "key": str(uuid.uuid4()),
        }
        for one in left[:AT_ONCE]
    ]
    page = {"workshop": device.participant.workshop, "device": device, "items": items}
    return HttpResponse(engines["django"].from_string(PAGE).render(page, request))


urlpatterns = [
    path("w/<slug:slug>/practice/", practice, name="practice"),
    path("", include("deploy.urls")),
]
