"""The site's settings for real processes that a test starts; see `serving`.

Production's, but for static files, which are taken straight from their folders.
"""

import os

from mfr_site import short_memory
from mfr_site.settings import *  # noqa: F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# No limit that one test has reached meets another.
short_memory.InRedis.prefix = os.environ["TEST_RUN"]
