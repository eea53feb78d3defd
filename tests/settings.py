"""The settings of the suite: the real ones, with a home that is thrown away."""

import atexit
import os
import shutil
import tempfile

HOME = tempfile.mkdtemp(prefix="folkmoot-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["FOLKMOOT_HOME"] = HOME
os.environ.setdefault("SECRET_KEY", "only-for-the-test-suite")

from deploy.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Dozens of workers begin in the suite, each for a piece or two.
WORKER_IMPORTS: list[str] = []
