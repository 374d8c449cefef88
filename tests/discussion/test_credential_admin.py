"""An editor looks somebody up and decides; one decision is one act."""

import pytest

from discussion.authors import new_key
from discussion.models import Credential, CredentialType
from mfr_site.newsroom.rights import grant

pytestmark = pytest.mark.django_db

LIST = "/admin/discussion/credential/"


@pytest.fixture
def register():
    return CredentialType.objects.create(
        name="RMT, register of British Columbia", register_url="https://example.org/"
    )


@pytest.fixture
def editor(client, edda):
    grant()
    client.force_login(edda)
    return edda


@pytest.fixture
def asked(maya, register):
    return Credential.objects.show(maya, "RMT", register, "", "No. 123")


def decide(client, credential, decision, *, answer="", register=None):
    form = {"decision": decision, "answer": answer}
    if register:
        form["type"] = register.pk
    return client.post(f"{LIST}{credential.pk}/change/", form)


def test_the_desk_shows_who_waits(client, editor, asked):
    page = client.get("/admin/").content.decode()
    assert f"{LIST}{asked.pk}/change/" in page
    waiting = client.get(f"{LIST}?waiting=yes").content.decode()
    assert "1 credential" in waiting


def test_the_editor_sees_what_to_look_up_and_who_else_has_it(
    client, editor, asked, sam, register
):
    Credential.objects.show(sam, "RMT", register, "", "no 123")
    page = client.get(f"{LIST}{asked.pk}/change/").content.decode()
    assert "No. 123" in page
    assert "Sam Stranger" in page


def test_of_a_key_the_editor_sees_no_name(client, editor, register):
    key, _ = new_key()
    held = Credential.objects.show(key, "RMT", register, "", "9")
    page = client.get(f"{LIST}{held.pk}/change/").content.decode()
    assert f"Post key {key.pk}" in page


def test_confirming(client, editor, asked, register):
    decide(client, asked, "confirm", register=register)
    asked.refresh_from_db()
    assert asked.level == "register"
    assert asked.answered_by == editor
    assert asked.proof_number == ""


@pytest.mark.parametrize("decision", ["refuse", "withdraw"])
def test_a_no_needs_a_reason(client, editor, asked, decision):
    decide(client, asked, decision)
    asked.refresh_from_db()
    assert asked.asked_at
    decide(client, asked, decision, answer="Not on the register.")
    asked.refresh_from_db()
    assert asked.asked_at is None
    assert asked.answer == "Not on the register."


def test_confirming_needs_a_register(client, editor, maya):
    claim = Credential.objects.show(maya, "RMT")
    decide(client, claim, "confirm")
    claim.refresh_from_db()
    assert claim.level == "claim"


def test_a_reviewer_of_this_site(client, editor, asked):
    decide(client, asked, "reviewer")
    asked.refresh_from_db()
    assert asked.text.startswith("Reviewer for this site, since ")


def test_nobody_looks_themselves_up(client, editor, register):
    own = Credential.objects.show(editor, "RMT", register, "", "5")
    decide(client, own, "confirm", register=register)
    own.refresh_from_db()
    assert own.level == "claim"


@pytest.mark.parametrize("way", ["add/", "{}/delete/"])
def test_none_is_made_or_deleted_here(client, editor, asked, way):
    assert client.get(LIST + way.format(asked.pk)).status_code == 403


def test_a_member_has_no_business_here(client, asked, sam):
    client.force_login(sam)
    response = decide(client, asked, "confirm")
    assert response.status_code in {302, 403}
    asked.refresh_from_db()
    assert asked.level == "claim"


def test_registers_are_kept_by_editors(client, editor):
    form = {"name": "Nurse", "register_url": "https://example.org/n", "position": "1"}
    client.post("/admin/discussion/credentialtype/add/", form)
    assert CredentialType.objects.get(name="Nurse").is_reserved is False
