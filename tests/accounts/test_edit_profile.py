import pytest

from tests.accounts.doors import log_in, make_account

pytestmark = pytest.mark.django_db


def save(client, **fields):
    form = {"display_name": "Maya M.", "bio": "I ask a lot."} | fields
    return client.post("/accounts/profile/", form)


def test_name_and_bio(client):
    maya = make_account()
    log_in(client)
    assert save(client)["Location"] == "/members/maya/"
    maya.refresh_from_db()
    assert (maya.public_name, maya.bio) == ("Maya M.", "I ask a lot.")


def test_a_guest_is_asked_to_log_in(client):
    assert save(client)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ["May\u200ba", "\u202eayaM", "...", "x" * 51])
def test_a_name_that_misleads_is_refused(client, valid_html, name):
    maya = make_account()
    log_in(client)
    page = save(client, display_name=name)
    assert page.status_code == 200
    valid_html(page)
    maya.refresh_from_db()
    assert maya.display_name == ""


def test_no_other_field_can_be_changed(client):
    maya = make_account()
    log_in(client)
    save(client, username="root", is_staff="on", email="x@example.org")
    maya.refresh_from_db()
    assert (maya.username, maya.is_staff, maya.email) == (
        "maya",
        False,
        "maya@example.org",
    )
