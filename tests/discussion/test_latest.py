"""The latest posts of all discussions."""

from datetime import UTC, datetime

import pytest

from discussion.views import reading
from tests.discussion.sending import text
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db


def bodies(page):
    return [post.source for post in page.context["posts"]]


def test_the_newest_first_from_everywhere(client, valid_html):
    one, other = make_article(), make_article(title="Another page")
    make_post(one, "First.")
    make_post(other, "Second.")
    page = client.get("/discussion/")
    valid_html(page)
    assert bodies(page) == ["Second.", "First."]
    assert "Another page" in text(page)
    assert page["Cache-Control"].startswith("public")
    assert not page.cookies


def test_pages_by_links_show_each_post_once(client, monkeypatch):
    monkeypatch.setattr(reading, "LATEST_LENGTH", 3)
    article = make_article()
    # Some of one moment: then the row decides.
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for number in range(10):
        make_post(article, f"{number}", at=moment.replace(hour=12 + number // 4))
    seen, address = [], "/discussion/"
    while address:
        page = client.get(address)
        seen += bodies(page)
        older = page.context["older"]
        address = f"/discussion/?before={older}" if older else ""
    assert seen == [f"{number}" for number in reversed(range(10))]


def test_only_what_anybody_may_read(client, edda):
    article, gone = make_article(), make_article()
    make_post(article, "Deleted.").delete_by_author()
    make_post(article, "Removed.").remove(edda, "spam")
    make_post(article, "Hidden.").hide("reports")
    make_post(gone, "Withdrawn.")
    gone.withdraw(edda, "It was wrong.")
    assert bodies(client.get("/discussion/")) == []


def test_nothing_yet(client, db, valid_html):
    page = client.get("/discussion/")
    valid_html(page)
    assert "Nobody has written anything yet" in text(page)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 20])
def test_a_place_that_is_not_there(client, db, before):
    assert client.get("/discussion/", {"before": before}).status_code == 404


def test_it_costs_three_queries_however_many(client, django_assert_num_queries):
    for _ in range(6):
        make_post(make_article())
        with django_assert_num_queries(3):
            client.get("/discussion/")


def test_it_is_only_read(client, db):
    assert client.post("/discussion/").status_code == 405
