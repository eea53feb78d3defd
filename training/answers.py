"""The answers that may train models, read for rows: consent asked, personal data scrubbed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from elicitation.models import (
    Community,
    Completion,
    Consent,
    Participant,
    Preference,
    Prompt,
    Rating,
    Rewrite,
    Workshop,
)
from elicitation.services.judging import THUMBS
from training.methods.personal_data import scrub
from training.methods.rows import Judgement, Messages, Pair
from training.methods.rows_demonstrations import Written
from training.methods.rows_refusals import Asked
from training.methods.rows_thumbs import Thumb, thumbs_of
from training.methods.splits import Person

ANSWERS = ("left", "right", "equal", "neither")
NAMES = ("judgements", "thumbs", "rewrites")
BATCH = 2_000


@dataclass(frozen=True)
class Answers:
    """Everything that may be trained on, and how much may not.

    withheld: "judgements", "thumbs" and "rewrites" → whose they are that stay away, because they
    did not agree to training, one entry per answer. scrubbed: kind of personal data → how often it
    was found and replaced, once per text.
    """

    judgements: Sequence[Judgement]
    thumbs: Sequence[Thumb]
    rewrites: Sequence[Written]
    prompts: Sequence[Asked]
    withheld: Mapping[str, Sequence[int]]
    scrubbed: Mapping[str, int]

    def people(self) -> dict[str, set[Person]]:
        """Community → everyone who said something here."""
        found: dict[str, set[Person]] = defaultdict(set)
        for answers in (self.judgements, self.thumbs, self.rewrites):
            for one in answers:
                found[one.community].add((one.workshop, one.participant))
        return found


class Scrubbing:
    """Texts without personal data, each worked on once, and what was found."""

    def __init__(self, regions: Sequence[str]) -> None:
        self.regions = regions
        self.found: Counter[str] = Counter()
        self._known: dict[tuple[str, bool], str] = {}

    def text(self, text: str, *, own_words: bool = False) -> str:
        """The text with placeholders. own_words: whether a participant wrote it."""
        if (text, own_words) not in self._known:
            plain, found = scrub(text, regions=self.regions, own_words=own_words)
            self._known[text, own_words] = plain
            self.found += found
        return self._known[text, own_words]

    def messages(self, turns: Iterable[Mapping[str, str]]) -> Messages:
        """A conversation with placeholders."""
        return tuple({**turn, "content": self.text(str(turn["content"]))} for turn in turns)


def read_answers(
    workshops: Iterable[Workshop], community: Community | None, regions: Sequence[str]
) -> Answers:
    """The latest answers (of one community) that may train models.

    People who joined here must have agreed to it; withdrawn people are left out. Published answers
    carry their publisher's terms, simulated ones none, unless their person said otherwise here.
    """
    shops = list(workshops)
    scrubbing = Scrubbing(regions)
    preferences = Preference.objects.filter(choice__in=ANSWERS)
    ratings = Rating.objects.filter(criterion=THUMBS)
    asked = [
        _of(preferences, "comparison__participant", shops, community),
        _of(ratings, "participant", shops, community),
        _of(Rewrite.objects.all(), "participant", shops, community),
    ]
    judged, rated, written = (one.may_train() for one in asked)
    judgements = list(_judgements(judged, scrubbing))
    return Answers(
        judgements,
        [*_thumbs(rated, scrubbing), *thumbs_of(judgements)],
        list(_rewrites(written, scrubbing)),
        [
            Asked(prompt.pk, scrubbing.messages(prompt.messages), prompt.theme)
            for prompt in Prompt.objects.filter(workshop__in=shops).order_by("pk")
        ],
        {name: one.withheld() for name, one in zip(NAMES, asked, strict=True)},
        dict(sorted(scrubbing.found.items())),
    )


@dataclass(frozen=True)
class _Asked:
    """Answers of one kind with what their people last agreed to. path: to the participant."""

    rows: QuerySet[Any]
    path: str

    def may_train(self) -> QuerySet[Any]:
        is_person = Q(**{f"{self.path}__identity": Participant.Identity.PERSON})
        return self.rows.filter(Q(agreed=True) | (~is_person & Q(agreed=None)))

    def withheld(self) -> list[int]:
        """Whose the others are. By id: who never saw the consent has NULL there, not False."""
        others = self.rows.exclude(pk__in=self.may_train().values("pk"))
        return list(others.values_list(f"{self.path}_id", flat=True))


def _of(
    rows: QuerySet[Any], path: str, workshops: Sequence[Workshop], community: Community | None
) -> _Asked:
    latest = Consent.objects.filter(participant=OuterRef(path)).order_by("-id")
    found = rows.filter(
        **{f"{path}__workshop__in": workshops, f"{path}__withdrawn_at": None}
    ).annotate(agreed=Subquery(latest.values("train_models")[:1]))
    if community is not None:
        found = found.filter(**{f"{path}__seat__community": community})
    related = (f"{path}__seat__community", f"{path}__workshop")
    return _Asked(found.select_related(*related).order_by(f"{path}__pseudonym", "id"), path)


def _judgements(rows: QuerySet[Any], scrubbing: Scrubbing) -> Iterator[Judgement]:
    pairs: dict[tuple[int, int], Pair] = {}
    related = rows.select_related("comparison__prompt", "comparison__left", "comparison__right")
    for row in related.iterator(chunk_size=BATCH):
        comparison = row.comparison
        left, right = comparison.left, comparison.right
        swapped = (right.content_hash, right.id) < (left.content_hash, left.id)
        first, second = (right, left) if swapped else (left, right)
        if (first.id, second.id) not in pairs:
            pairs[first.id, second.id] = _pair(comparison.prompt, first, second, scrubbing)
        sides = {
            "left": "second" if swapped else "first",
            "right": "first" if swapped else "second",
        }
        yield Judgement(
            event=row.event_id,
            answer=sides.get(row.choice, row.choice),
            pair=pairs[first.id, second.id],
            **_who(comparison.participant),
        )


def _pair(prompt: Prompt, first: Completion, second: Completion, scrubbing: Scrubbing) -> Pair:
    return Pair(
        prompt.pk,
        scrubbing.messages(prompt.messages),
        prompt.theme,
        first.pk,
        second.pk,
        scrubbing.text(first.text),
        scrubbing.text(second.text),
    )


def _thumbs(rows: QuerySet[Any], scrubbing: Scrubbing) -> Iterator[Thumb]:
    for row in rows.select_related("completion__prompt").iterator(chunk_size=BATCH):
        yield Thumb(
            event=row.event_id,
            is_up=row.value > 0,
            **_who(row.participant),
            **_shown(row.completion, scrubbing),
        )


def _rewrites(rows: QuerySet[Any], scrubbing: Scrubbing) -> Iterator[Written]:
    for row in rows.select_related("completion__prompt").iterator(chunk_size=BATCH):
        yield Written(
            event=row.event_id,
            text=scrubbing.text(row.text, own_words=True),
            **_who(row.participant),
            **_shown(row.completion, scrubbing),
        )


def _who(person: Participant) -> dict[str, Any]:
    return {
        "participant": person.pseudonym,
        "community": person.seat.community.slug,
        "workshop": person.workshop.slug,
    }


def _shown(completion: Completion, scrubbing: Scrubbing) -> dict[str, Any]:
    prompt = completion.prompt
    return {
        "prompt_id": prompt.pk,
        "messages": scrubbing.messages(prompt.messages),
        "theme": prompt.theme,
        "completion_id": completion.pk,
        "completion": scrubbing.text(completion.text),
    }
