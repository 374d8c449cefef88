import pytest
import time_machine
from django.core import mail

from tests.accounts.doors import (
    OTHER_PASSWORD,
    is_logged_in,
    log_in,
    mailed_code,
    make_account,
)

pytestmark = pytest.mark.django_db


def ask(client, email="maya@example.org", **headers):
    return client.post("/accounts/password/reset/", {"email": email}, **headers)


def enter(client, code):
    return client.post("/accounts/password/reset/confirm/", {"code": code})


def choose(client, password=OTHER_PASSWORD):
    return client.post("/accounts/password/reset/complete/", {"password1": password})


def test_a_mailed_code_lets_choose_a_new_password(client):
    make_account()
    assert ask(client)["Location"] == "/accounts/password/reset/confirm/"
    enter(client, mailed_code(to="maya@example.org"))
    assert choose(client)["Location"] == "/accounts/password/reset/done/"
    assert not is_logged_in(client)
    done = client.get("/accounts/password/reset/done/").content.decode()
    assert done.count("Your password is changed") == 1
    assert "logged out on every device" in done
    log_in(client, password=OTHER_PASSWORD)
    assert is_logged_in(client)


def test_other_sessions_end_and_the_owner_is_told(client, client_of_sam):
    make_account()
    log_in(client_of_sam)
    ask(client)
    enter(client, mailed_code())
    choose(client)
    assert client_of_sam.get("/accounts/").status_code == 302
    assert "A new password was chosen" in mail.outbox[-1].body


def test_without_the_code_no_password_can_be_chosen(client):
    make_account()
    ask(client)
    assert choose(client)["Location"] == "/accounts/password/reset/confirm/"
    log_in(client, password=OTHER_PASSWORD)
    assert not is_logged_in(client)


def test_a_new_password_is_checked_too(client):
    make_account()
    ask(client)
    enter(client, mailed_code())
    assert "too short" in choose(client, "short").content.decode()


@pytest.mark.parametrize("changed", ["email", "password"])
def test_a_change_of_address_or_password_kills_the_code(client, changed):
    maya = make_account()
    ask(client)
    enter(client, mailed_code())
    if changed == "email":
        maya.email = "new@example.org"
    else:
        maya.set_password("a third one for maya")
    maya.save()
    assert "no longer good" in choose(client).content.decode()
    log_in(client, password=OTHER_PASSWORD)
    assert not is_logged_in(client)


def test_the_code_is_good_for_ten_minutes(client):
    make_account()
    with time_machine.travel("2026-03-01T12:00Z"):
        ask(client)
    with time_machine.travel("2026-03-01T12:10:01Z"):
        assert enter(client, mailed_code())["Location"] == "/accounts/login/"


def test_it_does_not_go_round_the_second_step(client):
    maya = make_account()
    maya.authenticator_set.create(type="totp", data={"secret": "x"})
    ask(client)
    enter(client, mailed_code())
    choose(client)
    response = log_in(client, password=OTHER_PASSWORD)
    assert response["Location"] == "/accounts/2fa/authenticate/"
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "testserver:x@evil.example"},
        {"HTTP_HOST": "testserver", "HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_HOST": "localhost", "HTTP_FORWARDED": "host=evil.example"},
    ],
)
def test_no_host_of_the_request_reaches_the_mail(client, settings, headers):
    settings.SITE_URL = "https://mfr.example.org"
    ask(client, "nobody@example.org", **headers)
    for message in mail.outbox:
        html, _ = message.alternatives[0]
        assert "evil" not in message.body + html
        assert "https://mfr.example.org/accounts/signup/" in message.body
