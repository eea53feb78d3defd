"""Load what a web process loads, and print the numeric libraries that came along, as JSON.

Run as a program in a fresh interpreter: `python -m tests.web_process [MODULE …]` loads the named
modules too.
"""

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator

from tests.architecture import APPS, NUMERIC, WEB_PARTS


def web_modules() -> Iterator[str]:
    """Every module of the apps and of deploy that serves pages, by dotted name."""
    for app in (*APPS, "deploy"):
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, prefix=f"{app}."):
            if set(found.name.split(".")[1:]) & set(WEB_PARTS):
                yield found.name


def load_all_pages() -> None:
    """What the server imports, and every page's view behind every address."""
    importlib.import_module("deploy.wsgi")
    for name in web_modules():
        importlib.import_module(name)
    from django.urls import get_resolver

    waiting = list(get_resolver().url_patterns)
    while waiting:
        pattern = waiting.pop()
        waiting += getattr(pattern, "url_patterns", [])
        _ = getattr(pattern, "callback", None)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    load_all_pages()
    for extra in sys.argv[1:]:
        importlib.import_module(extra)
    sys.stdout.write(json.dumps(sorted(set(NUMERIC) & set(sys.modules))))
