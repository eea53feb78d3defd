"""The one settings file. Everything that differs between installations comes from the environment.

FOLKMOOT_HOME   where data live (default: var/ beside this checkout)
DATABASE_URL    sqlite:///path or postgres://user:password@host/name (default: embedded SQLite)
SECRET_KEY      signs sessions (default: generated once into FOLKMOOT_HOME/secret_key, mode 0600)
ALLOWED_HOSTS   comma-separated (default: localhost,127.0.0.1,[::1])
DEBUG           1 to show tracebacks; never in production
FOLKMOOT_ADDRESS  the address that phones use, printed as QR codes (default: the reader's own)
ANALYSES_ON     a Ray cluster's address, or "auto", for analyses (default: the worker's own process)
"""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url

BASE_DIR = Path(__file__).resolve().parent.parent
FOLKMOOT_HOME = Path(os.environ.get("FOLKMOOT_HOME") or BASE_DIR / "var").resolve()
FOLKMOOT_HOME.mkdir(parents=True, exist_ok=True)


def secret_key(path: Path) -> str:
    """Read the key that signs sessions, making it at the first start."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


def database(url: str) -> dict[str, Any]:
    """One database from its address; SQLite is made safe for many writers."""
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    if config["ENGINE"].endswith("sqlite3"):
        # TRUNCATE + FULL: SQLite before 3.51.3 can corrupt its write-ahead log on reset.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # A long import keeps its changes in memory (128 MiB) before it locks readers out;
            # the pages, which keep a connection a thread, do with less.
            # What is erased is overwritten in the file, and not only forgotten.
            "init_command": (
                "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL; "
                f"PRAGMA cache_size=-{os.environ.get('SQLITE_CACHE_KIB', '131072')}; "
                "PRAGMA secure_delete=ON;"
            ),
        }
        # Opening one anew costs as much processor time as a vote.
        config["CONN_MAX_AGE"] = 600
    return config


SECRET_KEY = os.environ.get("SECRET_KEY") or secret_key(FOLKMOOT_HOME / "secret_key")
DEBUG = os.environ.get("DEBUG") == "1"
ANALYSES_ON = os.environ.get("ANALYSES_ON", "")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {
    "default": database(
        os.environ.get("DATABASE_URL") or f"sqlite:///{FOLKMOOT_HOME / 'folkmoot.sqlite3'}"
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "elicitation.kernel",
    "elicitation",
    "deliberation",
    "policy",
    "training",
    "deploy",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "deploy.middleware.content_security_policy",
    "deploy.middleware.for_this_browser_only",
]
ROOT_URLCONF = "deploy.urls"
WSGI_APPLICATION = "deploy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "deploy" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

AUTH_USER_MODEL = "elicitation.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "deploy.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# Throttles are shared by all web processes, so they live in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "throttles",
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "deploy" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = FOLKMOOT_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "deploy" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = FOLKMOOT_HOME / "uploads"
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES = int(os.environ.get("IMPORT_MAX_BYTES", 2 * 1024**3))

# What workers load before they take work: a picture of a vote that runs is wanted within a second.
WORKER_IMPORTS = ["policy.computing.live"]

# A path or hub id; empty means the small model that the installation converts once.
BASE_MODEL = os.environ.get("BASE_MODEL", "")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["elicitation.api.seats.SeatAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["elicitation.api.reading.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "elicitation.api.refusing.refused",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Folkmoot",
    "DESCRIPTION": "What people who take part do on their phones, for other clients.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

# What stands on sheets on the wall; empty: the address under which the sheet was asked for.
PUBLIC_ADDRESS = os.environ.get("FOLKMOOT_ADDRESS", "")

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if os.environ.get("HTTPS") == "1":
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"folkmoot": {"level": "INFO"}},
}
