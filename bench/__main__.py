"""`make bench`: one table of what the site costs, beside a server that does nothing.

Ratios come from rounds in turn with that server, so they hold when the machine's speed
drifts. CPU is the server's own, so it holds when the machine is busy. Builds its data in
a folder of its own, or in the empty database that DATABASE_URL names.
"""

import os
import secrets
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

with tempfile.TemporaryDirectory() as folder:
    os.environ.update(
        DATA_DIR=folder,
        DEBUG="0",
        SECRET_KEY=secrets.token_urlsafe(50),
        DJANGO_SETTINGS_MODULE="mfr_site.settings",
    )
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)

    from .table import measure

    measure(Path(folder))
