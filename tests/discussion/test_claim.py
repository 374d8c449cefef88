"""Putting the posts of a key under an account."""

import pytest

from discussion.models import Author, Post, PostKey
from tests.discussion.sending import OURS, elsewhere, send, text, words_of
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
ADDRESS = "/manage/claim/"


@pytest.fixture
def article(db):
    return make_article("fascia")


@pytest.fixture
def with_key(client, article, maya):
    """Maya, logged in, who has typed the key of an anonymous post of hers."""
    words = words_of(client, send(client, article, "It was me."))
    client.force_login(maya)
    client.post("/manage/", {"key": words}, headers=OURS)
    return client


def claim(client):
    return client.post(ADDRESS, headers=OURS)


def test_asking_changes_nothing(with_key, valid_html):
    assert ADDRESS in text(with_key.get("/manage/"))
    page = with_key.get(ADDRESS)
    valid_html(page)
    assert "Put 1 post under your account?" in text(page)
    assert Author.objects.get().is_anonymous


def test_the_posts_stand_under_the_name(with_key, article, maya):
    answer = claim(with_key)
    assert answer.status_code == 303
    assert answer.url == "/manage/"
    assert Post.objects.get().author.user == maya
    assert not PostKey.objects.exists()
    page = text(elsewhere().get("/articles/fascia/"))
    assert "Maya Member" in page
    assert "Anonymous" not in page.split("<ol")[-1]


def test_who_spoke_there_by_name_too_is_one_person_then(with_key, article, maya):
    make_post(article, "By name.", author=make_author(article, maya))
    label = Author.objects.get(user=None).label
    claim(with_key)
    assert Post.objects.filter(author__user=maya).count() == 2
    assert Author.objects.get(label=label).posts.count() == 0


def test_nobody_gets_the_label_afterwards(with_key, article):
    label = Author.objects.get().label
    claim(with_key)
    assert article.authors.filter(label=label).exists()


def test_silence_goes_along(with_key, maya):
    PostKey.objects.update(silenced_at="2026-01-01T00:00Z")
    claim(with_key)
    maya.refresh_from_db()
    assert maya.silenced_at is not None


def test_without_a_key(client, maya):
    client.force_login(maya)
    assert client.get(ADDRESS).url == "/manage/"
    assert claim(client).url == "/manage/"


def test_without_an_account(client, article):
    words = words_of(client, send(client, article))
    client.post("/manage/", {"key": words}, headers=OURS)
    assert ADDRESS not in text(client.get("/manage/"))
    assert claim(client).url.startswith("/accounts/login/")
    assert Author.objects.get().is_anonymous


def test_other_methods_are_refused(with_key):
    assert with_key.put(ADDRESS).status_code == 405
