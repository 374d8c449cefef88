import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfr_site.settings")
# Served means not in development, unless somebody says so: a forgotten variable must
# never show a traceback to the world.
os.environ.setdefault("DEBUG", "0")

django = get_wsgi_application()

from django.conf import settings  # noqa: E402

from . import page_versions  # noqa: E402
from .page_cache import PageCache  # noqa: E402

application = PageCache(
    django,
    page_versions.source(),
    hosts=settings.PAGE_CACHE_HOSTS,
    session_cookies=settings.PERSONAL_COOKIES,
)
