import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError

from accounts.forms import SignupForm
from accounts.models import RetiredName, User
from tests.accounts.doors import (
    PASSWORD,
    is_logged_in,
    log_in,
    mailed_code,
    make_account,
    sign_up,
)

pytestmark = pytest.mark.django_db


def test_a_code_opens_the_account(client):
    response = sign_up(client)
    assert response["Location"] == "/accounts/confirm-email/"
    assert not is_logged_in(client)
    code = mailed_code(to="nora@example.org")
    response = client.post("/accounts/confirm-email/", {"code": code})
    assert response["Location"] == "/"
    assert is_logged_in(client)
    assert EmailAddress.objects.get(user__username="nora").verified


def test_the_code_is_taken_in_small_letters_and_without_the_dash(client):
    sign_up(client)
    code = mailed_code().lower().replace("-", "")
    client.post("/accounts/confirm-email/", {"code": code})
    assert is_logged_in(client)


def test_a_code_is_good_only_in_the_browser_that_asked(client, client_of_sam):
    sign_up(client)
    sign_up(client_of_sam, "sam", "sam@example.org")
    client.post("/accounts/confirm-email/", {"code": mailed_code(to="sam@example.org")})
    assert not is_logged_in(client)


def test_the_third_wrong_code_ends_it(client):
    sign_up(client)
    code = mailed_code()
    for _ in range(3):
        client.post("/accounts/confirm-email/", {"code": "WRNG-CODE"})
    client.post("/accounts/confirm-email/", {"code": code})
    assert not is_logged_in(client)


def test_another_code_can_be_had_and_only_the_newest_counts(client):
    sign_up(client)
    first = mailed_code()
    client.post("/accounts/confirm-email/", {"action": "resend"})
    second = mailed_code()
    assert first != second
    client.post("/accounts/confirm-email/", {"code": first})
    assert not is_logged_in(client)
    client.post("/accounts/confirm-email/", {"code": second})
    assert is_logged_in(client)


def test_the_mail_carries_no_word_of_who_asked(client):
    """Else anybody could have us send their words to strangers (DESIGN §5, Mail)."""
    sign_up(client, "Buy-pills-now", "victim@example.org")
    message = mail.outbox[0]
    html, _ = message.alternatives[0]
    for text in (message.subject, message.body, html):
        assert "pills" not in text.lower()


def test_an_address_that_has_an_account_gets_a_notice_instead(client):
    make_account("maya")
    response = sign_up(client, "nora", "maya@example.org")
    assert response["Location"] == "/accounts/confirm-email/"
    assert mail.outbox[0].subject.startswith("You already have an account")
    assert not User.objects.filter(username="nora").exists()


def test_the_name_is_gone_for_a_while_in_both_cases(client):
    """Or a second try with the name would tell that the address was known."""
    make_account("maya")
    sign_up(client, "nora", "maya@example.org")
    client.logout()
    page = sign_up(client, "Nora", "elsewhere@example.org")
    assert "This name is taken" in page.content.decode()


def test_a_held_name_is_free_again_after_a_week(client):
    with time_machine.travel("2026-03-01T12:00Z"):
        RetiredName.objects.hold("nora")
    with time_machine.travel("2026-03-08T12:01Z"):
        assert sign_up(client).status_code == 302


def test_a_known_address_costs_a_hash_too(client, monkeypatch):
    make_account("maya")
    hashed = []
    monkeypatch.setattr("accounts.forms.make_password", hashed.append)
    sign_up(client, "nora", "maya@example.org")
    assert hashed == [PASSWORD]


def test_an_unconfirmed_account_does_not_open(client):
    """It could be told from one that was never made, because the address was known."""
    sign_up(client)
    client.logout()
    page = log_in(client, "nora")
    assert "do not belong together" in page.content.decode()
    assert not is_logged_in(client)


def test_an_unconfirmed_account_opens_by_a_new_password(client):
    sign_up(client)
    client.logout()
    client.post("/accounts/password/reset/", {"email": "nora@example.org"})
    client.post("/accounts/password/reset/confirm/", {"code": mailed_code()})
    new = {"password1": PASSWORD + "!"}
    client.post("/accounts/password/reset/complete/", new)
    log_in(client, "nora", PASSWORD + "!")
    assert is_logged_in(client)


@pytest.mark.parametrize("race", ["name", "address"])
def test_two_at_once_do_not_break_it(client, monkeypatch, race):
    """Somebody takes the name or the address between the check and the save (A33)."""
    taken = {
        "name": ("nora", "x@example.org"),
        "address": ("xenia", "nora@example.org"),
    }

    save_or_pretend = SignupForm._save_or_pretend

    def lose(form, request):
        monkeypatch.setattr(SignupForm, "_save_or_pretend", save_or_pretend)
        raise IntegrityError

    def check(form, original=SignupForm.full_clean):
        original(form)
        username, email = taken[race]
        make_account(username, email=email)

    monkeypatch.setattr(SignupForm, "_save_or_pretend", lose)
    monkeypatch.setattr(SignupForm, "full_clean", check)
    response = sign_up(client)
    where = {"name": "/accounts/signup/", "address": "/accounts/confirm-email/"}
    assert response["Location"] == where[race]
    assert User.objects.count() == 1


def test_who_fills_the_trap_makes_no_account(client):
    response = sign_up(client, website="http://example.org")
    assert response["Location"] == "/accounts/confirm-email/"
    assert not User.objects.exists()
    assert mail.outbox == []


def test_the_trap_is_hidden_without_inline_style(client):
    page = client.get("/accounts/signup/").content.decode()
    assert 'class="trap"' in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("elevenchars", "too short"),
        ("123456789012", "lists that thieves try"),
        ("nora@example.org", "too similar"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason(client, password, sentence):
    page = sign_up(client, password1=password).content.decode()
    assert sentence in page
    assert not User.objects.exists()


def test_a_role_cannot_be_asked_for(client):
    sign_up(client, is_staff="on", is_superuser="on", trusted_at="2020-01-01")
    user = User.objects.get(username="nora")
    assert not user.is_staff
    assert not user.is_superuser
    assert user.trusted_at is None
