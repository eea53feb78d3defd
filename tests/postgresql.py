"""A throwaway PostgreSQL: `python tests/postgresql.py COMMAND …` runs COMMAND against one.

The server lives in a temporary folder, listens on a socket in that folder and on no network
address, and is gone when COMMAND ends. `--where` only tells where its programs are.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import quote

DATABASE = "folkmoot"


def programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, the newest where there are several."""
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    by_version = sorted(folders, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    return by_version[-1].parent if by_version else None


def ordinary_user() -> str | None:
    """Whom to run the server as: nobody else, unless we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Start a server, yield its DATABASE_URL, stop it and remove what it wrote.

    Raises FileNotFoundError where PostgreSQL is not installed, RuntimeError where it does not
    start.
    """
    binaries = programs()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL's initdb and postgres are not installed here.")
    user = ordinary_user()
    folder = Path(tempfile.mkdtemp(prefix="folkmoot-postgres-"))
    if user:
        shutil.chown(folder, user)
    try:
        with running_server(binaries, folder, user):
            yield f"postgres://{DATABASE}@{quote(str(folder), safe='')}/{DATABASE}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_server(binaries: Path, folder: Path, user: str | None) -> Iterator[None]:
    """Make a cluster in the folder and run it while the caller works."""
    data, log = folder / "data", folder / "log"
    make = ["initdb", "-D", data, "-U", DATABASE, "--auth=trust", "--encoding=UTF8", "--locale=C"]
    made = subprocess.run(
        [binaries / make[0], *make[1:], "--no-sync"],
        user=user, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
    # The machine's crash is nobody's loss here, so nothing is forced to disk. A vacuum between two
    # tests would note that tables are empty, and have the next test's queries planned for that.
    settings = {"listen_addresses": "", "unix_socket_directories": folder}
    settings |= {"fsync": "off", "autovacuum": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            user=user, cwd=folder, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(server, folder, log)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def wait_until_ready(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    """Return when the database can be used; raise RuntimeError with the log when it cannot."""
    import psycopg

    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(
                host=str(folder), user=DATABASE, dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f"CREATE DATABASE {DATABASE}")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def leave(signum: int, frame: FrameType | None) -> None:
    """Unwind, so that the server is stopped, when we are told to end."""
    raise SystemExit(128 + signum)


def main(command: list[str]) -> int:
    """Run the command against a fresh server; its exit status is ours."""
    if command == ["--where"]:
        found = programs()
        sys.stdout.write(f"{found or ''}\n")
        return 0 if found else 1
    signal.signal(signal.SIGTERM, leave)
    with throwaway_postgres() as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
