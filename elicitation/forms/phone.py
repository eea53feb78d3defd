"""What people send when they join, come back, or change what they agreed to."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from elicitation.methods.readable_names import CODE_ALPHABET, JOIN_CODE_LENGTH, plain_code
from elicitation.models import ConsentText, Workshop
from elicitation.services.joining import Agreed, age_asked, guardian_may_agree

OF_AGE, GUARDIAN = "of_age", "guardian"


class CodeForm(forms.Form):
    """The code on the wall."""

    code = forms.CharField(
        max_length=20,
        label=_("Your code"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """The code without spaces and hyphens."""
        code = plain_code(self.cleaned_data["code"])
        if len(code) != JOIN_CODE_LENGTH or set(code) - set(CODE_ALPHABET):
            raise ValidationError(_("A code has 8 letters and numbers. Look at it once more."))
        return code


class PhoneForm(forms.Form):
    """Anything that begins on a new phone. install: a number that the browser made once."""

    install = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class ReturnForm(PhoneForm):
    """The code that somebody got when they joined."""

    code = forms.CharField(
        max_length=30,
        label=_("Your personal code"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class ScopesForm(forms.Form):
    """What somebody agrees to beyond taking part; each by itself, none needed."""

    be_quoted = forms.BooleanField(
        required=False, label=_("My words may be quoted, without my name")
    )
    train_models = forms.BooleanField(
        required=False, label=_("My answers may be used to train a model")
    )
    be_contacted = forms.BooleanField(
        required=False, label=_("I may be written to about what comes of this")
    )
    address = forms.CharField(
        required=False,
        max_length=254,
        label=_("E-mail address or phone number"),
        help_text=_("Kept apart from your answers."),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )

    def clean(self) -> dict[str, Any]:
        """Somebody who may be written to says where; an address has the form of one."""
        data = super().clean() or {}
        address = data.get("address", "").strip()
        if data.get("be_contacted") and not address:
            self.add_error("address", _("Say where, or untick the box above."))
        if "@" in address:
            try:
                validate_email(address)
            except ValidationError as error:
                self.add_error("address", error)
        data["address"] = address if data.get("be_contacted") else ""
        return data


class ConsentForm(PhoneForm, ScopesForm):
    """Agreeing to take part."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    age = forms.ChoiceField(widget=forms.RadioSelect)
    take_part = forms.BooleanField(label=_("I have read this and want to take part"))
    field_order = ("take_part", "train_models", "be_quoted", "be_contacted", "address", "age")

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        years, least = age_asked(workshop), workshop.minimum_age
        if not years:
            del self.fields["age"]
            return
        choices = [(OF_AGE, str(_("I am %(years)s or older") % {"years": years}))]
        if guardian_may_agree(workshop):
            younger = str(_("I am younger, and my parent or guardian agrees"))
            if least:
                younger = _(
                    "I am younger, but %(least)s or older, and my parent or guardian agrees"
                ) % {"least": least}
            choices.append((GUARDIAN, younger))
        self.fields["age"].choices = choices  # type: ignore[attr-defined]
        self.fields["age"].label = _("Your age")

    def agreed(self, text: ConsentText) -> Agreed:
        """What was agreed to, under these words."""
        data = self.cleaned_data
        age = data.get("age")
        return Agreed(
            text=text,
            be_quoted=data["be_quoted"],
            train_models=data["train_models"],
            be_contacted=data["be_contacted"],
            is_of_age=age == OF_AGE if age else None,
            guardian_agreed=age == GUARDIAN if age else None,
        )
