"""While the database is away: nothing that was sent is lost, and what is kept goes on."""

import re
from html import unescape

import pytest
from django.db import InterfaceError, OperationalError

from tests.make import make_article

pytestmark = pytest.mark.django_db
TEXT = "It <helped> me.\n\nSlowly, & not at once."


@pytest.fixture
def client(client):
    client.raise_request_exception = False
    return client


@pytest.fixture(params=[OperationalError, InterfaceError])
def away(request, monkeypatch):
    """`away()`: from now on, no query is answered."""

    def refuse(*args, **kwargs):
        raise request.param

    return lambda: monkeypatch.setattr(
        "django.db.models.sql.compiler.SQLCompiler.execute_sql", refuse
    )


def fields(page):
    """What the page's form would send."""
    text = r'<textarea id="text-\d" name="(\w+)"[^>]*>\n(.*?)</textarea>'
    hidden = r'<input type="hidden" name="(\w+)" value="(.*?)">'
    found = [*re.findall(text, page, re.DOTALL), *re.findall(hidden, page)]
    return {name: unescape(value) for name, value in found}


def test_a_post_is_given_back_whole_in_a_form_that_sends_it_again(
    client, away, valid_html
):
    article = make_article("fascia")
    path = f"{article.get_absolute_url()}posts/"
    sent = {"body": TEXT, "as": "anonymous", "token": "abc", "reply": "3"}
    away()
    answer = client.post(path, {**sent, "password": "a secret"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer["Cache-Control"] == "private, no-store"
    page = answer.content.decode()
    assert fields(page) == sent
    assert f'<form id="again" method="post" action="{path}">' in page
    assert "a secret" not in page
    valid_html(answer)


def test_a_page_that_is_not_kept_says_so(client, away, valid_html):
    make_article("fascia")
    away()
    answer = client.get("/articles/fascia/")
    assert answer.status_code == 503
    assert b"The fault is ours" in answer.content
    assert b"<form" not in answer.content
    valid_html(answer)


def test_somebody_logged_in_is_told_so_too(client, maya, away):
    client.force_login(maya)
    away()
    assert client.get("/accounts/").status_code == 503
    answer = client.post("/accounts/email/", {"email": "new@example.org"})
    assert answer.status_code == 503
    assert b"Nothing was changed" in answer.content


def test_what_is_broken_otherwise_is_no_outage(client, monkeypatch):
    def fail(request):
        raise ValueError

    monkeypatch.setattr("articles.models.Article.objects.published", fail)
    assert client.get("/").status_code == 500
