"""Which Chromium the browser tests drive: `python tests/chromium.py` prints it, or exits with 1."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Nothing is looked up outside this machine, and no profile of a person's is touched.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """A Chromium of the machine's, else the one that playwright fetched, else None."""
    wanted = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in NAMES)]
    for path in wanted:
        if path and Path(path).exists():
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


if __name__ == "__main__":
    found = executable()
    sys.stdout.write(f"{found or ''}\n")
    raise SystemExit(0 if found else 1)
