"""A bare checkout becomes a running one: what can be shown without installing anything again."""

import os
import re
import socket
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def setup(monkeypatch, tmp_path):
    """The script, as a module, with data in a folder of the test's own."""
    spec = util.spec_from_file_location("folkmoot_setup", ROOT / "deploy" / "setup.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "HOME", tmp_path)
    return module


def test_every_package_that_is_asked_for_has_an_exact_version(setup):
    names = {name(line) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    asked = {name(one) for one in setup.requirements(setup.TESTING)} | set(setup.CARRIED_MODELS)
    assert asked - names == set()


def name(requirement):
    for mark in "[><=":
        requirement = requirement.partition(mark)[0]
    return requirement.lower().replace("_", "-").strip()


def test_exact_versions_name_no_host_no_hash_and_no_build(setup):
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 60
    assert [pin for pin in pins if pin.count("==") != 1 or set("+@/ ;") & set(pin)] == []


def test_a_port_that_is_taken_is_passed_over_and_said(setup, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert setup.free_port("127.0.0.1", port) > port
    assert f"Port {port} is taken" in capsys.readouterr().out


def test_a_machine_that_listens_everywhere_is_called_by_its_own_address(setup, monkeypatch):
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    own = setup.address_of("0.0.0.0")
    assert own not in setup.EVERYWHERE
    assert socket.inet_aton(own)
    assert setup.allowed_hosts("0.0.0.0").split(",")[-1] == own
    assert setup.address_of("192.0.2.7") == "192.0.2.7"


def test_the_names_that_were_asked_for_are_the_only_ones(setup, monkeypatch):
    monkeypatch.setenv("ALLOWED_HOSTS", "hall.example")
    assert setup.allowed_hosts("127.0.0.1") == "hall.example"


def test_a_failing_step_says_which_and_what_to_do(setup):
    noisy = "import sys; print('WARNING: chatter'); sys.exit('no space left')"
    with pytest.raises(setup.StepFailed) as failure:
        setup.quietly([sys.executable, "-c", noisy], "Free some space.")
    assert "no space left" in str(failure.value)
    assert str(failure.value).endswith("Free some space.")
    assert "chatter" not in str(failure.value).splitlines()


def test_a_process_that_dies_is_started_again_and_then_given_up(setup, monkeypatch):
    children = setup.Children({})
    monkeypatch.setattr(setup.time, "sleep", lambda seconds: None)
    children.start("web", [sys.executable, "-c", "raise SystemExit(3)"], keep=True)
    with pytest.raises(setup.StepFailed, match="web keeps ending with status 3"):
        children.watch_until()
    assert children.restarts == setup.MOST_RESTARTS + 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that it is orphaned")
def test_children_die_with_a_parent_that_is_killed(tmp_path):
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'deploy')!r}); import setup, time\n"
        f"setup.HOME = setup.Path({str(tmp_path)!r})\n"
        "children = setup.Children({})\n"
        "children.start('child', [sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(children.running['child'].pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = Path(f"/proc/{int(parent.stdout.readline())}")
    assert child.exists()
    parent.kill()
    parent.wait()
    until = time.monotonic() + 10
    while runs(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not runs(child)


def runs(process):
    """Whether it is alive; what is dead and waits to be reaped is not."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.django_db
def test_a_throwaway_database_is_the_one_that_was_asked_for():
    from django.db import connection

    wanted = os.environ.get("DATABASE_URL", "sqlite").startswith("postgres")
    assert connection.vendor == ("postgresql" if wanted else "sqlite")


def test_the_readme_names_only_commands_and_folders_that_exist():
    readme = (ROOT / "README.md").read_text()
    commands = set(re.findall(r"manage\.py (\w+)", readme))
    tree = re.search(r"## The tree\n\n```\n(.*?)```", readme, re.DOTALL).group(1)
    places = [line.split()[0] for line in tree.splitlines()]
    linked = [at for at in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in at]
    assert commands - set(get_commands()) == set()
    assert [place for place in [*places, *linked] if not (ROOT / place).exists()] == []


def test_a_missing_browser_is_a_failure_in_ci_and_a_sentence_elsewhere(setup, monkeypatch, capsys):
    monkeypatch.setattr(setup, "IN_CI", False)
    monkeypatch.setattr(setup, "has", lambda finder: False)
    monkeypatch.setattr(setup.shutil, "which", lambda program: None)
    assert setup.ensure("Chromium") is False
    assert "Chromium is not installed" in capsys.readouterr().out
    monkeypatch.setattr(setup, "IN_CI", True)
    with pytest.raises(setup.StepFailed, match="In CI that is a failure"):
        setup.ensure("Chromium")


def test_a_second_start_installs_nothing_until_something_else_is_asked_for(
    setup, monkeypatch, tmp_path
):
    ran = []
    (tmp_path / "bin").mkdir()
    for program in ("python", "pip"):
        (tmp_path / "bin" / program).touch()
    monkeypatch.setattr(setup, "VENV", tmp_path)
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "bin" / "python")
    monkeypatch.setattr(setup, "quietly", lambda command, *rest, **more: ran.append(command))
    setup.install(setup.TESTING)
    first = len(ran)
    setup.install(setup.TESTING)
    setup.install(setup.RUNNING)
    assert (first, len(ran)) == (2, 2)
    monkeypatch.setattr(setup, "CARRIED_MODELS", ("another-model",))
    setup.install(setup.RUNNING)
    assert len(ran) == 4
