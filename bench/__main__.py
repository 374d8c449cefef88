"""`make bench`: one table of what the site costs, beside a server that does nothing.

Ratios come from rounds in turn with that server, so they hold when the machine's speed
drifts. CPU is the server's own, so it holds when the machine is busy. Builds its data in
a folder of its own, or in the empty database that DATABASE_URL names. `python -m bench
table`, `behind` or `trials` measures one part alone.
"""

import os
import secrets
import sys
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
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)

    from . import behind, data, table, trials

    wanted = set(sys.argv[1:]) or {"table", "behind", "trials"}
    if wanted & {"table", "behind"}:
        table.say("Making the data…")
        addresses = data.make()
    if "table" in wanted:
        table.measure(Path(folder), addresses)
    if "behind" in wanted:
        behind.measure(addresses)
    if "trials" in wanted:
        trials.measure()
