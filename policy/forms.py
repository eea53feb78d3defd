"""What pages accept about analyses and constitutions."""

from typing import Any

from django import forms

from elicitation.models import Community, Stage, Workshop
from policy.models import ConstitutionVersion
from policy.services import GROUPS

LARGEST_SEED = 2**31 - 1


class AnalyseForm(forms.Form):
    """An analysis that is asked for."""

    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=7,
        required=False,
        help_text="The same answers and the same seed give the same result.",
    )

    groups = forms.TypedChoiceField(
        choices=[("", "As many as the votes suggest"), *((n, f"{n} groups") for n in GROUPS)],
        coerce=int,
        empty_value=None,
        required=False,
        label="Opinion groups",
    )

    def clean_seed(self) -> int:
        """The seed, or the usual one."""
        seed = self.cleaned_data.get("seed")
        return 7 if seed is None else int(seed)


class DraftForm(forms.Form):
    """Whose constitution is to be drafted."""

    community = forms.ModelChoiceField(
        Community.objects.none(),
        required=False,
        empty_label="One for all communities",
        to_field_name="slug",
        label="For whom?",
    )

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = workshop.communities.order_by("seats__position")
        self.fields["community"].queryset = seated  # type: ignore[attr-defined]


class RatifyForm(forms.Form):
    """The stage in which people look at a version."""

    stage = forms.ModelChoiceField(
        Stage.objects.none(), label="In which stage?", empty_label="Choose one"
    )

    def __init__(self, version: ConstitutionVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = Stage.objects.filter(workshop__in=version.constitution.workshops.all())
        fitting = stages.filter(kind=Stage.Kind.REVIEW).exclude(status=Stage.Status.CLOSED)
        self.fields["stage"].queryset = fitting  # type: ignore[attr-defined]
