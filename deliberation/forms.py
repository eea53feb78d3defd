"""What pages accept about statements, and the files that people bring in."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from deliberation.models import Statement, Vote
from elicitation.forms.staff import Filter
from elicitation.models import Workshop

KINDS = (
    ("polis", "A Polis export: its .zip, or its comments and votes as csv files"),
    ("preferences", "Preferences between two completions of a prompt"),
    ("statements", "Statements, or claims with quotes"),
)
FORMATS = (
    ("hh", "HH-RLHF: jsonl with chosen and rejected"),
    ("pandalm", "PandaLM: json with two responses and three annotators"),
    ("icai", "ICAI: json with comparisons and annotators"),
    ("jsonl", "Folkmoot's jsonl"),
    ("csv", "Folkmoot's csv"),
)
SUFFIXES = {
    "polis": (".zip", ".csv"),
    "preferences": (".jsonl", ".json", ".csv", ".gz"),
    "statements": (".jsonl", ".json", ".csv", ".gz"),
}


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files, as a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each of them, checked by itself."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class ImportForm(forms.Form):
    """Files to bring into a workshop, what they are, and whose answers they hold."""

    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect, label="What is it?")
    uploads = FilesField(label="The file")
    format = forms.ChoiceField(
        choices=(("", "Choose one"), *FORMATS),
        required=False,
        label="Format of the preferences",
    )
    community = forms.ChoiceField(required=False, label="Whose answers are they?")
    new_community = forms.CharField(
        required=False,
        max_length=120,
        label="Name of the new community",
        help_text="People with a shared identity or stake. For example: Nurses of the night shift.",
    )

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = workshop.seats.select_related("community")
        names = [(seat.community.name, seat.community.name) for seat in seats]
        self.fields["community"].choices = [*names, ("", "A new community")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Each kind needs its own few things."""
        data = super().clean() or {}
        kind, files = data.get("kind"), data.get("uploads") or []
        if kind and files:
            self.check_files(kind, files)
        if kind == "preferences" and not data.get("format"):
            self.add_error("format", "Choose the format of the preferences.")
        data["community"] = data.get("community") or " ".join(data.get("new_community", "").split())
        if kind in ("polis", "preferences") and not data["community"]:
            self.add_error("new_community", "Say which community these answers come from.")
        return data

    def check_files(self, kind: str, files: Sequence[UploadedFile]) -> None:
        """Refuse what the importer of this kind cannot read, before it is handed on."""
        wanted = SUFFIXES[kind]
        for file in files:
            if PurePath(file.name or "").suffix.lower() not in wanted:
                self.add_error(
                    "uploads", f"{file.name}: choose files ending in {', '.join(wanted)}."
                )
        if kind != "polis" and len(files) > 1:
            self.add_error("uploads", "Choose one file at a time.")
        is_zip = [PurePath(file.name or "").suffix.lower() == ".zip" for file in files]
        if any(is_zip) and len(files) > 1:
            self.add_error("uploads", "Choose either one .zip or the csv files, not both.")


# Ten imagined votes, half of them for it, keep a statement that one person liked from leading.
ORDER_KEYS = {
    "votes": Count("pk"),
    "agree": (Count("pk", filter=Q(choice=Vote.Choice.AGREE)) + 5.0) / (Count("pk") + 10.0),
    "disagree": (Count("pk", filter=Q(choice=Vote.Choice.DISAGREE)) + 5.0) / (Count("pk") + 10.0),
}
NO_VOTES = {"votes": 0, "agree": 0.5, "disagree": 0.5}
ORDERS = (
    ("", "As they came"),
    ("votes", "Most votes first"),
    ("agree", "Most agreement first"),
    ("disagree", "Most disagreement first"),
)


class StatementFilter(Filter):
    """Which statements to show, in which order."""

    q = forms.CharField(required=False, max_length=200, label="Search")
    theme = forms.ChoiceField(required=False)
    order = forms.ChoiceField(required=False, choices=ORDERS, label="Order")
    out = forms.BooleanField(required=False, label="Also those taken out")

    def __init__(self, workshop: Workshop, *args: Any, **kwargs: Any) -> None:
        super().__init__(workshop, *args, **kwargs)
        themes = Statement.objects.filter(workshop=workshop).exclude(theme="")
        names = themes.order_by("theme").values_list("theme", flat=True).distinct()
        self.fields["theme"].choices = [("", "All themes"), *((name, name) for name in names)]  # type: ignore[attr-defined]
        if not workshop.is_public:
            # An order by agreement would tell what a withheld split says.
            self.fields["order"].choices = ORDERS[:2]  # type: ignore[attr-defined]

    def narrow(self, statements: QuerySet[Statement]) -> QuerySet[Statement]:
        """Those that match, in the order that was asked for."""
        asked = self.asked()
        if "out" not in asked:
            statements = statements.exclude(moderation=Statement.Moderation.OUT)
        if "q" in asked:
            statements = statements.filter(text__icontains=asked["q"])
        if "theme" in asked:
            statements = statements.filter(theme=asked["theme"])
        return ordered(statements, asked.get("order", ""))


def ordered(statements: QuerySet[Statement], order: str) -> QuerySet[Statement]:
    """The statements in one of ORDERS; the number they came in decides ties."""
    if not order:
        return statements.order_by("pk")
    # A subquery reads the votes by their index; joining would group whole statements.
    votes = Vote.objects.filter(statement=OuterRef("pk")).order_by().values("statement")
    key = votes.annotate(key=ORDER_KEYS[order]).values("key")
    return statements.annotate(key=Coalesce(Subquery(key), NO_VOTES[order])).order_by("-key", "pk")
