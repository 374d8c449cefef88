import pytest
from django.db import OperationalError


@pytest.mark.django_db
def test_it_says_ok_and_nothing_else(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Cache-Control"] == "no-store"


def test_it_fails_while_the_database_is_away(client, monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr("mfr_site.views.connection.cursor", refuse)
    client.raise_request_exception = False
    assert client.get("/healthz").status_code in {500, 503}
