"""What is new, for feed readers: excerpts, and only of what anybody may read."""

import pytest
from lxml import etree

from discussion import feeds
from tests.discussion.sending import text
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
ALL = "/feeds/discussion/"
ONE = "/articles/fascia/feed/"


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


def entries(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return etree.fromstring(answer.content).findall(f"{ATOM}entry")


@pytest.mark.parametrize("address", [ALL, ONE])
def test_an_entry_per_post(client, article, maya, address):
    make_post(article, "It **helps** <me>.", author=make_author(article, maya))
    (entry,) = entries(client, address)
    assert entry.findtext(f"{ATOM}title") == "Post 1 on All about fascia"
    assert entry.findtext(f"{ATOM}summary") == "It helps <me>."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Maya Member"
    link = entry.find(f"{ATOM}link").get("href")
    assert link.endswith("/articles/fascia/posts/1/")


def test_the_newest_first_and_not_all(client, article, monkeypatch):
    monkeypatch.setattr(feeds, "FEED_LENGTH", 2)
    for number in range(3):
        make_post(article, f"{number}")
    for address in (ALL, ONE):
        titles = [e.findtext(f"{ATOM}summary") for e in entries(client, address)]
        assert titles == ["2", "1"]


def test_other_discussions_stand_in_the_feed_of_all(client, article):
    make_post(make_article("another"))
    assert len(entries(client, ALL)) == 1
    assert len(entries(client, ONE)) == 0


@pytest.mark.parametrize("address", [ALL, ONE])
def test_only_what_anybody_may_read(client, article, edda, address):
    make_post(article, "Deleted.").delete_by_author()
    make_post(article, "Removed.").remove(edda, "spam")
    make_post(article, "Hidden.").hide("reports")
    assert entries(client, address) == []


def test_a_withdrawn_article(client, article, edda):
    make_post(article)
    article.withdraw(edda, "It was wrong.")
    assert client.get(ONE).status_code == 404
    assert entries(client, ALL) == []


@pytest.mark.parametrize("address", [ALL, ONE])
def test_the_same_for_everybody(client, article, maya, address):
    make_post(article)
    answer = client.get(address)
    assert answer["Cache-Control"].startswith("public")
    assert not answer.cookies
    assert "maya" not in text(answer)


@pytest.mark.parametrize("address", [ALL, ONE])
def test_it_costs_few_queries_however_many(
    client, article, django_assert_max_num_queries, address
):
    for _ in range(6):
        make_post(article)
    with django_assert_max_num_queries(5):
        client.get(address)
