"""Work on what people said that outlives the request that asked for it."""

from __future__ import annotations

from typing import Any

from elicitation.kernel.work import WorkHandle


def check_integrity(work: WorkHandle, *, workshop: int) -> dict[str, Any]:
    """Score the people of a workshop for a facilitator to look at; nobody is blocked by it."""
    # Numeric, so it is loaded where it is computed and nowhere else.
    from elicitation.integrity_reading import people_of, told
    from elicitation.methods.integrity import check

    work.report(0, 2, "Reading who answered what, and when")
    people = people_of(workshop)
    work.report(1, 2, f"Looking at {len(people)} people")
    return told(check(people))
