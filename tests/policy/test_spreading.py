"""An analysis is the same wherever its parts are computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import ray

from elicitation.kernel.hashing import canonical_json, plain
from policy.computing.spreading import Here, OnRay, Spread, spread_over
from policy.computing.whole import Computed, compute
from policy.inputs import read_answers
from tests.pipeline.making import make_workshop


def quiet(done: int, say: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Spread]:
    """A real cluster on this machine alone."""
    yield OnRay("local")
    ray.shutdown()


def said(computed: Computed) -> bytes:
    """Everything that would be stored."""
    stored: Any = [plain(computed.result), computed.groups, computed.approvers, computed.parameters]
    return canonical_json(stored)


@pytest.mark.django_db
def test_a_cluster_gives_the_same_answer(cluster: Spread) -> None:
    answers = read_answers(make_workshop(prompts=4, people=24))
    on_cluster = compute(answers, 5, quiet, spread=cluster)
    assert said(on_cluster) == said(compute(answers, 5, quiet, spread=Here()))


def test_a_part_is_given_what_came_out_of_another(cluster: Spread) -> None:
    for spread in (Here(), cluster):
        kept = spread.keep(np.arange(4.0))
        assert spread.take(spread.begin(np.dot, spread.begin(np.cumsum, kept), kept)) == 25


def test_what_a_part_raises_is_raised_where_it_is_taken(cluster: Spread) -> None:
    for spread in (Here(), cluster):
        with pytest.raises(ZeroDivisionError):
            spread.take(spread.begin(divmod, 1, 0))


def test_no_place_is_this_process() -> None:
    assert isinstance(spread_over(""), Here)
