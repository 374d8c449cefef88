import pytest
import time_machine
from django.core import mail

from tests.accounts.doors import (
    OTHER_PASSWORD,
    is_logged_in,
    mailed_code,
    make_account,
)

pytestmark = pytest.mark.django_db


def ask(client, email="maya@example.org"):
    return client.post("/accounts/login/code/", {"email": email})


def enter(client, code):
    return client.post("/accounts/login/code/confirm/", {"code": code})


def test_a_mailed_code_opens_the_account_once(client, client_of_sam):
    make_account()
    ask(client)
    code = mailed_code(to="maya@example.org")
    assert enter(client, code)["Location"] == "/"
    assert is_logged_in(client)
    enter(client_of_sam, code)
    assert not is_logged_in(client_of_sam)


def test_the_code_is_good_for_ten_minutes(client):
    make_account()
    with time_machine.travel("2026-03-01T12:00Z"):
        ask(client)
    with time_machine.travel("2026-03-01T12:10:01Z"):
        enter(client, mailed_code())
    assert not is_logged_in(client)


@pytest.mark.parametrize("changed", ["email", "password"])
def test_a_change_of_address_or_password_kills_the_code(client, changed):
    maya = make_account()
    ask(client)
    if changed == "email":
        maya.email = "new@example.org"
    else:
        maya.set_password(OTHER_PASSWORD)
    maya.save()
    response = enter(client, mailed_code())
    assert response["Location"] == "/accounts/login/"
    assert not is_logged_in(client)


@pytest.mark.parametrize("is_active", [None, False])
def test_an_unknown_or_closed_account_gets_a_mail_that_says_so(client, is_active):
    if is_active is not None:
        make_account(is_active=is_active)
    response = ask(client)
    assert response["Location"] == "/accounts/login/code/confirm/"
    assert mail.outbox[0].subject == "No account with this e-mail address"


def test_an_address_that_only_looks_alike_gets_no_code(client):
    """CVE-2019-19844 of Django: the dotless i folds to an i (TRUST A12)."""
    make_account("mike", email="mike@example.org")
    ask(client, "m\u0131ke@example.org")
    assert [m.to for m in mail.outbox if "code" in m.subject] == []
