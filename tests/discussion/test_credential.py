"""The pages on which somebody says what they are, with an account or with a post key."""

import pytest
from django.urls import reverse

from discussion.authors import new_key, remember_at_manage
from discussion.models import Credential, CredentialType
from mfr_site.http import SeeOther

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    return CredentialType.objects.create(
        name="RMT, register of British Columbia", register_url="https://example.org/"
    )


@pytest.fixture(params=["account", "key"])
def somebody(request, client, maya):
    """A member who is logged in, or a browser in which a post key was entered."""
    if request.param == "account":
        client.force_login(maya)
        return maya, reverse("discussion:credential")
    key, _ = new_key()
    response = SeeOther("/")
    remember_at_manage(response, key)
    client.cookies.update(response.cookies)
    return key, reverse("discussion:key_credential")


def send(client, where, **form):
    return client.post(where, {"title": "RMT"} | form)


def test_own_words(client, somebody, valid_html):
    holder, where = somebody
    assert send(client, where)["Location"] == where
    assert Credential.objects.held_by(holder).text == "says: “RMT” (not checked)"
    page = client.get(where)
    assert "says: “RMT” (not checked)" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    valid_html(page)


def test_asking_an_editor(client, somebody, register):
    holder, where = somebody
    send(client, where, type=register.pk, number="123")
    held = Credential.objects.held_by(holder)
    assert held.asked_at
    assert "An editor will look you up" in client.get(where).content.decode()


def test_an_editor_needs_something_to_look_up(client, somebody, register):
    holder, where = somebody
    page = send(client, where, type=register.pk)
    assert "An editor needs" in page.content.decode()
    assert Credential.objects.held_by(holder) is None


@pytest.mark.parametrize(
    "title",
    ["", "x" * 61, "R\u200bMT", "123", "RМТ"],  # noqa: RUF001
)
def test_words_that_mislead_are_refused(client, somebody, title):
    holder, where = somebody
    assert send(client, where, title=title).status_code == 200
    assert Credential.objects.held_by(holder) is None


def test_taking_it_off(client, somebody):
    holder, where = somebody
    send(client, where)
    assert client.get(f"{where}off/").status_code == 405
    assert client.post(f"{where}off/")["Location"] == where
    assert Credential.objects.held_by(holder) is None
    client.post(f"{where}off/")


def test_five_changes_a_day(client, somebody):
    holder, where = somebody
    for number in range(6):
        page = send(client, where, title=f"RMT {number}")
    assert "Please try again in" in page.content.decode()
    assert Credential.objects.held_by(holder).title == "RMT 4"


def test_no_level_can_be_asked_for(client, somebody):
    holder, where = somebody
    send(client, where, level="register", checked_on="2026-01-01")
    assert Credential.objects.held_by(holder).level == "claim"


@pytest.mark.parametrize("name", ["credential", "key_credential"])
@pytest.mark.parametrize("way", ["", "off/"])
def test_strangers_are_led_to_the_door(client, name, way):
    response = client.post(reverse(f"discussion:{name}") + way, {"title": "RMT"})
    assert response.status_code in {302, 303}
    assert not Credential.objects.exists()


def test_nobody_touches_what_another_shows(client, somebody, sam):
    _, where = somebody
    theirs = Credential.objects.show(sam, "Nurse")
    client.post(f"{where}off/")
    send(client, where, title="Other")
    theirs.refresh_from_db()
    assert (theirs.title, theirs.ended_at) == ("Nurse", None)
