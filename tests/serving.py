"""Real hosts for a test: gunicorn, and nginx where there is one, on the test's database."""

import os
import secrets
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from bench.servers import NGINX, free_port

needs_nginx = pytest.mark.skipif(not NGINX, reason="no nginx here")


def environment(runtime, **more):
    """What the processes of one site have in common.

    `runtime`: the folder of what one machine remembers for a day.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "tests.served",
        "TEST_RUN": f"test:{secrets.token_hex(8)}",
        "DEBUG": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": f"http://127.0.0.1:{free_port()}",
        "DATA_DIR": str(settings.DATA_DIR),
        "RUNTIME_DIR": str(runtime),
        "DATABASE_URL": database(),
        "CACHE_URL": settings.CACHE_URL,
        **more,
    }


def database(port=None):
    """The address of the database of this test; through another port, if one is given."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    given = urlsplit(os.environ["DATABASE_URL"])
    if port:
        user = given.netloc.rpartition("@")[0]
        given = given._replace(netloc=f"{user}@127.0.0.1:{port}")
    return given._replace(path=f"/{name}").geturl()
