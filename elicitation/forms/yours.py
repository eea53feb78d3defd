"""What people send about what is theirs: what they take back, allow again, and where to write."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from elicitation.kernel.row_numbers import row_number
from elicitation.models import Withdrawal

MOST_AT_ONCE = 5_000


class Numbers(forms.Field):
    """Primary keys, one value of the form each."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        """The numbers. Raises ValidationError for anything else."""
        texts = [str(one) for one in value or []]
        if len(texts) > MOST_AT_ONCE:
            raise ValidationError(_("That is too many at once."))
        numbers = [number for one in texts if (number := row_number(one)) is not None]
        if len(numbers) < len(texts):
            raise ValidationError(_("An answer is named by a number."))
        return numbers


class TakeBackForm(forms.Form):
    """What is taken back. key: made with the page, so that sending it twice does it once."""

    scope = forms.ChoiceField(choices=Withdrawal.Scope.choices, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    answer = Numbers(required=False)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Some answers are named; and who is sure sends the key that came with the question."""
        data = super().clean() or {}
        if data.get("scope") == Withdrawal.Scope.ANSWERS and not data.get("answer"):
            raise ValidationError(_("Choose at least one answer first."))
        if data.get("sure") and not data.get("key"):
            raise ValidationError(_("Please try once more."))
        return data


class AllowForm(forms.Form):
    """One more thing that somebody agrees to."""

    allow = forms.ChoiceField(choices=[("train_models", ""), ("be_quoted", "")])


class ContactForm(forms.Form):
    """Where somebody may be written to."""

    address = forms.CharField(
        max_length=254,
        label=_("E-mail address or phone number"),
        help_text=_("Kept apart from your answers."),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )

    def clean_address(self) -> str:
        """An address with an @ has the form of one."""
        address = str(self.cleaned_data["address"]).strip()
        if "@" in address:
            validate_email(address)
        return address
