from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.views import LIST_LENGTH
from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db


def slugs(response):
    return [article.slug for article in response.context["page"].articles]


def test_the_newest_come_first_and_every_article_is_on_one_page(client):
    made = [make_article().slug for _ in range(LIST_LENGTH + 5)]
    first = client.get("/articles/")
    second = client.get(f"/articles/?after={first.context['page'].next_after}")
    assert slugs(first) + slugs(second) == made[::-1]
    assert second.context["page"].next_after is None


def test_it_shows_only_what_a_reader_may_see(client, edda):
    visible = make_article()
    make_draft()
    make_article(go_live_at=timezone.now() + timedelta(minutes=1))
    make_article().withdraw(edda, "Out of date.")
    assert slugs(client.get("/articles/")) == [visible.slug]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 30, "", "99999"])
def test_an_address_we_never_gave_is_not_found(client, after):
    assert client.get("/articles/", {"after": after}).status_code == 404


def test_it_is_valid_with_and_without_articles(client, valid_html):
    valid_html(client.get("/articles/"))
    make_article()
    valid_html(client.get("/articles/"))


def test_the_cost_does_not_grow(client, django_assert_num_queries):
    make_article()
    with CaptureQueriesContext(connection) as one:
        client.get("/articles/")
    for _ in range(10):
        make_article()
    with django_assert_num_queries(len(one)):
        client.get("/articles/")
    assert len(one) <= 5
