"""What pages accept about datasets and runs."""

from typing import Any

from django import forms

from training.kinds import recipes_for
from training.models import DatasetSnapshot, TrainingRun
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


class FreezeForm(forms.Form):
    """A dataset that is asked for."""

    kind = forms.ChoiceField(
        choices=DatasetSnapshot.Kind.choices, initial=DatasetSnapshot.Kind.PREFERENCE, label="Kind"
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        initial=7,
        help_text="Decides which prompts and people are held out.",
    )

    def clean_seed(self) -> int:
        """The seed, or the usual one."""
        seed = self.cleaned_data.get("seed")
        return 7 if seed is None else int(seed)


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
