"""Accounts in a browser, for everybody who has to use them."""

import pytest

from tests.accounts.doors import PASSWORD, make_account
from tests.browser import on_two_screens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DOORS = ["login/", "signup/", "password/reset/", "login/code/"]
ROOMS = [
    "",
    "profile/",
    "mail/",
    "credential/",
    "sessions/",
    "password/change/",
    "email/",
    "data/",
    "2fa/",
    "2fa/totp/activate/",
    "logout/",
]


@pytest.fixture
def good_for_everybody(axe):
    def check(page, width):
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    return check


@pytest.mark.parametrize("door", DOORS)
def test_everybody_can_use_the_doors(open_page, good_for_everybody, door):
    for page, width in on_two_screens(open_page, f"/accounts/{door}"):
        good_for_everybody(page, width)


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_everybody_can_use_their_account(open_page, good_for_everybody, width, dark):
    make_account("maya")
    page = open_page("/accounts/login/", width=width, dark=dark)
    page.fill("[name=login]", "maya")
    page.fill("[name=password]", PASSWORD)
    page.click("main form >> text=Log in")
    for room in ROOMS:
        page.goto(f"/accounts/{room}")
        good_for_everybody(page, width)
    page.goto("/accounts/profile/")
    page.click("text=Save")
    assert page.inner_text("[role=status]")
    good_for_everybody(page, width)
