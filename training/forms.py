"""What pages accept about datasets and runs."""

from collections.abc import Mapping
from typing import Any

from django import forms

from elicitation.models import Prompt
from policy.models import ConstitutionVersion
from training.exporting import FORMATS
from training.kinds import FROM_A_FILE, Kind, recipes_for
from training.methods.selection import Selection, numbered, weights_from
from training.models import DatasetSnapshot, TrainingRun
from training.reading import community_names
from training.recipes._config import OWN

SPLITS = (
    ("train", "Training"),
    ("heldout", "Held-out prompts"),
    ("heldout_people", "Held-out people"),
)


LOSSES = (
    ("soft", "The share of a community is the label"),
    ("hard", "The majority's side is the label"),
    ("length_normalised", "By share, per token"),
    ("ipo", "A bounded distance, per token (IPO)"),
)
REWARD_FIELDS = ("members", "per_community", "length_debiased")
# A field of the form → the setting that it becomes, which only some recipes read.
READ_AS = {
    "group_robust": "group_robust",
    "eta": "group_robust",
    "beta": "beta",
    "loss": "loss",
    **dict.fromkeys(REWARD_FIELDS, "reward"),
}


class Several(forms.MultipleChoiceField):
    """Any number of things to tick; none is all."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class FreezeForm(forms.Form):
    """A dataset that is asked for. What most leave alone stands behind a fold."""

    kind = forms.ChoiceField(initial=Kind.PREFERENCE, label="Kind")
    seed = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        initial=7,
        help_text="Decides which prompts and people are held out.",
    )
    communities = Several(help_text="None ticked: all of them.")
    themes = Several(help_text="None ticked: all of them.")
    principles = Several(help_text="None ticked: all that can be measured.")
    least_n = forms.IntegerField(
        min_value=1, initial=1, required=False, label="Least people behind a training row"
    )
    least_agreement = forms.FloatField(
        min_value=0.5, max_value=1, initial=0.5, required=False,
        label="Least agreement behind a training row",
        help_text="The share on the larger side, .5 to 1. What is held out is never narrowed.",
    )  # fmt: skip
    community_weights = forms.CharField(
        required=False, help_text="Such as river=2, harbour=1. Not named: 1."
    )
    principle_weights = forms.CharField(
        required=False, help_text="By number, such as 3=0.5. 0 leaves a principle out."
    )
    PLAIN = ("kind", "seed")
    WEIGHTS = ("community_weights", "principle_weights")

    def __init__(self, version: ConstitutionVersion, data: Any = None) -> None:
        super().__init__(data)
        workshops = version.constitution.workshops.all()
        themes = Prompt.objects.filter(workshop__in=workshops).order_by("theme")
        named = themes.values_list("theme", flat=True).distinct()
        choices: dict[str, list[tuple[Any, str]]] = {
            "kind": [one for one in Kind.choices if one[0] not in FROM_A_FILE],
            "communities": list(community_names(version).items()),
            "themes": [(theme, theme) for theme in named if theme],
            "principles": [
                (one.number, str(one)) for one in version.principles.all() if one.measure
            ],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
            if not offered:
                del self.fields[name]

    def plain(self) -> list[forms.BoundField]:
        """The fields everyone decides."""
        return [self[name] for name in self.PLAIN]

    def advanced(self) -> list[forms.BoundField]:
        """The fields that have a good default."""
        return [self[name] for name in self.fields if name not in self.PLAIN]

    def clean_seed(self) -> int:
        """The seed, or the usual one."""
        seed = self.cleaned_data.get("seed")
        return 7 if seed is None else int(seed)

    def clean(self) -> dict[str, Any]:
        """Settle what is asked for, so that `selection` has it."""
        data = super().clean() or {}
        if not self.errors:
            try:
                data["selection"] = self._selection(data)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def _selection(self, data: Mapping[str, Any]) -> Selection:
        numbers = ("least_n", "least_agreement")
        return Selection(
            communities=tuple(data.get("communities", ())),
            themes=tuple(data.get("themes", ())),
            principles=tuple(int(number) for number in data.get("principles", ())),
            community_weights=weights_from(_parts(data["community_weights"])),
            principle_weights=numbered(weights_from(_parts(data["principle_weights"]))),
            **{name: data[name] for name in numbers if data.get(name) is not None},
        )


def _parts(text: str) -> list[str]:
    return [part for part in text.split(",") if part.strip()]


class RowFilter(forms.Form):
    """Which rows of a snapshot to show; what it does not understand narrows nothing."""

    split = forms.ChoiceField(choices=SPLITS, required=False)
    community = forms.ChoiceField(required=False)
    principle = forms.ChoiceField(required=False)

    def __init__(self, snapshot: DatasetSnapshot, names: dict[str, str], data: Any) -> None:
        super().__init__(data, auto_id="rows_%s")
        communities = snapshot.summary.get("communities", {})
        principles = snapshot.summary.get("principles", {})
        self._choices("community", [(slug, names.get(slug, slug)) for slug in communities])
        self._choices("principle", [(number, f"Principle {number}") for number in principles])

    def _choices(self, field: str, choices: list[tuple[str, str]]) -> None:
        self.fields[field].choices = [("", "All"), *choices]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, str]:
        """What was asked for and understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ExportForm(forms.Form):
    """A format in which a dataset is wanted, and under which licence it goes."""

    format = forms.ChoiceField(choices=[(name, name) for name in FORMATS])
    licence = forms.CharField(
        required=False, max_length=300, help_text="A name or an address; it stands on the card."
    )


