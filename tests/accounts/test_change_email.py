import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail

from tests.accounts.doors import log_in, mailed_code, make_account, prove_it_is_you

pytestmark = pytest.mark.django_db


def ask(client, email="new@example.org"):
    form = {"email": email, "action_add": "1"}
    return client.post("/accounts/email/", form)


def confirm(client, code):
    return client.post("/accounts/confirm-email/", {"code": code})


def test_one_must_show_again_who_one_is(client):
    make_account()
    log_in(client)
    response = client.get("/accounts/email/")
    assert (
        response["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    )


def test_nothing_of_a_form_is_kept_while_asking_who_it_is(client):
    """allauth alone would keep the whole request in the session (TRUST §4.1)."""
    make_account()
    log_in(client)
    secret = "secret@example.org"
    client.post("/accounts/email/", {"email": secret}, REMOTE_ADDR="203.0.113.9")
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in kept
    assert "203.0.113.9" not in kept


def test_the_code_goes_to_the_new_address_and_word_to_the_old(client):
    maya = make_account()
    log_in(client)
    prove_it_is_you(client)
    ask(client)
    code = mailed_code(to="new@example.org")
    maya.refresh_from_db()
    assert maya.email == "maya@example.org"
    confirm(client, code)
    maya.refresh_from_db()
    assert maya.email == "new@example.org"
    assert EmailAddress.objects.get(user=maya).email == "new@example.org"
    notice = mail.outbox[-1]
    assert notice.to == ["maya@example.org"]
    assert "new@example.org" not in notice.body


def test_an_address_of_another_account_is_not_told_and_not_given(client):
    make_account("sam")
    maya = make_account()
    log_in(client)
    prove_it_is_you(client)
    response = ask(client, "sam@example.org")
    assert response["Location"] == "/accounts/confirm-email/"
    page = confirm(client, mailed_code(to="sam@example.org"))
    assert page.status_code == 200
    maya.refresh_from_db()
    assert maya.email == "maya@example.org"
