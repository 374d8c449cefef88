"""What must never be written down, looked for in every byte that is (TRUST §4.1, A31)."""

import logging
import subprocess
from pathlib import Path

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from discussion.authors import Speaker
from discussion.models import Credential, Post
from discussion.submission import Submission
from tests.accounts.doors import (
    OTHER_PASSWORD,
    PASSWORD,
    log_in,
    mailed_code,
    make_account,
    prove_it_is_you,
    sign_up,
)
from tests.make import make_article

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESSES = ["203.0.113.77", "2001:db8:77::5"]
BROWSER = "Netscape-of-a-stranger"
CAME_FROM = "where-she-came-from"


@pytest.fixture
def lines():
    """Every line that any logger writes, before our formatter takes words out."""
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(
        logging.Formatter("%(name)s %(message)s").format(record)
    )
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def database():
    """All that the database holds: every row, every session opened, every byte on disk."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from map(str, cursor.fetchall())
    yield from (str(session.get_decoded()) for session in Session.objects.all())
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        name = connection.settings_dict["NAME"]
        for path in Path(name).parent.glob(f"{Path(name).name}*"):
            # By another process: closed by this one, they would lose SQLite's locks.
            read = subprocess.run(["cat", path], check=True, capture_output=True)
            yield read.stdout.decode("latin-1")


def runtime(settings):
    for path in settings.RUNTIME_DIR.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("latin-1")


def visit(address):
    """Everything that a stranger does who becomes a member and writes with and without
    a name, and every door that they knock at in vain."""
    browser = Client(
        REMOTE_ADDR=address,
        HTTP_USER_AGENT=BROWSER,
        HTTP_REFERER=f"http://testserver/search/?q={CAME_FROM}",
        HTTP_X_FORWARDED_FOR=address,
        raise_request_exception=False,
    )
    article = make_article()
    posts = f"{article.get_absolute_url()}posts/"
    browser.get(article.get_absolute_url())
    browser.get("/search/?q=fascia")
    browser.post(posts, {"body": "Written without a name.", "as": "anonymous"})
    name = f"nora{article.pk}"
    sign_up(browser, name, f"{name}@example.org")
    browser.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})
    browser.post("/accounts/confirm-email/", {"code": mailed_code()})
    browser.post("/accounts/email/", {"email": "new@example.org", "action_add": "1"})
    prove_it_is_you(browser)
    browser.post("/accounts/email/", {"email": "new@example.org", "action_add": "1"})
    browser.post(posts, {"body": "Written under my name.", "as": "member"})
    browser.post(f"{posts}1/report/", {"reason": "spam"})
    browser.get("/accounts/sessions/")
    browser.post("/accounts/data/export/")
    browser.post("/accounts/logout/")
    log_in(browser, name, OTHER_PASSWORD)
    log_in(browser, name, PASSWORD)
    browser.get("/admin/")
    browser.get("/not/there/")
    browser.get("/", HTTP_HOST="evil.example")
    browser.post("/accounts/password/reset/", {"email": f"{name}@example.org"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_neither_address_nor_browser_nor_referrer_is_written_down(
    settings, lines, address
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}
    }
    settings.TRUSTED_PROXY_COUNT = 1
    visit(address)
    assert Post.objects.count() == 2
    written = [
        *database(),
        *runtime(settings),
        *lines,
        *(str(message.message()) for message in mail.outbox),
    ]
    everything = "\n".join(written)
    assert "Written without a name." in everything
    for secret in (address, BROWSER, CAME_FROM):
        assert secret not in everything


def test_the_deleted_are_gone_to_the_last_byte():
    """Name, address, profile and texts: after leaving and a day, nowhere on the disk."""
    maya = make_account(
        "mayaunmistakable", display_name="Maya Unmistakable", bio="born in Unmistaken"
    )
    Credential.objects.show(maya, "Unmistakologist")
    article = make_article()
    speaker = Speaker(article, user=maya)
    body = "My unmistakable shoulder hurts."
    post = Post.objects.submit(Submission(article, speaker, body))
    post.edit("My shoulder hurts unmistakably.", post.author)
    browser = Client()
    log_in(browser, "mayaunmistakable")
    assert "nmistak" in "\n".join(database())
    maya.leave(erase=True)
    with time_machine.travel("2030-01-01"):
        call_command("housekeeping", verbosity=0)
    left = "\n".join(database()).lower()
    assert not User.objects.exists()
    at = left.find("nmistak")
    assert at == -1, repr(left[max(0, at - 80) : at + 80])