class RunForm(forms.Form):
    """A run that is asked for. The less common fields stand behind a fold."""

    recipe = forms.ChoiceField(choices=TrainingRun.Recipe.choices)
    max_steps = forms.IntegerField(
        min_value=1, max_value=100_000, initial=12, label="Steps",
        help_text="A step of 4 pairs takes about 15 s on two CPU cores.",
    )  # fmt: skip
    group_robust = forms.BooleanField(
        required=False,
        initial=True,
        label="Give more weight to the community that is served worst (DPO and RLAIF)",
    )
    batch_size = forms.IntegerField(min_value=1, max_value=1024, initial=4, label="Rows in a step")
    learning_rate = forms.FloatField(min_value=0, max_value=1, initial=1e-4)
    beta = forms.FloatField(
        min_value=1e-6, max_value=100, initial=0.1,
        help_text="How close the model stays to its base (DPO, RLAIF and KTO).",
    )  # fmt: skip
    loss = forms.ChoiceField(
        choices=LOSSES, required=False, initial="soft", label="Loss",
        help_text="DPO and RLAIF know all of them; ORPO and reward models the first two.",
    )  # fmt: skip
    members = forms.IntegerField(
        min_value=1, max_value=16, initial=1, label="Reward models with different seeds",
        help_text="Five resist being exploited better than one. For reward models only.",
    )  # fmt: skip
    per_community = forms.BooleanField(
        required=False, initial=False, label="Reward models of its own for each community"
    )
    length_debiased = forms.BooleanField(
        required=False, initial=False, label="Take a taste for length out of rewards"
    )
    eta = forms.FloatField(
        min_value=0, max_value=10, initial=0.01, label="Group step (eta)",
        help_text="How fast weights move towards the community served worst.",
    )  # fmt: skip
    max_tokens = forms.IntegerField(
        min_value=8, max_value=32_768, initial=192, label="Longest row, in tokens"
    )
    max_prompt_tokens = forms.IntegerField(
        min_value=1, max_value=32_768, initial=128, label="Longest prompt, in tokens"
    )
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=7)
    base = forms.CharField(
        required=False,
        max_length=500,
        label="Base model",
        help_text="A folder or a hub id. Empty: the small model that comes with Folkmoot.",
    )
    PLAIN = ("recipe", "max_steps", "group_robust")

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipe"].choices = recipes_for(kind)  # type: ignore[attr-defined]
        read = {name for value, _ in recipes_for(kind) for name in OWN.get(value, ())}
        for name, settings in READ_AS.items():
            if settings not in read:
                del self.fields[name]

    def plain(self) -> list[forms.BoundField]:
        """The fields everyone decides."""
        return [self[name] for name in self.PLAIN if name in self.fields]

    def advanced(self) -> list[forms.BoundField]:
        """The fields that have a good default."""
        return [self[name] for name in self.fields if name not in self.PLAIN]

    def clean(self) -> dict[str, Any]:
        """A prompt must leave room for a completion."""
        data = super().clean() or {}
        prompt, row = data.get("max_prompt_tokens"), data.get("max_tokens")
        if prompt and row and prompt >= row:
            self.add_error(
                "max_prompt_tokens", "Make the longest prompt shorter than the longest row."
            )
        return data

    def overrides(self) -> dict[str, Any]:
        """The recipe's own fields, as training.services takes them."""
        named = ("max_steps", "batch_size", "learning_rate", "max_tokens", "max_prompt_tokens")
        data = self.cleaned_data
        own = {
            "beta": data.get("beta"),
            "loss": data.get("loss") or "soft",
            "group_robust": {"eta": data["eta"]} if data.get("group_robust") else None,
            "reward": {name: data.get(name) for name in REWARD_FIELDS},
        }
        read = OWN[data["recipe"]]
        return {name: data[name] for name in (*named, "seed")} | {
            name: value for name, value in own.items() if name in read
        }
