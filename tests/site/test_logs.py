"""What is written when something fails: where and what kind, never whose words."""

import logging

import pytest
from django.core import mail
from django.test import Client

from mfr_site.logs import ErrorMail, WithoutWords

WORDS = "my hip hurts since the birth of Ana"
SECRETS = [WORDS, "Ana", "203.0.113.9", "Netscape", "cookie-value", "nora@example.org"]


@pytest.fixture
def written(caplog):
    """The lines that our formatter makes of what was logged."""
    return lambda: "\n".join(map(WithoutWords().format, caplog.records))


@pytest.fixture
def failing(monkeypatch):
    """A page that fails over what was typed into it."""

    def fail(form, request):
        try:
            raise ValueError(f"cannot store {form.cleaned_data}")
        except ValueError as error:
            raise RuntimeError(form.cleaned_data["username"]) from error

    monkeypatch.setattr("accounts.forms.SignupForm._save_or_pretend", fail)


def sign_up_and_fail():
    browser = Client(
        raise_request_exception=False,
        REMOTE_ADDR="203.0.113.9",
        HTTP_USER_AGENT="Netscape 4",
        HTTP_REFERER=f"http://testserver/?q={WORDS}",
    )
    browser.cookies["theme"] = "cookie-value"
    form = {
        "username": "Ana",
        "email": "nora@example.org",
        "password1": WORDS,
    }
    return browser.post("/accounts/signup/", form)


@pytest.mark.django_db
def test_a_failure_is_logged_without_words(failing, written):
    assert sign_up_and_fail().status_code == 500
    lines = written()
    assert "500 POST accounts/signup/" in lines
    assert "RuntimeError" in lines
    assert "ValueError" in lines
    assert "accounts/forms.py" in lines
    for secret in SECRETS:
        assert secret not in lines


@pytest.mark.django_db
def test_a_failure_is_mailed_without_words(failing, settings, caplog):
    settings.ERROR_MAIL = ["ops@example.org"]
    handler = ErrorMail()
    handler.setFormatter(WithoutWords())
    logging.getLogger("django.request").addHandler(handler)
    try:
        for _ in range(12):
            sign_up_and_fail()
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert len(mail.outbox) == 10
    message = mail.outbox[0]
    whole = str(message.message())
    assert message.to == ["ops@example.org"]
    assert "RuntimeError" in whole
    for secret in SECRETS:
        assert secret not in whole


def test_no_visitor_can_write_a_line_of_their_own(written, caplog):
    logging.getLogger("any").warning("said %s", "one\nERROR two\r\x1b[31mred\x9b")
    assert written() == ("WARNING any: said one\\x0aERROR two\\x0d\\x1b[31mred\\x9b")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/unsubscribe/very-secret-token/", "/nothing/"])
def test_a_page_that_is_not_there_is_not_logged(client, caplog, path):
    client.get(path)
    assert "secret" not in caplog.text
    assert caplog.records == []


def test_an_unknown_host_is_not_logged(settings):
    """Anybody could fill the log, and with words of theirs."""
    quiet = settings.LOGGING["loggers"]["django.security.DisallowedHost"]
    assert quiet == {"handlers": [], "propagate": False}
