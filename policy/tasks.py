"""What the worker does for policy: analyse a workshop. Numeric code is loaded inside the task."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from elicitation.kernel.hashing import code_version, plain
from elicitation.kernel.work import WorkHandle
from elicitation.models import User, Workshop
from policy.live import newest_answer
from policy.models import LivePicture
from policy.services import store_analysis
from policy.showing_parts import fewest
from policy.withholding import withheld

STEPS = 8


def analyse(
    work: WorkHandle,
    *,
    workshop_id: int,
    seed: int,
    groups: int | None = None,
    by_id: int | None = None,
) -> dict[str, Any]:
    """Compute one analysis and store it. Returns {"analysis": its number}.

    groups: how many opinion groups the analyst wants; suggested when None.
    Nothing is stored before everything is computed, so an attempt that dies leaves nothing.
    """
    from policy.charts import analysis_charts
    from policy.computing.spreading import spread_over
    from policy.computing.whole import compute
    from policy.inputs import read_answers

    began = time.monotonic()
    workshop = Workshop.objects.get(pk=workshop_id)
    work.report(0, STEPS, "Reading answers")
    answers = read_answers(workshop)
    report = partial(_report, work)
    computed = compute(answers, seed, report, groups, spread_over(settings.ANALYSES_ON))
    result = plain(computed.result)
    work.report(STEPS - 1, STEPS, "Drawing charts")
    few = fewest(workshop)
    charts = analysis_charts(withheld(result, few), few, plain(computed.places))
    with work.fenced():
        analysis = store_analysis(
            workshop=workshop,
            seed=seed,
            parameters=computed.parameters,
            input_hash=answers.hash,
            code_version=code_version("policy"),
            result=result,
            charts=charts,
            groups=computed.groups,
            approvers=computed.approvers,
            seconds=round(time.monotonic() - began, 2),
            by=User.objects.filter(pk=by_id).first() if by_id else None,
        )
        work.finish({"analysis": analysis.pk})
    return {"analysis": analysis.pk}


def _report(work: WorkHandle, done: int, say: str) -> None:
    work.report(done, STEPS, say)


def ask_next(work: WorkHandle, *, workshop_id: int, by_id: int | None = None) -> dict[str, Any]:
    """Hand back to a workshop what to ask next. Returns {"told": a sentence per community}."""
    from policy.asking import hand_back

    work.report(0, 1, "Looking for what is still open")
    by = User.objects.filter(pk=by_id).first() if by_id else None
    told = hand_back(workshop=Workshop.objects.get(pk=workshop_id), by=by)
    with work.fenced():
        work.finish({"told": told})
    return {"told": told}


def count_live(work: WorkHandle, *, workshop_id: int) -> dict[str, Any]:
    """Count a vote that is under way, and store its picture. Returns {"mark": newest answer}."""
    from policy.charts_map import live_charts
    from policy.computing.live import Told, live_picture
    from policy.inputs_live import read_live_votes

    began = time.monotonic()
    workshop = Workshop.objects.get(pk=workshop_id)
    few = fewest(workshop)
    row = LivePicture.objects.get(workshop=workshop)
    mark = newest_answer()
    told = Told(row.held, row.map, row.since)
    picture = live_picture(read_live_votes(workshop), told, few)
    fields = {"held": picture.held, "statements": picture.statements, "map": picture.map}
    if picture.points is not None:
        communities = [
            {"slug": one.slug, "name": one.name}
            for one in workshop.communities.order_by("seats__position")
        ]
        fields["charts"] = live_charts(communities, plain(picture.map), picture.points, few)
    with work.fenced():
        LivePicture.objects.filter(pk=row.pk).update(
            **plain(fields),
            mark=mark,
            counted_at=timezone.now(),
            seconds=round(time.monotonic() - began, 2),
        )
        work.finish({"mark": mark})
    return {"mark": mark}
