"""What the page of translations accepts: boxes that were typed in, and files filled in."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from deliberation.methods.language_tags import language_tag
from deliberation.services.translating import Typed
from deliberation.translations import KINDS
from elicitation.kernel.row_numbers import row_number
from elicitation.models.shown import Translation

Origin = Translation.Origin


class LanguageForm(forms.Form):
    """Into which language."""

    to = forms.CharField(
        max_length=20, label="Another language", widget=forms.TextInput(attrs={"dir": "ltr"})
    )

    def clean_to(self) -> str:
        """Its tag, in small letters."""
        try:
            return language_tag(self.cleaned_data["to"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class TranslationForm:
    """What somebody typed on one screen; the names of fields carry primary keys.

    text-statement-7: the box of statement 7. seen-statement-7: what stood there when the page was
    made. checked-statement-7: whether they stand by what a machine wrote.
    """

    def __init__(self, data: QueryDict) -> None:
        self.data = data

    def typed(self) -> list[Typed]:
        """One for each box."""
        found = []
        for name in self.data:
            what, _, rest = name.partition("-")
            kind, _, number = rest.partition("-")
            pk = row_number(number)
            if what == "text" and kind in KINDS and pk is not None:
                found.append(self._typed(kind, pk))
        return found

    def _typed(self, kind: str, pk: int) -> Typed:
        seen = str(self.data.get(f"seen-{kind}-{pk}", ""))
        origin = Origin.PERSON.value if f"checked-{kind}-{pk}" in self.data else ""
        return Typed(kind, pk, seen, str(self.data[f"text-{kind}-{pk}"]), origin)


class TranslationFileForm(forms.Form):
    """A file of translations, and who made those that do not say it."""

    upload = forms.FileField(label="The file, filled in")
    origin = forms.ChoiceField(
        choices=(
            (Origin.PERSON.value, "A person, or a person has checked it"),
            (Origin.MACHINE.value, "A machine. Phones say so beside it"),
        ),
        widget=forms.RadioSelect,
        label="Who translated it, where a line does not say so?",
    )

    def clean_upload(self) -> UploadedFile:
        """Refuse what cannot be read before it is tried."""
        upload: UploadedFile = self.cleaned_data["upload"]
        if not (upload.name or "").lower().endswith((".csv", ".csv.gz")):
            raise forms.ValidationError("Choose a file that ends in .csv.")
        return upload
