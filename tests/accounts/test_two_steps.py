"""Two-step log-in: authenticator app, recovery codes, passkeys."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail

from tests.accounts.doors import is_logged_in, log_in, make_account, prove_it_is_you

pytestmark = pytest.mark.django_db

NOON = "2026-03-01T12:00:00Z"
A_MINUTE_LATER = "2026-03-01T12:01:00Z"
COUNTER = 1772366400 // 30  # noon, in the half minutes that apps count


def code_of_the_app(secret, later=0):
    return format_hotp_value(hotp_value(secret, COUNTER + later))


@pytest.fixture
def secret(client):
    """Maya has turned two-step log-in on; the key that her app holds."""
    make_account()
    with time_machine.travel(NOON):
        log_in(client)
        prove_it_is_you(client)
        page = client.get("/accounts/2fa/totp/activate/").content.decode()
        secret = re.search(r"<code>([A-Z2-7]+)</code>", page)[1]
        form = {"code": code_of_the_app(secret)}
        response = client.post("/accounts/2fa/totp/activate/", form)
        assert response["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def test_a_password_alone_no_longer_opens_the_account(client, secret):
    client.post("/accounts/logout/")
    with time_machine.travel(A_MINUTE_LATER):
        assert log_in(client)["Location"] == "/accounts/2fa/authenticate/"
        assert not is_logged_in(client)
        form = {"code": code_of_the_app(secret, later=2)}
        client.post("/accounts/2fa/authenticate/", form)
        assert is_logged_in(client)


def test_a_code_of_the_app_counts_once(client, secret, client_of_sam):
    form = {"code": code_of_the_app(secret, later=2)}
    with time_machine.travel(A_MINUTE_LATER):
        for browser in (client, client_of_sam):
            browser.post("/accounts/logout/")
            log_in(browser)
            browser.post("/accounts/2fa/authenticate/", form)
        assert is_logged_in(client)
        assert not is_logged_in(client_of_sam)


def test_guesses_at_the_second_step_run_out(client, secret):
    client.post("/accounts/logout/")
    with time_machine.travel(NOON):
        log_in(client)
        for _ in range(5):
            client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        form = {"code": code_of_the_app(secret)}
        page = client.post("/accounts/2fa/authenticate/", form)
    assert "Too many tries" in page.content.decode()
    assert not is_logged_in(client)


def test_a_recovery_code_works_once(client, secret):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    for expected in (True, False):
        client.post("/accounts/logout/")
        log_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_logged_in(client) is expected


def test_no_secret_is_kept_readable(client, secret):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept


def test_secrets_survive_a_new_signing_key(client, secret, settings):
    totp = Authenticator.objects.get(type="totp")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another signing key of the site"
    with time_machine.travel(NOON):
        assert totp.wrap().validate_code(code_of_the_app(secret))


def test_the_owner_is_told(client, secret, django_capture_on_commit_callbacks):
    with time_machine.travel(NOON), django_capture_on_commit_callbacks(execute=True):
        prove_it_is_you(client)
        client.post("/accounts/2fa/totp/deactivate/")
    assert "Two-step log-in, by an app, was turned off" in mail.outbox[-1].body


def test_turning_it_off_asks_who_it_is(client, secret):
    with time_machine.travel("2026-03-01T13:00Z"):
        response = client.post("/accounts/2fa/totp/deactivate/")
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
    ],
)
def test_the_pages_are_valid(client, secret, valid_html, path):
    with time_machine.travel(NOON):
        prove_it_is_you(client)
        page = client.get(path, follow=True)
    assert page.status_code == 200
    valid_html(page)


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False])
def test_a_passkey_is_offered_only_where_it_can_work(open_page, javascript):
    page = open_page("/accounts/login/", javascript=javascript)
    assert page.locator("text=Use a passkey").is_visible() is javascript


@pytest.mark.browser
def test_a_passkey_opens_the_account_by_itself(open_page, live_server):
    make_account()
    page = open_page("/accounts/login/")
    live = live_server.url.replace("127.0.0.1", "localhost")
    page.goto(f"{live}/accounts/login/")
    give_a_virtual_key(page)
    page.fill("[name=login]", "maya")
    page.fill("[name=password]", "plum harbour seldom violin")
    page.click("button:has-text('Log in')")
    page.goto(f"{live}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", "plum harbour seldom violin")
    page.click("text=Go on")
    page.check("[name=passwordless]")
    page.click("text=Add it")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{live}/accounts/logout/")
    page.click("main button")
    page.goto(f"{live}/accounts/login/")
    page.click("text=Use a passkey")
    page.wait_for_url(f"{live}/")
    page.goto(f"{live}/accounts/")
    assert page.title().startswith("Your account")


def give_a_virtual_key(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
