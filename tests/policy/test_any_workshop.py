"""Whatever a workshop's people answered: results, drawings, pages and files; never a crash."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elicitation.kernel.hashing import plain
from elicitation.models import User, Workshop
from policy.charts import analysis_charts
from policy.computing.whole import compute
from policy.inputs import Judged, WorkshopAnswers
from policy.models import Analysis
from policy.withholding import for_export, withheld
from tests.line import make_analysis
from tests.policy.workshops import answers_of

UNSEEN = float("nan")
CHOICES = st.sampled_from([-1.0, 0.0, 1.0, UNSEEN])
TEXTS = ("No.", "I cannot help with that, sorry.", "Perhaps. " * 20, "- one\n- two", "")


@st.composite
def workshops(draw: st.DrawFn) -> WorkshopAnswers:
    """Up to fourteen people in up to three communities: votes, comparisons, imported labels."""
    people, statements = draw(st.integers(0, 14)), draw(st.integers(0, 5))
    row = st.lists(CHOICES, min_size=statements, max_size=statements)
    votes = draw(
        st.one_of(
            st.lists(row, min_size=people, max_size=people),
            CHOICES.map(lambda choice: [[choice] * statements] * people),
        )
    )
    towns = draw(st.lists(st.integers(0, 2), min_size=people, max_size=people))
    answers = answers_of(np.array(votes, dtype=float).reshape(people, statements), towns)
    labels = draw(st.dictionaries(st.integers(0, 13), st.sampled_from(["x", "y"]), max_size=14))
    named = {one["id"]: labels[at] for at, one in enumerate(answers.participants) if at in labels}
    return replace(
        answers,
        judged=draw(judged(people)),
        prompts=dict.fromkeys((1, 2), {"text": "Why?", "theme": "", "hash": "p"} | UNWARNED),
        completions={
            pk: {"text": text, "source": f"m{pk % 2}", "prompt": 1, "hash": f"{pk}"} | CLEARED
            for pk, text in enumerate(TEXTS, 1)
        },
        label_sets={"imported": named} if named else {},
    )


UNWARNED: dict[str, Any] = {"warning": "", "severe": False}
CLEARED = {"screening": "cleared"}


@st.composite
def judged(draw: st.DrawFn, people: int) -> Judged:
    """Comparisons of some of five completions, in parts that need not be connected."""
    one = st.tuples(
        st.integers(0, max(people - 1, 0)),
        st.permutations(range(1, 6)),
        st.integers(1, 2),
        st.sampled_from([0.0, 0.5, 1.0, UNSEEN]),
    )
    rows = sorted(draw(st.lists(one, max_size=20 if people else 0)), key=lambda row: row[0])
    return Judged(
        people=np.array([row[0] for row in rows], dtype=np.intp),
        pairs=np.array([row[1][:2] for row in rows], dtype=np.int64).reshape(-1, 2),
        prompts=np.array([row[2] for row in rows], dtype=np.int64),
        answers=np.array([row[3] for row in rows], dtype=np.float64),
    )


def numbers_in(value: Any) -> Iterator[float]:
    """Every number of a result."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, int | float):
        yield value


def intervals_in(value: Any) -> Iterator[tuple[Any, ...]]:
    """Every pair of bounds of a result."""
    if isinstance(value, Mapping):
        ends = value.get("low"), value.get("high")
        if all(isinstance(end, int | float) for end in ends):
            yield ends
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from intervals_in(one)


@pytest.fixture
def page(client: Client, pilar: User, river: Workshop) -> Callable[[Mapping[str, Any]], str]:
    """The page of an analysis with this result, as Pilar reads it."""
    client.force_login(pilar)
    analysis = make_analysis(river, {})

    def opened(result: Mapping[str, Any]) -> str:
        Analysis.objects.filter(pk=analysis.pk).update(result=result)
        return client.get(analysis.get_absolute_url()).content.decode()

    return opened


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answers=workshops())
def test_any_answers_become_a_result_that_can_be_shown_drawn_and_sent(page, answers) -> None:
    computed = compute(answers, 7, lambda done, say: None)
    result = plain(computed.result)
    assert all(math.isfinite(one) for one in numbers_in(result))
    assert all(low <= high for low, high in intervals_in(result))
    html = page(result)
    assert 'id="agreement"' in html
    assert not {"nan", "None", "inf"} & set(re.findall(r">\s*(\w+)\s*<", html))
    for fewest in (0, 10):
        told = withheld(result, fewest)
        drawn = analysis_charts(told, fewest, plain(computed.places))
        assert all(one.startswith("<svg") for one in drawn.values())
        json.dumps(for_export(result, fewest), allow_nan=False)
