"""Nothing tells whether an address has an account: not at any door (TRUST A9).

Every door is tried with an address that is known, unknown, closed, not confirmed, and
without a password. Status, body, headers and cookies of each answer must be equal, and of
the page that follows, and of what a wrong code there gets.
"""

import re

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import mail
from django.db import transaction
from django.test import Client

from mfr_site.models import OutgoingMail
from mfr_site.short_memory import short_memory
from tests.accounts.doors import OTHER_PASSWORD, make_account

pytestmark = pytest.mark.django_db

ADDRESS = "maya@example.org"
WRONG_CODE = {"code": "WRNG-CODE"}


def without_password():
    user = make_account()
    user.set_unusable_password()
    user.save()


STATES = {
    "unknown": lambda: None,
    "known": make_account,
    "closed": lambda: make_account(is_active=False),
    "not confirmed": lambda: make_account(confirmed=False),
    "without a password": without_password,
    "editor": lambda: make_account(is_staff=True),
}


def log_in_by_address(client):
    form = {"login": ADDRESS, "password": OTHER_PASSWORD}
    yield client.post("/accounts/login/", form)
    yield client.post("/accounts/login/", form | {"next": "/admin/"})


def log_in_to_admin(client):
    yield client.get("/admin/login/?next=/admin/")
    form = {"username": ADDRESS, "password": OTHER_PASSWORD}
    yield client.post("/admin/login/?next=/admin/", form)


def log_in_by_code(client):
    yield client.post("/accounts/login/code/", {"email": ADDRESS})
    confirm = "/accounts/login/code/confirm/"
    yield client.get(confirm)
    yield client.post(confirm, WRONG_CODE)
    yield client.post(confirm, {"action": "resend"})
    yield client.get(confirm)
    yield client.post(confirm, WRONG_CODE)
    yield client.post(confirm, WRONG_CODE)


def choose_a_new_password(client):
    yield client.post("/accounts/password/reset/", {"email": ADDRESS})
    confirm = "/accounts/password/reset/confirm/"
    yield client.get(confirm)
    yield client.post(confirm, WRONG_CODE)
    yield client.get("/accounts/password/reset/complete/")
    yield client.post(confirm, WRONG_CODE)
    yield client.post(confirm, WRONG_CODE)


def sign_up_with_it(client):
    form = {"username": "nora", "email": ADDRESS, "password1": OTHER_PASSWORD}
    yield client.post("/accounts/signup/", form)
    confirm = "/accounts/confirm-email/"
    yield client.get(confirm)
    yield client.post(confirm, WRONG_CODE)
    # The code again; then from another browser: with the same name, and logging in.
    yield client.post(confirm, {"action": "resend"})
    yield client.get(confirm)
    client.cookies.clear()
    yield client.post("/accounts/signup/", form | {"email": "other@example.org"})
    login = {"login": "nora", "password": OTHER_PASSWORD}
    yield client.post("/accounts/login/", login)
    yield client.get("/members/nora/")


def ask_for_a_passkey(client):
    yield client.get("/accounts/2fa/webauthn/login/", {"email": ADDRESS})


DOORS = [
    log_in_by_address,
    log_in_to_admin,
    log_in_by_code,
    choose_a_new_password,
    sign_up_with_it,
    ask_for_a_passkey,
]


def seen(response):
    """All of an answer that its reader sees, but for what is drawn at random."""
    body = response.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
    body = re.sub(r'"challenge": "[\w-]+"', "", body)
    headers = {
        name: value for name, value in response.headers.items() if name != "ETag"
    }
    headers["Content-Length"] = str(len(body)) if "Content-Length" in headers else ""
    cookies = {
        name: {key: value for key, value in morsel.items() if key != "expires"}
        for name, morsel in response.cookies.items()
    }
    return response.status_code, body, headers, cookies


def answers(door):
    return [seen(response) for response in door(Client())]


def forget(folder):
    """Begin with no earlier tries, in the second half of a test too."""
    django_settings.RUNTIME_DIR = folder
    short_memory.cache_clear()
    mail.outbox.clear()


@time_machine.travel("2026-03-01T12:00Z", tick=False)
@pytest.mark.parametrize("state", [name for name in STATES if name != "unknown"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_answer_tells(tmp_path, settings, door, state):
    settings.CACHE_URL = ""
    forget(tmp_path / "before")
    with transaction.atomic():
        expected = answers(door)
        transaction.set_rollback(True)
    forget(tmp_path / "after")
    STATES[state]()
    assert answers(door) == expected


@pytest.mark.parametrize("state", ["unknown", "known", "closed"])
@pytest.mark.parametrize(
    "door", [log_in_by_code, choose_a_new_password, sign_up_with_it]
)
def test_as_many_mails_wait_whatever_is_known(settings, door, state):
    """Something is queued in each case, and nothing is sent while the page is made."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.EMAIL_BACKEND = "tests.accounts.test_enumeration.NoServer"
    STATES[state]()
    next(iter(door(Client())))
    assert OutgoingMail.objects.count() == 1


class NoServer:
    """A mail server that is down."""

    def __init__(self, *args, **kwargs):
        raise ConnectionRefusedError
