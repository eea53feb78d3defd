"""What can be put into another language: all that phones show, and how it stands there now.

Phones show prompts whose completions somebody has read and cleared, those completions, and
statements that were accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from deliberation.models import Statement, StatementTranslation
from elicitation.kernel.hashing import content_hash
from elicitation.models import (
    AnswerEvent,
    Comparison,
    Completion,
    CompletionTranslation,
    Prompt,
    PromptTranslation,
    Stage,
    Workshop,
)
from elicitation.models.shown import Translation
from elicitation.services.pool import SHOWN

SHORT = 12
SEVERE = "Only for people who chose to see such things"
MARKED = "People have marked words in this translation, so its words stay as they are."
COMPARED = (
    "People are comparing this answer now and may mark words in its translation. "
    "Close the stage, then change it."
)


@dataclass(frozen=True)
class Kind:
    """One kind of text: which of a workshop's are shown, and where its translations are.

    of: the translation's field that names what it translates.
    """

    shown: Callable[[Workshop], QuerySet[Any]]
    translation: type[Translation]
    of: str
    words: Callable[[Any], str]


@dataclass(frozen=True, order=True)
class Place:
    """One text's place in the list. prompt: that it belongs to; 0 for a statement."""

    kind: str
    pk: int
    prompt: int = 0

    @property
    def name(self) -> str:
        """What a form's fields call it."""
        return f"{self.kind}-{self.pk}"


@dataclass(frozen=True)
class Standing:
    """A text as it is now, with its translation into one language, if it has one."""

    place: Place
    words: str
    translation: str = ""
    origin: str = ""

    @property
    def seen(self) -> str:
        """A short name of both, by which whoever stores a translation tells what they saw."""
        return f"{short(self.words)}.{seen_as(self.translation, self.origin)}"


def shown_prompts(workshop: Workshop) -> QuerySet[Prompt]:
    """Prompts of which something was read and cleared."""
    shown = Completion.objects.filter(prompt=OuterRef("pk"), screening__in=SHOWN)
    return Prompt.objects.filter(Exists(shown), workshop=workshop)


def shown_completions(workshop: Workshop) -> QuerySet[Completion]:
    """Completions that were read and cleared."""
    return Completion.objects.filter(prompt__workshop=workshop, screening__in=SHOWN)


def shown_statements(workshop: Workshop) -> QuerySet[Statement]:
    """Statements that were accepted, or are the organisers' and not taken out."""
    accepted = Q(moderation=Statement.Moderation.IN)
    seeds = Q(is_seed=True, moderation=Statement.Moderation.UNREVIEWED)
    return Statement.objects.filter(accepted | seeds, workshop=workshop)


KINDS: Mapping[str, Kind] = {
    "prompt": Kind(shown_prompts, PromptTranslation, "prompt", lambda row: row.last_turn),
    "completion": Kind(
        shown_completions, CompletionTranslation, "completion", lambda row: row.text
    ),
    "statement": Kind(shown_statements, StatementTranslation, "statement", lambda row: row.text),
}


def places_of(workshop: Workshop, locale: str, *, missing: bool) -> list[Place]:
    """Every text in order, each prompt before its completions; or what is not in a language."""
    rows = {kind: _listed(kind, workshop, locale, missing=missing) for kind in KINDS}
    prompts = [Place("prompt", pk, pk) for pk in rows["prompt"].values_list("pk", flat=True)]
    answers = rows["completion"].values_list("pk", "prompt")
    completions = [Place("completion", pk, prompt) for pk, prompt in answers]
    statements = rows["statement"].order_by("pk").values_list("pk", flat=True)
    judged = sorted([*prompts, *completions], key=lambda one: (one.prompt, one.kind[0] != "p", one))
    return [*judged, *(Place("statement", pk) for pk in statements)]


def number_missing(workshop: Workshop, locale: str) -> int:
    """How many texts have no translation into a language."""
    return sum(_listed(kind, workshop, locale, missing=True).count() for kind in KINDS)


def _listed(kind: str, workshop: Workshop, locale: str, *, missing: bool) -> QuerySet[Any]:
    rows = KINDS[kind].shown(workshop).order_by()
    if not missing:
        return rows
    there: QuerySet[Any] = KINDS[kind].translation._default_manager.filter(  # type: ignore[attr-defined]
        **{KINDS[kind].of: OuterRef("pk")}, locale=locale
    )
    return rows.filter(~Exists(there))


