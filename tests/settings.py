"""The settings of the suite: the real ones, with a home that is thrown away."""

import os
import tempfile

os.environ["FOLKMOOT_HOME"] = tempfile.mkdtemp(prefix="folkmoot-tests-")
os.environ.setdefault("SECRET_KEY", "only-for-the-test-suite")

from deploy.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
