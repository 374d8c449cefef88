import pytest
from django.contrib.auth.hashers import check_password

from tests.accounts.doors import PASSWORD, is_logged_in, log_in, make_account

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "///evil.example",
    "\x08//evil.example",
    " https://evil.example",
    "https://testserver@evil.example",
    "http://localhost:9/",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("login", ["maya", "MAYA", "m-aya", "maya@example.org"])
def test_by_name_or_address_in_any_case(client, login):
    make_account()
    assert log_in(client, login)["Location"] == "/"
    assert is_logged_in(client)


def test_by_an_address_in_capitals(client):
    make_account()
    log_in(client, "MAYA@EXAMPLE.ORG")
    assert is_logged_in(client)


def test_a_wrong_password_is_said_kindly_and_opens_nothing(client, valid_html):
    make_account()
    page = log_in(client, password="something else entirely")
    assert page.status_code == 200
    assert "do not belong together" in page.content.decode()
    valid_html(page)
    assert not is_logged_in(client)


@pytest.mark.parametrize(
    "login", ["maya", "maya@example.org", "nobody", "x@example.org"]
)
def test_a_wrong_password_is_hashed_once_whether_the_login_is_known_or_not(
    client, monkeypatch, login
):
    """allauth alone hashes twice for an address that is known (TRUST A10)."""
    make_account()
    hashed = []
    monkeypatch.setattr(
        "django.contrib.auth.base_user.check_password",
        lambda *args, **kw: hashed.append("checked") or check_password(*args, **kw),
    )
    monkeypatch.setattr(
        "django.contrib.auth.base_user.make_password",
        lambda *args: hashed.append("made") or "",
    )
    log_in(client, login, "something else entirely")
    assert len(hashed) == 1


def test_the_session_has_a_new_key(client):
    make_account()
    client.get("/accounts/login/")
    client.post("/accounts/login/code/", {"email": "maya@example.org"})
    before = client.session.session_key
    client.cookies["session"] = before
    client.post("/accounts/logout/")
    log_in(client)
    assert is_logged_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize("next_url", ELSEWHERE)
@pytest.mark.parametrize("door", ["login", "logout", "signup", "reauthenticate"])
def test_no_redirect_leaves_the_site(client, door, next_url):
    make_account()
    if door in {"logout", "reauthenticate"}:
        log_in(client)
    form = {"login": "maya", "password": PASSWORD, "next": next_url}
    response = client.post(f"/accounts/{door}/", form)
    assert "evil" not in response.get("Location", "")
    assert "localhost:9" not in response.get("Location", "")


def test_the_way_on_is_kept(client):
    make_account()
    form = {"login": "maya", "password": PASSWORD, "next": "/articles/?after=3"}
    assert client.post("/accounts/login/", form)["Location"] == "/articles/?after=3"


def test_staying_logged_in_is_asked_for(client):
    make_account()
    log_in(client)
    assert client.session.get_expire_at_browser_close()
    client.post("/accounts/logout/")
    form = {"login": "maya", "password": PASSWORD, "remember": "on"}
    client.post("/accounts/login/", form)
    assert not client.session.get_expire_at_browser_close()


def test_a_closed_account_is_told_so_to_its_owner_only(client):
    make_account(is_active=False)
    wrong = log_in(client, password="something else entirely")
    assert "do not belong together" in wrong.content.decode()
    response = log_in(client)
    assert response["Location"] == "/accounts/inactive/"
    assert not is_logged_in(client)


def test_the_page_is_for_this_person_alone(client, valid_html):
    page = client.get("/accounts/login/")
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page.content.decode()
    valid_html(page)


def test_admin_uses_the_same_door(client):
    response = client.get("/admin/")
    assert response["Location"].startswith("/admin/login/")
    response = client.get(response["Location"])
    assert response["Location"].startswith("/accounts/login/?next=")
    response = client.post("/admin/login/", {"username": "maya", "password": PASSWORD})
    assert response["Location"].startswith("/accounts/login/")
