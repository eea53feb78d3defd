"""What pages accept about people, what they were shown, and what came in."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from elicitation.models import Participant, Prompt, Workshop

LIVE, *PUBLISHED = Workshop.Provenance.choices
PROVENANCES = ((LIVE[0], "People give them here, in this workshop"), *PUBLISHED)


class WorkshopForm(forms.Form):
    """A new workshop."""

    title = forms.CharField(max_length=200, help_text="For example: What should a health bot say?")
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), label="What it is about"
    )
    provenance = forms.ChoiceField(
        choices=PROVENANCES,
        label="Where its answers come from",
        help_text="Each page of the workshop says it, unless people give them here.",
    )
    provenance_note = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="In a sentence",
        help_text="For example: 339 people in Seattle, asked in 2014 about a minimum wage.",
    )
    attribution = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Source and licence, as its authors ask",
    )
    content_warning = forms.CharField(
        required=False,
        label="Content warning",
        help_text="Say what may hurt: insults, descriptions of violence. Empty: nothing does.",
    )

    def clean(self) -> dict[str, Any]:
        """Data that people did not give here must say where they come from."""
        data = super().clean() or {}
        is_live = data.get("provenance") == Workshop.Provenance.LIVE
        if not is_live and not data.get("provenance_note"):
            self.add_error("provenance_note", "Say in a sentence where these answers come from.")
        return data


class Filter(forms.Form):
    """Narrows a list by what the address asks for; what it does not understand narrows nothing."""

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filter_%s")
        super().__init__(*args, **kwargs)
        self.workshop = workshop

    def asked(self) -> dict[str, Any]:
        """What was asked for and understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class PromptFilter(Filter):
    """Which prompts to show."""

    q = forms.CharField(required=False, max_length=200, label="Search")
    theme = forms.ChoiceField(required=False)

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        super().__init__(workshop, *args, **kwargs)
        themes = Prompt.objects.filter(workshop=workshop).exclude(theme="")
        names = themes.order_by("theme").values_list("theme", flat=True).distinct()
        self.fields["theme"].choices = [("", "All themes"), *((name, name) for name in names)]  # type: ignore[attr-defined]

    def narrow(self, prompts: QuerySet[Prompt]) -> QuerySet[Prompt]:
        """Those that match."""
        asked = self.asked()
        if "q" in asked:
            prompts = prompts.filter(messages__icontains=asked["q"])
        if "theme" in asked:
            prompts = prompts.filter(theme=asked["theme"])
        return prompts


class PeopleFilter(Filter):
    """Which people to show."""

    community = forms.ChoiceField(required=False)

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        super().__init__(workshop, *args, **kwargs)
        seats = workshop.seats.select_related("community")
        names = [(str(seat.pk), seat.community.name) for seat in seats]
        self.fields["community"].choices = [("", "All communities"), *names]  # type: ignore[attr-defined]

    def narrow(self, people: QuerySet[Participant]) -> QuerySet[Participant]:
        """Those that match."""
        seat = self.asked().get("community")
        return people.filter(seat=seat) if seat else people
