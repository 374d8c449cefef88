"""Members with passwords, and what somebody at the door does."""

import re

from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User

PASSWORD = "plum harbour seldom violin"
OTHER_PASSWORD = "kettle orchard nineteen fog"


def make_account(username="maya", *, confirmed=True, **fields):
    """An account that logs in with PASSWORD, its address confirmed or not."""
    fields.setdefault("email", f"{username}@example.org")
    user = User.objects.create_user(username, password=PASSWORD, **fields)
    EmailAddress.objects.create(
        user=user, email=user.email, primary=True, verified=confirmed
    )
    return user


def log_in(client, login="maya", password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


def sign_up(client, username="nora", email="nora@example.org", **fields):
    form = {"username": username, "email": email, "password1": PASSWORD} | fields
    return client.post("/accounts/signup/", form)


def prove_it_is_you(client):
    """Pass the page that asks again before an account's protection changes."""
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def mailed_code(to=None):
    """The code in the newest mail; with `to`, checks whom it was sent to."""
    newest = mail.outbox[-1]
    assert to is None or newest.to == [to]
    return re.search(r"^    (\S+)$", newest.body, re.MULTILINE)[1]


def is_logged_in(client):
    return "_auth_user_id" in client.session
