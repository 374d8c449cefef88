"""How often one may knock: guesses, mails and new accounts, from one place or many."""

from itertools import cycle, islice

import pytest
from django.core import mail
from django.test import Client

from tests.accounts.doors import (
    PASSWORD,
    is_logged_in,
    log_in,
    make_account,
    prove_it_is_you,
    sign_up,
)

pytestmark = pytest.mark.django_db

WRONG = "something else entirely"


def client_at(number):
    """A browser in a network of its own."""
    return Client(REMOTE_ADDR=f"198.18.{number // 250}.{number % 250 + 1}")


@pytest.fixture
def hashed(monkeypatch):
    """Every password that is hashed, right or wrong."""
    counted = []
    for name in ("check_password", "make_password"):
        real = getattr(__import__("django.contrib.auth.hashers", fromlist=[name]), name)

        def count(password, *args, real=real, **kwargs):
            counted.append(password)
            return real(password, *args, **kwargs)

        monkeypatch.setattr(f"django.contrib.auth.base_user.{name}", count)
    return counted


def test_after_five_wrong_tries_no_password_is_hashed(client, hashed):
    make_account()
    hashed.clear()
    for _ in range(5):
        log_in(client, password=WRONG)
    assert len(hashed) == 5
    page = log_in(client)
    assert len(hashed) == 5
    assert page.status_code == 200
    assert "Too many tries" in page.content.decode()
    assert not is_logged_in(client)


def test_right_tries_do_not_count(client):
    make_account()
    for _ in range(12):
        log_in(client)
        assert is_logged_in(client)
        client.post("/accounts/logout/")
        client.cookies.clear()


@pytest.mark.parametrize("login", ["nobody", "nobody@example.org"])
def test_an_unknown_login_is_refused_after_as_many_tries(client, hashed, login):
    for _ in range(6):
        page = log_in(client, login, WRONG)
    assert "Too many tries" in page.content.decode()
    assert len(hashed) == 5


def test_another_spelling_of_the_name_has_no_tries_of_its_own(hashed):
    make_account("maya-b")
    hashed.clear()
    for number, name in enumerate(islice(cycle(["maya-b", "MAYA.B", "Maya_b"]), 9)):
        log_in(client_at(number), name, WRONG)
    assert len(hashed) == 5


def test_name_and_address_have_tries_of_their_own(hashed):
    """One budget for both would tell that they belong together."""
    make_account()
    hashed.clear()
    for number in range(5):
        log_in(client_at(number), "maya", WRONG)
    page = log_in(client_at(9), "maya@example.org", WRONG)
    assert "do not belong together" in page.content.decode()


def test_one_network_has_ten_tries_a_minute(hashed):
    clients = [Client(REMOTE_ADDR="203.0.113.7") for _ in range(12)]
    for number, browser in enumerate(clients):
        log_in(browser, f"somebody{number}", WRONG)
    assert len(hashed) == 10


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP"]
)
def test_a_made_up_address_does_not_help(client, hashed, header):
    for number in range(12):
        log_in(Client(**{header: f"198.18.0.{number}"}), f"somebody{number}", WRONG)
    assert len(hashed) == 10


def test_behind_our_proxy_what_the_client_says_of_itself_does_not_count(
    hashed, settings
):
    settings.TRUSTED_PROXY_COUNT = 1
    for number in range(12):
        seen = f"198.18.0.{number}, 203.0.113.7"
        log_in(Client(HTTP_X_FORWARDED_FOR=seen), f"somebody{number}", WRONG)
    assert len(hashed) == 10


def test_the_owner_gets_in_while_a_hundred_networks_guess(client, hashed):
    make_account()
    log_in(client)
    client.post("/accounts/logout/")
    hashed.clear()
    for number in range(100):
        log_in(client_at(number), password=WRONG)
    assert len(hashed) == 5
    log_in(client)
    assert is_logged_in(client)


def test_a_known_device_is_known_for_its_own_account_alone(client, hashed):
    make_account()
    make_account("sam")
    log_in(client)
    client.post("/accounts/logout/")
    for number in range(5):
        log_in(client_at(number), "sam", WRONG)
    page = log_in(client, "sam")
    assert "Too many tries" in page.content.decode()


def test_guesses_on_a_known_device_run_out_too(client, hashed):
    make_account()
    log_in(client)
    client.post("/accounts/logout/")
    hashed.clear()
    for _ in range(7):
        log_in(client, password=WRONG)
    assert len(hashed) == 5


def test_a_known_device_is_forgotten_with_the_password(client):
    maya = make_account()
    log_in(client)
    client.post("/accounts/logout/")
    maya.set_password("a third one for maya")
    maya.save()
    for number in range(5):
        log_in(client_at(number), password=WRONG)
    page = log_in(client, password="a third one for maya")
    assert "Too many tries" in page.content.decode()


def test_the_device_cookie_goes_to_the_account_pages_only_and_names_nobody(client):
    make_account()
    cookie = log_in(client).cookies["known-device"]
    assert cookie["path"] == "/accounts/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "maya" not in cookie.value
    # Something drawn, and what proves it together with the right name.
    drawn, _, proof = cookie.value.partition(".")
    assert len(drawn) == 16
    assert len(proof) == 40
    assert drawn != log_in(Client()).cookies["known-device"].value.partition(".")[0]


def test_guessing_while_logged_in_counts_as_guessing(client, hashed):
    make_account()
    log_in(client)
    hashed.clear()
    for _ in range(8):
        client.post("/accounts/reauthenticate/", {"password": WRONG})
    prove_it_is_you(client)
    assert PASSWORD not in hashed


MAIL_DOORS = {
    "/accounts/password/reset/": {},
    "/accounts/login/code/": {},
    "/accounts/signup/": {"password1": PASSWORD},
}
SPELLINGS = ["maya@example.org", "MAYA@example.org", "m.aya@example.org"]


@pytest.mark.parametrize("door", MAIL_DOORS)
@pytest.mark.parametrize("known", [True, False])
def test_nobody_can_fill_a_mailbox(door, known):
    """From sixty networks, in many spellings: five mails a day (TRUST A34)."""
    if known:
        make_account()
    answers = set()
    for number in range(60):
        spelling = SPELLINGS[number % 3].replace("@", f"+{number}@")
        form = MAIL_DOORS[door] | {
            "email": spelling if number % 2 else "maya@example.org",
            "username": f"somebody{number}",
        }
        response = client_at(number).post(door, form)
        answers.add((response.status_code, response["Location"]))
    assert len(answers) == 1
    assert len(mail.outbox) <= 5


def test_the_owner_still_gets_a_code_while_others_ask_for_theirs(client):
    make_account()
    log_in(client)
    client.post("/accounts/logout/")
    for number in range(20):
        client_at(number).post("/accounts/login/code/", {"email": "maya@example.org"})
    mail.outbox.clear()
    client.post("/accounts/login/code/", {"email": "maya@example.org"})
    assert len(mail.outbox) == 1


def test_one_network_cannot_have_mail_sent_to_everybody(client):
    for number in range(30):
        browser = Client(REMOTE_ADDR="203.0.113.7")
        browser.post("/accounts/login/code/", {"email": f"x{number}@example.org"})
    assert len(mail.outbox) == 10


def test_one_network_makes_five_accounts_an_hour(valid_html):
    for number in range(6):
        browser = Client(REMOTE_ADDR="203.0.113.7")
        page = sign_up(browser, f"somebody{number}", f"x{number}@example.org")
    assert page.status_code == 200
    assert "Please try again in" in page.content.decode()
    assert 'value="somebody5"' in page.content.decode()
    valid_html(page)
