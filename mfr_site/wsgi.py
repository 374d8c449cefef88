import os
import threading
import time
from urllib.parse import urlsplit

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfr_site.settings")
# Served means not in development, unless somebody says so: a forgotten variable must
# never show a traceback to the world.
os.environ.setdefault("DEBUG", "0")

django = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from . import page_versions  # noqa: E402
from .fair_sqlite3.base import stand_in_line  # noqa: E402
from .page_cache import KNOWN_QUERY, PageCache, usual_headers  # noqa: E402
from .page_files import PageFiles  # noqa: E402
from .page_parts import PartMemory  # noqa: E402

if connection.vendor == "sqlite":
    stand_in_line()

source = page_versions.source()
files = None
if settings.PAGE_FILES:
    address = urlsplit(settings.SITE_URL)
    files = PageFiles(
        settings.PAGE_FILES,
        # gunicorn.conf.py names it anew with each start and reload.
        generation=os.environ.get("PAGE_FILES_GENERATION") or str(time.time_ns()),
        site=(address.scheme, address.netloc),
        query=KNOWN_QUERY,
        headers=usual_headers(),
    )
    files.start()
    threading.Thread(target=files.watch, args=[source], daemon=True).start()

application = PageCache(
    PartMemory(django, source),
    source,
    hosts=settings.PAGE_CACHE_HOSTS,
    session_cookies=settings.PERSONAL_COOKIES,
    files=files,
)
threading.Thread(target=application.squeeze, daemon=True).start()
