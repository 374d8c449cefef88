import pytest

from tests.accounts.doors import log_in, make_account

pytestmark = pytest.mark.django_db


def test_a_guest_is_asked_to_log_in(client):
    assert client.get("/accounts/")["Location"] == "/accounts/login/?next=/accounts/"


def test_it_leads_to_every_page_of_the_account(client, valid_html):
    make_account()
    log_in(client)
    response = client.get("/accounts/")
    assert response["Cache-Control"] == "private, no-store"
    page = response.content.decode()
    for path in ("profile", "email", "password/change", "2fa", "sessions"):
        assert f'href="/accounts/{path}/"' in page
    valid_html(response)
