"""What the page of fault lines accepts."""

from typing import Any

from django import forms

from policy.editing_lines import LONGEST_NAME, LONGEST_NOTE
from policy.line_edits import Edited, keys_of
from policy.models import FaultLineEdit


class LineEditForm(forms.Form):
    """A change to how fault lines are read. Which fields count depends on its kind."""

    kind = forms.ChoiceField(choices=FaultLineEdit.Kind.choices)
    line = forms.IntegerField(required=False, min_value=1)
    lines = forms.TypedMultipleChoiceField(required=False, coerce=int)
    items = forms.MultipleChoiceField(required=False)
    name = forms.CharField(required=False, max_length=LONGEST_NAME)
    note = forms.CharField(required=False, max_length=LONGEST_NOTE)
    edit = forms.IntegerField(required=False, min_value=1)

    def __init__(self, read: Edited, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [(line["number"], line["number"]) for line in read.lines]
        keys = sorted({key for line in read.lines for key in keys_of(line)})
        self.fields["lines"].choices = numbers  # type: ignore[attr-defined]
        self.fields["items"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]
