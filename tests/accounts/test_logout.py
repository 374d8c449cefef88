import pytest

from tests.accounts.doors import is_logged_in, log_in, make_account

pytestmark = pytest.mark.django_db


def test_a_click_on_the_link_alone_does_nothing(client, valid_html):
    make_account()
    log_in(client)
    page = client.get("/accounts/logout/")
    valid_html(page)
    assert is_logged_in(client)


def test_it_clears_what_the_next_person_could_find(client):
    make_account()
    log_in(client)
    response = client.post("/accounts/logout/")
    assert response["Location"] == "/accounts/logout/"
    assert response["Clear-Site-Data"] == '"storage"'
    assert not is_logged_in(client)


def test_who_is_out_is_told_so(client, valid_html):
    make_account()
    log_in(client)
    page = client.post("/accounts/logout/", follow=True)
    valid_html(page)
    assert "<h1>You are logged out</h1>" in page.content.decode()
    assert "private" in page["Cache-Control"]
    log_in(client)
    assert "You are logged out" not in client.get("/accounts/logout/").content.decode()


def test_the_old_session_is_dead(client):
    make_account()
    log_in(client)
    old = client.cookies["session"].value
    client.post("/accounts/logout/")
    client.cookies["session"] = old
    assert client.get("/accounts/").status_code == 302
