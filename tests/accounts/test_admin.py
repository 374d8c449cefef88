"""What editors and superusers may do to members, and what they may not see."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from accounts.models import User
from tests.accounts.doors import is_logged_in, log_in, make_account

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def maya():
    return make_account()


@pytest.fixture
def edda(client):
    """An editor, logged in: she may see and change members."""
    edda = make_account("edda", is_staff=True)
    names = ["view_user", "change_user"]
    edda.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(edda)
    return edda


@pytest.fixture
def ada(client):
    """A superuser, logged in."""
    ada = make_account("ada", is_staff=True, is_superuser=True)
    client.force_login(ada)
    return ada


def page_of(member):
    return f"{LIST}{member.pk}/change/"


def act(client, name, *members):
    form = {"action": name, "_selected_action": [member.pk for member in members]}
    return client.post(LIST, form)


def test_an_editor_sees_no_address(client, edda, maya):
    for path in (LIST, page_of(maya), f"{LIST}?q=maya"):
        assert "maya@example.org" not in client.get(path).content.decode()


def test_an_address_finds_nobody(client, edda, maya):
    found = client.get(f"{LIST}?q=maya@example.org").content.decode()
    assert "0 members" in found


@pytest.mark.parametrize(
    "field", ["email__startswith", "password__startswith", "emailaddress__email"]
)
def test_the_list_cannot_be_filtered_by_what_is_private(client, edda, maya, field):
    assert client.get(f"{LIST}?{field}=maya").status_code == 400


def test_an_editor_cannot_make_herself_or_others_more(client, edda, maya):
    form = {
        "display_name": "M.",
        "bio": "",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "email": "edda@example.org",
        "username": "root",
        "password": "x",
    }
    client.post(page_of(maya), form)
    maya.refresh_from_db()
    assert maya.display_name == "M."
    assert (maya.is_staff, maya.is_superuser) == (False, False)
    assert (maya.username, maya.email) == ("maya", "maya@example.org")


def test_an_editor_cannot_change_an_editor(client, edda):
    other = make_account("otto", is_staff=True)
    for member in (other, edda):
        client.post(page_of(member), {"display_name": "New", "is_active": ""})
        member.refresh_from_db()
        assert (member.display_name, member.is_active) == ("", True)
    act(client, "silence", other)
    other.refresh_from_db()
    assert other.silenced_at is None


def test_an_editor_silences_and_trusts(client, edda, maya):
    act(client, "silence", maya)
    maya.refresh_from_db()
    assert maya.silenced_at
    act(client, "let_speak", maya)
    act(client, "trust", maya)
    maya.refresh_from_db()
    assert maya.silenced_at is None
    assert maya.trusted_at


@pytest.mark.parametrize("name", ["log_out_everywhere", "second_step_off"])
def test_an_editor_does_not_touch_how_somebody_logs_in(
    client, edda, maya, client_of_sam, name
):
    log_in(client_of_sam)
    maya.authenticator_set.create(type="totp", data={})
    act(client, name, maya)
    assert is_logged_in(client_of_sam)
    assert maya.authenticator_set.exists()


def test_a_superuser_ends_sessions(client, ada, maya, client_of_sam):
    log_in(client_of_sam)
    act(client, "log_out_everywhere", maya)
    assert client_of_sam.get("/accounts/").status_code == 302


def test_a_superuser_helps_who_lost_the_phone_and_the_owner_is_told(client, ada, maya):
    maya.authenticator_set.create(type="totp", data={})
    act(client, "second_step_off", maya)
    assert not maya.authenticator_set.exists()
    assert mail.outbox[-1].to == ["maya@example.org"]


def test_a_closed_account_is_out_at_once(client, edda, maya, client_of_sam):
    log_in(client_of_sam)
    client.post(page_of(maya), {"display_name": "", "bio": "", "is_active": ""})
    assert client_of_sam.get("/accounts/").status_code == 302


def test_an_address_changed_by_a_superuser_ends_the_old_one(client, ada, maya):
    form = {
        "username": "maya",
        "display_name": "",
        "bio": "",
        "is_active": "on",
        "email": "new@example.org",
    }
    client.post(page_of(maya), form)
    maya.refresh_from_db()
    assert maya.email == "new@example.org"
    assert not maya.emailaddress_set.filter(email="maya@example.org").exists()


def test_a_name_that_looks_like_a_taken_one_is_said(client, ada, maya):
    make_account("sam")
    form = {"username": "s-a-m", "display_name": "", "bio": "", "email": maya.email}
    page = client.post(page_of(maya), form)
    assert "This name is taken" in page.content.decode()


@pytest.mark.parametrize("way", ["add/", "{}/delete/", "{}/password/"])
def test_nobody_is_made_deleted_or_given_a_password_here(client, ada, maya, way):
    assert client.get(LIST + way.format(maya.pk)).status_code in {302, 403, 404}
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["account/emailaddress/", "mfa/authenticator/", "usersessions/usersession/"]
)
def test_the_pages_that_show_secrets_are_not_there(client, ada, path):
    assert client.get(f"/admin/{path}").status_code == 404
