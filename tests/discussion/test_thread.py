"""The page of one branch: a post and all that was said below it."""

import pytest

from discussion import threads
from tests.discussion.sending import text
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db):
    return make_article("fascia")


def numbers(page):
    return [item.post.number for item in page.context["page"].items]


def test_a_post_and_everything_below_it(client, article, valid_html):
    one = make_post(article, "Walking helps me.")
    two = make_post(article, parent=one)
    make_post(article)
    make_post(article, parent=two)
    page = client.get("/articles/fascia/posts/1/thread/")
    valid_html(page)
    assert numbers(page) == [1, 2, 4]
    assert '<meta name="description" content="Walking helps me.">' in text(page)
    assert page["Cache-Control"].startswith("public")
    assert not page.cookies


def test_a_long_branch_goes_on_by_a_link(client, article, monkeypatch):
    monkeypatch.setattr(threads, "BRANCH_PAGE", 3)
    one = make_post(article)
    for _ in range(4):
        make_post(article, parent=one)
    page = client.get("/articles/fascia/posts/1/thread/")
    assert numbers(page) == [1, 2, 3]
    assert 'href="/articles/fascia/posts/1/thread/?after=3#posts"' in text(page)
    assert 'id="posts"' in text(page)
    page = client.get("/articles/fascia/posts/1/thread/", {"after": "3"})
    assert numbers(page) == [4, 5]


def test_the_way_back_leads_to_the_post(client, article):
    make_post(article)
    page = text(client.get("/articles/fascia/posts/1/thread/"))
    assert 'href="/articles/fascia/?before=2#post-1"' in page


def test_a_removed_post_keeps_the_thread_below_it(client, article):
    one = make_post(article, "A secret.")
    make_post(article, "An answer.", parent=one)
    one.delete_by_author()
    page = text(client.get("/articles/fascia/posts/1/thread/"))
    assert "A secret." not in page
    assert "Post 1 was removed by its author" in page
    assert "An answer." in page


@pytest.mark.parametrize("query", ["?after=7", "?after=x", "?after=-1"])
def test_a_place_that_is_not_there(client, article, query):
    make_post(article)
    address = f"/articles/fascia/posts/1/thread/{query}"
    assert client.get(address).status_code == 404


def test_a_number_that_is_not_there(client, article):
    assert client.get("/articles/fascia/posts/1/thread/").status_code == 404


def test_a_withdrawn_article(client, article, edda):
    make_post(article)
    article.withdraw(edda, "It was wrong.")
    assert client.get("/articles/fascia/posts/1/thread/").status_code == 404


def test_it_is_only_read(client, article):
    make_post(article)
    assert client.post("/articles/fascia/posts/1/thread/").status_code == 405


def test_it_costs_few_queries_however_long(client, article, django_assert_num_queries):
    one = make_post(article)
    for _ in range(12):
        make_post(article, parent=one)
        with django_assert_num_queries(5):
            client.get("/articles/fascia/posts/1/thread/")
