"""The site's own settings, less what would make tests slow or leave something behind.

DATABASE_URL and CACHE_URL are honoured, so the same suite runs on PostgreSQL and Redis.
Nothing else of the caller's environment reaches the tests.
"""

import atexit
import os
import shutil
import tempfile

for _name in (
    "ALLOWED_HOSTS",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "ERROR_MAIL",
    "PAGE_FILES",
    "PORT",
    "RECAPTCHA_PRIVATE_KEY",
    "RECAPTCHA_PUBLIC_KEY",
    "RUNTIME_DIR",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SITE_NAME",
    "SITE_URL",
    "STAFF_SECOND_FACTOR",
    "TRUSTED_PROXY_COUNT",
):
    os.environ.pop(_name, None)
# Database file, media, mail and keys: gone when the tests have run.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="mfr-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from mfr_site.settings import *  # noqa: E402, F403
from mfr_site.settings import CACHES, DATA_DIR, DATABASES, MIDDLEWARE  # noqa: E402

_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # A file, as in life: then another thread has its own connection and sees only
    # what was committed. Only the wait for the disk is left out.
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    _database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
    # SQLite's lock is not fair: on a slow and busy machine the last of fifty writers
    # waits longer than a person would, and is then given the text back.
    _database["OPTIONS"]["timeout"] = 120
else:
    # A pool keeps connections open, and then the test database cannot be dropped.
    _database["OPTIONS"].pop("pool", None)

CACHES["default"]["KEY_FUNCTION"] = "tests.guards.key_of_this_test"
MIDDLEWARE.insert(0, "tests.guards.watch_shared_pages")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files straight from their folders, without `collectstatic`.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
