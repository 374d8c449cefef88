import pytest
from django.core import mail

from tests.accounts.doors import (
    OTHER_PASSWORD,
    PASSWORD,
    is_logged_in,
    log_in,
    make_account,
)

pytestmark = pytest.mark.django_db


def change(client, old=PASSWORD, new=OTHER_PASSWORD):
    form = {"oldpassword": old, "password1": new}
    return client.post("/accounts/password/change/", form)


def test_the_old_one_is_needed(client, valid_html):
    make_account()
    log_in(client)
    page = change(client, old="not this one at all")
    assert "This is not your password" in page.content.decode()
    valid_html(page)


def test_others_are_logged_out_this_device_is_not_and_the_owner_is_told(
    client, client_of_sam
):
    make_account()
    log_in(client)
    log_in(client_of_sam)
    assert change(client).status_code == 302
    assert client.get("/accounts/").status_code == 200
    assert client_of_sam.get("/accounts/").status_code == 302
    assert mail.outbox[-1].to == ["maya@example.org"]
    assert "password of your account was changed" in mail.outbox[-1].body


def test_the_new_one_works(client):
    make_account()
    log_in(client)
    change(client)
    client.logout()
    log_in(client, password=OTHER_PASSWORD)
    assert is_logged_in(client)


def test_only_for_members(client):
    assert change(client)["Location"].startswith("/accounts/login/")
