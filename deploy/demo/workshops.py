"""The demo's workshops: what each is made of, who is to be credited, and what is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deliberation.services import import_polis_folder, import_statement_file
from deploy.demo.sample import fill_sample_workshop
from elicitation.models import Participant, Workshop
from elicitation.services import import_preference_file, open_workshop, seat_community

DATA = Path(__file__).resolve().parent.parent / "data"
SAMPLE_SEED = 11
# Thousands of real pairs, a few dozen of which are seen: fewer, smaller steps.
GENTLE: dict[str, object] = {"max_steps": 8, "learning_rate": 3e-4}
Report = Callable[[int | None, int | None, str], None]
HARMFUL = (
    "Some prompts ask for harmful or offensive things, and some answers give them. They are shown "
    "only when you open them."
)
POLIS_CREDIT = (
    "Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed "
    "under CC BY 4.0 with Attribution to The Computational Democracy Project. "
    "https://compdemocracy.org/case-studies/2014-seattle-15-per-hour"
)
HH_CREDIT = "HH-RLHF, Anthropic, MIT licence. https://github.com/anthropics/hh-rlhf"
PANDALM_CREDIT = "PandaLM test set, Apache-2.0. https://github.com/WeOpenML/PandaLM"
ASSEMBLY_CREDIT = (
    "Claims of Taiwan's AI assemblies, Apache-2.0. https://github.com/AIObjectives/tttc-light-js"
)


@dataclass(frozen=True)
class DemoWorkshop:
    """One workshop of the demo. trains: whether its answers lead to a trained model."""

    slug: str
    title: str
    provenance: str
    note: str
    attribution: str
    load: Callable[[Workshop, Report], None]
    trains: bool = False
    content_warning: str = ""
    overrides: dict[str, object] = field(default_factory=dict)


def _load_sample(workshop: Workshop, report: Report) -> None:
    import_statement_file(
        path=DATA / "ai_assemblies" / "aiAssemblies.json", workshop=workshop, report=report
    )
    if not Participant.objects.filter(workshop=workshop).exists():
        fill_sample_workshop(workshop, DATA, SAMPLE_SEED, report)


def _load_seattle(workshop: Workshop, report: Report) -> None:
    seat = seat_community(workshop=workshop, name="Seattle respondents")
    import_polis_folder(
        folder=DATA / "polis" / "15-per-hour-seattle",
        workshop=workshop,
        community=seat.community,
        report=report,
    )


def _load_pandalm(workshop: Workshop, report: Report) -> None:
    seat = seat_community(workshop=workshop, name="PandaLM annotators")
    import_preference_file(
        path=DATA / "pandalm" / "testset-v1.json",
        format="pandalm",
        workshop=workshop,
        community=seat.community,
        report=report,
    )


def _load_hh(workshop: Workshop, report: Report) -> None:
    for name, pool, warning in (
        ("helpful-base", "Helpfulness raters", ""),
        ("harmless-base", "Harmlessness raters", "Someone asks for something harmful."),
    ):
        seat = seat_community(workshop=workshop, name=pool)
        import_preference_file(
            path=DATA / "hh_rlhf" / f"{name}.test.jsonl.gz",
            format="hh",
            workshop=workshop,
            community=seat.community,
            content_warning=warning,
            report=report,
        )


SAMPLE = DemoWorkshop(
    slug="sample",
    title="What should an assistant be like?",
    provenance=Workshop.Provenance.SIMULATED,
    note=(
        "The people here are simulated. They judge real prompts and completions (HH-RLHF, a "
        "subset) and vote on real claims (AI assemblies); what they want was planted, so that the "
        "result can be checked."
    ),
    attribution=f"{HH_CREDIT} · {ASSEMBLY_CREDIT}",
    content_warning=HARMFUL,
    load=_load_sample,
    trains=True,
)
SEATTLE = DemoWorkshop(
    slug="seattle-15",
    title="$15 an hour in Seattle",
    provenance=Workshop.Provenance.REAL,
    note="A real Polis conversation, complete as it was published.",
    attribution=POLIS_CREDIT,
    load=_load_seattle,
)
PANDALM = DemoWorkshop(
    slug="pandalm",
    title="Three people judge five models",
    provenance=Workshop.Provenance.REAL,
    note="Real answers of three people to 999 pairs, complete as they were published.",
    attribution=PANDALM_CREDIT,
    load=_load_pandalm,
    trains=True,
    # One community has nobody to be robust for.
    overrides={**GENTLE, "group_robust": None},
)
HH = DemoWorkshop(
    slug="hh-rlhf",
    title="Helpful and harmless: two pools of raters",
    provenance=Workshop.Provenance.SUBSET,
    note=(
        "Real choices of two pools of raters with two briefs, on different prompts: the published "
        "test splits, a subset of HH-RLHF. The pools are shown as communities; differences between "
        "them cannot be told from differences between their prompts."
    ),
    attribution=HH_CREDIT,
    content_warning=HARMFUL,
    load=_load_hh,
    trains=True,
    overrides=GENTLE,
)
DEMO = (SAMPLE, SEATTLE, PANDALM, HH)


def ensure_workshop(demo: DemoWorkshop, report: Report) -> Workshop:
    """Open one of the demo's workshops and load what it is made of; a second call adds nothing."""
    workshop = open_workshop(
        slug=demo.slug,
        title=demo.title,
        provenance=demo.provenance,
        provenance_note=demo.note,
        attribution=demo.attribution,
        content_warning=demo.content_warning,
    )
    demo.load(workshop, report)
    return workshop
