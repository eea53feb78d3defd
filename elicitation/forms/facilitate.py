"""What a facilitator's pages accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from elicitation.kernel.row_numbers import row_number
from elicitation.models import Activity, Completion, Stage, Workshop
from elicitation.services.facilitating import TEMPLATES
from elicitation.services.judging import CRITERIA
from elicitation.services.screening import Decision, Warned
from elicitation.services.setting_up import CHANGEABLE

MOST_CRITERIA, LONGEST_CRITERION = 8, 40
MOST_OPTIONS, LONGEST_OPTION = 12, 80


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold anything, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


class CommunityForm(forms.Form):
    """One more community."""

    name = forms.CharField(
        max_length=120,
        label="Name of the community",
        help_text="People with a shared identity or stake. For example: Nurses of the night shift.",
    )


class StageForm(forms.Form):
    """One more stage."""

    title = forms.CharField(max_length=120, label="Name of the stage")
    template = forms.ChoiceField(
        choices=[(name, template.name) for name, template in TEMPLATES.items()],
        label="What people do in it",
    )


class NewActivityForm(forms.Form):
    """One more thing to do in a stage, of those that it does not have yet."""

    kind = forms.ChoiceField(label="Something else to do")

    def __init__(self, stage: Stage, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"stage-{stage.pk}-%s")
        super().__init__(*args, **kwargs)
        held = {activity.kind for activity in stage.activities.all()}
        choices = [(kind, label) for kind, label in Activity.Kind.choices if kind not in held]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class ActivityForm(forms.Form):
    """How an activity is done: how many, and what its kind lets one choose."""

    wanted = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=500,
        label="How many each person is asked for",
        help_text="Empty: as many as there are.",
    )
    core = forms.IntegerField(
        min_value=0,
        max_value=50,
        label="How many of them everybody gets",
        help_text="The same for all, so that communities can be set side by side.",
    )
    criteria = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        label="What they judge it by, one a line",
        help_text="helpful, true, safe and tone are known in every language.",
    )
    rank_of = forms.TypedChoiceField(
        coerce=int, choices=[(n, str(n)) for n in (3, 4, 5)], label="How many answers to order"
    )
    # Which of the fields belong to which kind, and what holds where nothing was set.
    OWN: Mapping[str, Mapping[str, Any]] = {
        Activity.Kind.COMPARE: {"core": 4},
        Activity.Kind.CRITERIA: {"criteria": list(CRITERIA)},
        Activity.Kind.RANK: {"rank_of": 3},
    }

    def __init__(self, activity: Activity, *args: Any, **kwargs: Any) -> None:
        own = self.OWN.get(activity.kind, {})
        held = {name: activity.settings.get(name, value) for name, value in own.items()}
        if "criteria" in held:
            held["criteria"] = "\n".join(held["criteria"])
        kwargs.setdefault("initial", {"wanted": activity.wanted, **held})
        kwargs.setdefault("auto_id", f"activity-{activity.pk}-%s")
        super().__init__(*args, **kwargs)
        for name in ("core", "criteria", "rank_of"):
            if name not in own:
                del self.fields[name]

    def clean_criteria(self) -> list[str]:
        """The lines, each once; a colon would be taken for part of a field's name."""
        kept = lines_of(self.cleaned_data["criteria"].replace(":", " "))
        if len(kept) > MOST_CRITERIA or any(len(line) > LONGEST_CRITERION for line in kept):
            raise forms.ValidationError(
                f"At most {MOST_CRITERIA} words of at most {LONGEST_CRITERION} characters."
            )
        return kept

    def settings(self) -> dict[str, Any]:
        """What is set beyond the number."""
        return {name: value for name, value in self.cleaned_data.items() if name != "wanted"}


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What people are told before they begin, and how they are looked after."""

    minimum_age = forms.IntegerField(
        required=False, min_value=1, max_value=120, label="Youngest age that may take part"
    )
    guardian_below = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=120,
        label="Below this age a parent or guardian has to agree",
    )
    exposure_cap = forms.IntegerField(
        min_value=0, max_value=100, label="At most so many severe things to one person"
    )
    small_cell = forms.IntegerField(
        min_value=5,
        max_value=1000,
        label="Results about fewer people than this are “too few to say”",
        help_text="At least 5. Once somebody has joined, it can only go up.",
    )

    class Meta:
        model = Workshop
        fields = CHANGEABLE
        labels = {
            "description": "What it is about",
            "organiser": "Who runs this, and how to reach them",
            "content_warning": "Content warning for the whole workshop",
            "support": "Who helps when something hurts",
            "debrief": "What people read at the end",
            "withdraw_until": "Until when people can take back what they said",
        }
        help_texts = {
            "organiser": "People read this before they agree to take part.",
            "content_warning": "Say what may hurt: insults, descriptions of violence. "
            "Empty: nothing does.",
            "support": "A name, a number, a place in the building. It is one tap away on "
            "every page.",
            "withdraw_until": "Empty: at any time. Once somebody has joined, it can only be "
            "put off.",
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "organiser": forms.Textarea(attrs={"rows": 2}),
            "content_warning": forms.Textarea(attrs={"rows": 2}),
            "support": forms.Textarea(attrs={"rows": 3}),
            "debrief": forms.Textarea(attrs={"rows": 3}),
            "withdraw_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def save(self, commit: bool = True) -> Workshop:
        """Not here: `change_settings` stores what was asked for."""
        raise NotImplementedError("Settings are stored by their service.")


class QuestionForm(forms.Form):
    """Something people may say of themselves."""

    text = forms.CharField(max_length=200, label="A question that nobody has to answer")
    options = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="Answers to tick, one a line",
        help_text="Several can be ticked. Empty: people answer in their own words.",
    )
    compares = forms.BooleanField(
        required=False,
        label="Compare people by it in analyses",
        help_text="People read this beside the question. It cannot be changed afterwards.",
    )

    def clean_options(self) -> list[str]:
        """The lines, each once."""
        kept = lines_of(self.cleaned_data["options"])
        if len(kept) > MOST_OPTIONS or any(len(line) > LONGEST_OPTION for line in kept):
            raise forms.ValidationError(
                f"At most {MOST_OPTIONS} answers of at most {LONGEST_OPTION} characters."
            )
        return kept


class ScreeningForm:
    """What somebody decided about the answers on one screen; fields carry primary keys.

    becomes-7, was-7: completion 7. warning-3, severe-3: prompt 3. `do` is "all" where every
    completion that was on the screen and not yet read is to be cleared.
    """

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    def decisions(self) -> list[Decision]:
        """One for each completion decided by itself, or with all that are on the screen."""
        chosen = {pk: becomes for pk, becomes in self.named("becomes") if becomes}
        waiting, cleared = Completion.Screening.WAITING, Completion.Screening.CLEARED
        was = dict(self.named("was"))
        if self.data.get("do") == "all":
            chosen = {pk: cleared for pk in was if was[pk] == waiting} | chosen
        return [Decision(pk, was.get(pk, ""), becomes) for pk, becomes in chosen.items()]

    def warnings(self) -> dict[int, Warned]:
        """What is said before each prompt of the screen."""
        return {
            pk: Warned(" ".join(text.split())[:200], f"severe-{pk}" in self.data)
            for pk, text in self.named("warning")
        }

    def named(self, prefix: str) -> list[tuple[int, str]]:
        """The fields of this name with the primary key that each carries."""
        found = []
        for name in self.data:
            start, _, text = name.partition("-")
            number = row_number(text)
            if start == prefix and number is not None:
                # PostgreSQL keeps no NUL.
                found.append((number, str(self.data[name]).replace("\0", "")))
        return found
