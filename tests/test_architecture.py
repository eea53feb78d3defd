"""The rules of the house, each with a planted violation that the same check must catch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps

from tests import architecture as house

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tree():
    return house.Tree(ROOT)


@pytest.fixture(scope="module")
def tracked():
    """The text of every file that a clone would have."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    texts = {}
    for name in names:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode(errors="replace")
    return texts


def planted(root, **files):
    """A small tree with the given sources; `a__b` names a/b.py."""
    for name, source in files.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return house.Tree(root)


def test_imports_point_upstream_only(tree):
    assert len(tree.paths) > 50
    assert house.downstream_imports(tree) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("policy__services", "from training.models import TrainingRun"),
        ("policy__services", "import training.recipes.dpo as recipe"),
        ("deliberation__views", "def page(request):\n    from policy import services"),
        ("elicitation__services__joining", "task = 'training.tasks.train'"),
        ("elicitation__models__people", "models.ForeignKey('policy.Analysis')"),
        ("elicitation__kernel__work", "from ..models import Workshop"),
        ("elicitation__kernel__work", "from elicitation import models"),
        ("training__views", "from deploy.settings import BASE_DIR"),
        ("training__services", "from tests.conftest import river"),
    ],
)
def test_an_import_that_points_downstream_is_caught(tmp_path, module, source):
    assert len(house.downstream_imports(planted(tmp_path, **{module: source}))) == 1


def test_an_import_that_points_upstream_is_allowed(tmp_path):
    source = "from elicitation.models import Workshop\nfrom . import models"
    assert house.downstream_imports(planted(tmp_path, policy__services=source)) == []


def test_relations_between_apps_point_upstream_without_a_name():
    ours = [model for model in apps.get_models() if model._meta.app_label in house.APPS]
    assert len(ours) > 20
    assert house.relations_that_look_downstream(ours) == []


@isolate_apps("elicitation", "policy", "training")
def test_relations_that_look_downstream_or_have_a_name_are_caught():
    class Analysis(models.Model):
        class Meta:
            app_label = "policy"

    class Answer(models.Model):
        analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "elicitation"

    class Snapshot(models.Model):
        analysis = models.ForeignKey(Analysis, on_delete=models.PROTECT, related_name="snapshots")
        analyses = models.ManyToManyField(Analysis)

        class Meta:
            app_label = "training"

    assert house.relations_that_look_downstream([Analysis, Answer, Snapshot]) == [
        "Answer.analysis points downstream, to policy.",
        'Snapshot.analysis needs related_name="+".',
        'Snapshot.analyses needs related_name="+".',
    ]


def test_methods_and_recipes_know_no_django(tree):
    assert any(".methods." in module for module in tree.paths)
    assert any(".recipes." in module for module in tree.paths)
    assert house.methods_that_reach_django(tree) == []


def test_a_method_that_reaches_django_through_another_module_is_caught(tmp_path):
    found = planted(
        tmp_path,
        policy__methods__shares="def shares():\n    from policy import counting",
        policy__counting="import django.db",
        training__recipes__dpo="from training.methods import rows",
        training__methods__rows="",
    )
    assert house.methods_that_reach_django(found) == [
        "policy.methods.shares reaches django.db in policy.counting:1."
    ]


def test_the_kernel_speaks_no_word_of_the_domain(tree):
    assert house.domain_words_in_the_kernel(tree) == []


def test_a_word_of_the_domain_in_the_kernel_is_caught(tmp_path):
    source = "def cast_votes(): ...\nclass CommunityTable: ...\n# as in a workshop\nwork = 1\n"
    assert house.domain_words_in_the_kernel(
        planted(tmp_path, elicitation__kernel__work=source)
    ) == [
        "elicitation.kernel.work:1 says votes.",
        "elicitation.kernel.work:2 says community.",
        "elicitation.kernel.work:3 says workshop.",
    ]


def test_no_page_reaches_a_numeric_library(tree):
    assert house.pages_that_reach_arithmetic(tree) == []


def test_a_page_that_would_compute_on_a_request_is_caught(tmp_path):
    found = planted(
        tmp_path,
        policy__views="def page(request):\n    from policy.methods import consensus",
        policy__methods__consensus="import numpy as np",
        training__tasks="import torch",
        training__services="def start():\n    from training import tasks",
    )
    assert house.pages_that_reach_arithmetic(found) == [
        "policy.views reaches numpy in policy.methods.consensus:1."
    ]


def numeric_libraries_of_the_web_process(*also, path=ROOT):
    """What a fresh interpreter has loaded once it could serve every page."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(path)])}
    command = [sys.executable, "-m", "tests.web_process", *also]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    return json.loads(ran.stdout)


def test_the_web_process_loads_no_numeric_library():
    assert numeric_libraries_of_the_web_process() == []


def test_a_page_that_loads_a_numeric_library_is_caught(tmp_path):
    (tmp_path / "planted_views.py").write_text("from scipy import stats\n")
    assert numeric_libraries_of_the_web_process("planted_views", path=tmp_path) == [
        "numpy",
        "scipy",
    ]


def test_no_file_names_a_registry_or_a_place_on_one_machine(tracked):
    assert house.addresses(tracked) == []


def test_a_registry_or_a_place_on_one_machine_is_caught():
    host, path = "pypi" + ".org", "/" + "home/farid/folkmoot"
    texts = {
        "constraints.txt": f"x @ https://{host}/x.whl\n",
        "deploy/unit": f"ExecStart={path}\n",
        "deploy/data/words.txt": f"see {host}\n",
        "README.md": "see /usr/bin/chromium and var/home/x\n",
    }
    assert house.addresses(texts) == [
        f"constraints.txt:1 names {host}.",
        f"deploy/unit:1 names {path[:11]}.",
    ]


def test_no_file_is_longer_than_four_hundred_lines(tracked):
    assert house.files_too_long(tracked) == []


def test_a_file_that_is_too_long_is_caught():
    texts = {"policy/views.py": "\n" * 401, "policy/migrations/0001_x.py": "\n" * 900}
    assert house.files_too_long(texts) == ["policy/views.py has 401 lines."]


def test_the_top_level_is_as_designed(tracked):
    assert house.top_level_faults({name.split("/")[0] for name in tracked}) == []


def test_a_stray_or_missing_file_at_the_top_level_is_caught(tracked):
    names = {name.split("/")[0] for name in tracked} - {"policy"} | {"utils", ".editorconfig"}
    assert house.top_level_faults(names) == [
        "policy is missing.",
        "utils does not belong at the top level.",
    ]


def missing_migrations(after):
    """The changes to the models, by app, that no migration records."""
    before = MigrationLoader(None).project_state()
    return MigrationAutodetector(before, after).changes(graph=MigrationLoader(None).graph)


def test_every_change_of_a_model_has_its_migration():
    assert missing_migrations(ProjectState.from_apps(apps)) == {}


def test_a_change_of_a_model_without_a_migration_is_caught():
    changed = ProjectState.from_apps(apps)
    changed.add_field("policy", "principle", "mood", models.TextField(default=""), True)
    assert list(missing_migrations(changed)) == ["policy"]
