"""What phones ask of deliberation's pages, and the fields in which a statement is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.utils.translation import gettext_lazy as _

from deliberation.models import Statement
from deliberation.services.proposing import LONGEST
from elicitation.kernel.row_numbers import row_number
from elicitation.models import Activity, Stage

MOST_SKIPPED = 500


@dataclass(frozen=True)
class AskedFor:
    """item: show this one again. skip: leave these out. more: beyond what was asked of people.

    start: from where on in a list.
    """

    item: int | None = None
    skip: frozenset[int] = field(default_factory=frozenset)
    more: bool = False
    start: int = 0


def asked_for(query: Mapping[str, str]) -> AskedFor:
    """What an address asks for; what is no number asks for nothing."""
    numbers = [row_number(one) for one in query.get("skip", "").split(",")[:MOST_SKIPPED]]
    skip = frozenset(one for one in numbers if one is not None)
    return AskedFor(
        row_number(query.get("item", "")),
        skip,
        bool(query.get("more")),
        row_number(query.get("start", "")) or 0,
    )


def words(rows: int, **attributes: str) -> forms.Textarea:
    """A box for people's words."""
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", "maxlength": LONGEST, **attributes})


class ProposeForm(forms.Form):
    """One statement, in one piece. It is only drawn from here: answers have one way in."""

    key = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What should it do?"),
        help_text=_("One thought, in one sentence, so that others can agree or disagree."),
        widget=words(4),
    )
    why = forms.CharField(
        label=_("Why? (if you like)"), required=False, widget=words(2, **{"data-why": "1"})
    )

    @classmethod
    def for_activity(cls, activity: Activity, mine: Statement | None) -> ProposeForm:
        """The fields that fit the stage; filled, where somebody changes what they wrote."""
        initial = {"key": str(uuid.uuid4())}
        if mine is not None:
            return ProposeForm(initial=initial | {"text": mine.text, "why": mine.why})
        is_norm = activity.stage.kind == Stage.Kind.NORMS
        return (NormForm if is_norm else ProposeForm)(initial=initial)


class NormForm(ProposeForm):
    """A norm in its three parts: when, what, and why."""

    text = None  # type: ignore[assignment]
    when = forms.CharField(
        label=_("When …"),
        help_text=_("For example: someone asks about medicine"),
        required=False,
        widget=words(2),
    )
    should = forms.CharField(
        label=_("… it should …"),
        help_text=_("For example: say that it is not a doctor"),
        widget=words(2),
    )
    why = forms.CharField(
        label=_("… because … (if you like)"), required=False, widget=words(2, **{"data-why": "1"})
    )
    field_order = ("when", "should", "why")
