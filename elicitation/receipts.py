"""A receipt in plain words: what was erased, what was marked, and what could not be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from elicitation.models import Withdrawal

Facts = Mapping[str, Any]
# What is erased, counted, in the order of a receipt.
COUNTED = {
    "preference": ngettext_lazy(
        "%(n)s choice between answers", "%(n)s choices between answers", "n"
    ),
    "rating": ngettext_lazy("%(n)s judgement of an answer", "%(n)s judgements of answers", "n"),
    "rewrite": ngettext_lazy(
        "%(n)s answer that you wrote anew", "%(n)s answers that you wrote anew", "n"
    ),
    "ranking": ngettext_lazy("%(n)s order of answers", "%(n)s orders of answers", "n"),
    "case": ngettext_lazy("%(n)s test that you wrote", "%(n)s tests that you wrote", "n"),
    "identityanswer": ngettext_lazy(
        "%(n)s thing about yourself", "%(n)s things about yourself", "n"
    ),
    "vote": ngettext_lazy("%(n)s vote", "%(n)s votes", "n"),
    "statement": ngettext_lazy(
        "%(n)s statement that you proposed", "%(n)s statements that you proposed", "n"
    ),
    "endorsement": ngettext_lazy("%(n)s word on a rule", "%(n)s words on rules", "n"),
    "contact": ngettext_lazy("Your contact details", "Your contact details", "n"),
    "messages": ngettext_lazy(
        "%(n)s message from your phone", "%(n)s messages from your phone", "n"
    ),
}


def receipt_shown(withdrawal: Withdrawal) -> dict[str, Any]:
    """What the page of a receipt shows: lists of sentences and names."""
    receipt = withdrawal.receipt
    stale = receipt["stale"]
    return {
        "erased": [
            erased_words(name, receipt["erased"][name])
            for name in COUNTED
            if name in receipt["erased"]
        ],
        "stale": [
            (heading(kind), [name_of(kind, one) for one in stale[kind]])
            for kind in stale
            if stale[kind]
        ],
        "stopped": [run_name(one) for one in receipt["stopped"]],
        "trained": [run_name(one) for one in receipt["trained"]],
        "files": receipt["files"],
        "redacted": receipt["redacted"],
        "from_now_on": receipt["from_now_on"],
    }


def heading(kind: str) -> str:
    """What things of one kind are called."""
    return {
        "analyses": _("Results that counted them"),
        "constitutions": _("Sets of rules that rest on those results"),
        "principles": _("Rules in them that rest on what you said"),
        "datasets": _("Collections of answers made to train a model"),
        "checkpoints": _("Trained models"),
    }[kind]


def name_of(kind: str, facts: Facts) -> str:
    """The name of one thing."""
    if kind == "analyses":
        day = date_format(date.fromisoformat(facts["day"]), "DATE_FORMAT")
        return _("Analysis %(number)s of %(day)s") % {"number": facts["number"], "day": day}
    if kind == "constitutions":
        return _("%(title)s, version %(number)s") % facts
    if kind == "principles":
        return _("%(title)s, version %(version)s, rule %(number)s") % facts
    if kind == "datasets":
        said = _("Collection %(hash)s: its files are destroyed.")
        kept = _("Collection %(hash)s: it holds none of your answers, and trains nothing new.")
        return (said if facts["destroyed"] else kept) % {"hash": facts["hash"]}
    return run_name(facts)


def run_name(facts: Facts) -> str:
    """The name of one training."""
    return _("Training %(run)s (%(recipe)s)") % {
        "run": facts["run"],
        "recipe": str(facts["recipe"]).upper(),
    }


def erased_words(name: str, number: int) -> str:
    """How many of what were erased."""
    return str(COUNTED[name] % {"n": number})