def standing(
    workshop: Workshop, names: Iterable[tuple[str, int]], locale: str
) -> dict[tuple[str, int], Standing]:
    """These texts, by kind and primary key; what is not shown in this workshop is left out."""
    wanted: dict[str, set[int]] = {}
    for kind, pk in names:
        wanted.setdefault(kind, set()).add(pk)
    found: dict[tuple[str, int], Standing] = {}
    for kind in KINDS:
        if wanted.get(kind):
            found |= _standing_of(kind, workshop, wanted[kind], locale)
    return found


def _standing_of(
    kind: str, workshop: Workshop, pks: Collection[int], locale: str
) -> dict[tuple[str, int], Standing]:
    rows = KINDS[kind].shown(workshop).filter(pk__in=pks).order_by("pk")
    texts = {row.pk: (KINDS[kind].words(row), getattr(row, "prompt_id", 0)) for row in rows}
    there = translations_of(kind, texts, locale)
    found = {}
    for pk, (words, prompt) in texts.items():
        place = Place(kind, pk, pk if kind == "prompt" else prompt)
        one = there.get(pk)
        said = {"translation": one.text, "origin": one.origin} if one else {}
        found[kind, pk] = Standing(place, words, **said)
    return found


def translations_of(kind: str, pks: Collection[int], locale: str) -> dict[int, Translation]:
    """The translations into exactly this language, by what they translate."""
    of = KINDS[kind].of
    rows: QuerySet[Any] = KINDS[kind].translation._default_manager.filter(  # type: ignore[attr-defined]
        **{f"{of}__in": list(pks)}, locale=locale
    )
    return {getattr(row, f"{of}_id"): row for row in rows}


def translation_locales(workshop: Workshop) -> list[str]:
    """The languages that something of what is shown is translated into."""
    found: set[str] = set()
    for kind in KINDS.values():
        into = kind.shown(workshop).order_by().values_list("translations__locale", flat=True)
        found |= {locale for locale in into.distinct() if locale}
    return sorted(found)


def warnings_of(workshop: Workshop) -> dict[int, str]:
    """What is said before each prompt that needs it."""
    found = Prompt.objects.filter(~Q(content_warning="") | Q(is_severe=True), workshop=workshop)
    return {one.pk: warning_of(one) for one in found}


def warning_of(prompt: Prompt) -> str:
    """What is said before a prompt; nothing where it needs no warning."""
    return prompt.content_warning or (SEVERE if prompt.is_severe else "")


def kept_as_they_are(completions: Collection[int], locale: str) -> dict[int, str]:
    """Completions whose translation must not change, and why: passages of it are marked.

    A mark counts characters. One that is under way may arrive until its stage is closed.
    """
    compared = Comparison.objects.filter(Q(left__in=completions) | Q(right__in=completions))
    sides = {row.pk: row for row in compared.only("left", "right", "stage")}
    now = compared.filter(stage__status=Stage.Status.OPEN).values_list("left", "right")
    reasons = {pk: COMPARED for pair in now for pk in pair}
    for pk, spans in _spans(compared):
        marked = {span["side"] for span in spans if span.get("locale", "") == locale}
        for side in marked:
            comparison = sides[pk]
            reasons[comparison.left_id if side == "left" else comparison.right_id] = MARKED
    return {pk: why for pk, why in reasons.items() if pk in completions}


def _spans(compared: QuerySet[Comparison]) -> Iterable[tuple[int, list[dict[str, Any]]]]:
    """What was ever marked in these comparisons, and was not taken back."""
    events = AnswerEvent.objects.filter(
        kind=AnswerEvent.Kind.PREFERENCE,
        target__in=compared.order_by().values("pk"),
        erased_at=None,
        body__has_key="spans",
    )
    return events.values_list("target", "body__spans")


def short(text: str) -> str:
    """A short name of a text."""
    return content_hash(text)[:SHORT]


def seen_as(translation: str, origin: str) -> str:
    """A short name of a translation and who made it; nothing where there is none."""
    words = clean_words(translation)
    return short(f"{origin}\n{words}") if words else ""


def clean_words(text: str) -> str:
    """A text as it is stored: lines end as everywhere, and PostgreSQL keeps no NUL."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
