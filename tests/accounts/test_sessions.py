"""Where one is logged in: allauth's list, without what it would store."""

import pytest
from allauth.usersessions.models import UserSession

from tests.accounts.doors import log_in, make_account

pytestmark = pytest.mark.django_db


def test_neither_address_nor_browser_is_stored(client):
    make_account()
    client.defaults |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Netscape 4"}
    log_in(client)
    session = UserSession.objects.get()
    assert session.ip == "::"
    assert session.user_agent == ""


def test_the_others_can_be_ended(client, client_of_sam, valid_html):
    make_account()
    log_in(client)
    log_in(client_of_sam)
    page = client.get("/accounts/sessions/")
    assert page.content.decode().count("Logged in on") == 2
    valid_html(page)
    client.post("/accounts/sessions/")
    assert client.get("/accounts/").status_code == 200
    assert client_of_sam.get("/accounts/").status_code == 302


def test_nobody_sees_those_of_another(client, client_of_sam):
    make_account()
    make_account("sam")
    log_in(client)
    log_in(client_of_sam, "sam")
    page = client.get("/accounts/sessions/").content.decode()
    assert page.count("Logged in on") == 1
    client.post("/accounts/sessions/")
    assert client_of_sam.get("/accounts/").status_code == 200
