"""The texts that an edit replaced, where readers may have seen them."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.discussion.sending import text
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/1/versions/"


@pytest.fixture
def post(maya):
    article = make_article("fascia")
    long_ago = timezone.now() - timedelta(hours=2)
    with time_machine.travel(long_ago, tick=False):
        return make_post(article, "The old text.", author=make_author(article, maya))


def test_an_edit_that_others_may_have_missed_is_told(client, post, valid_html):
    post.edit("The new text.", post.author)
    page = client.get(ADDRESS)
    valid_html(page)
    assert "The old text." in text(page)
    assert "The new text." in text(page)
    assert "its author changed it" in text(page)
    assert f'href="{ADDRESS}">edited</a>' in text(client.get("/articles/fascia/"))


def test_what_a_moderator_took_out_is_gone(client, post, edda):
    post.edit_out("Without a name.", edda)
    page = text(client.get(ADDRESS))
    assert "The old text." not in page
    assert "Without a name." in page


@pytest.mark.parametrize("fate", ["hide", "remove", "delete"])
def test_versions_go_with_their_post(client, post, edda, fate):
    post.edit("The new text.", post.author)
    if fate == "hide":
        post.hide("reports")
    elif fate == "remove":
        post.remove(edda, "abuse")
    else:
        post.delete_by_author()
    assert client.get(ADDRESS).status_code == 404


def test_a_withdrawn_article(client, post, edda):
    post.article.withdraw(edda, "It was wrong.")
    assert client.get(ADDRESS).status_code == 404


def test_a_number_that_is_not_there(client, post):
    assert client.get("/articles/fascia/posts/2/versions/").status_code == 404


def test_it_is_only_read(client, post):
    assert client.post(ADDRESS).status_code == 405


def test_search_engines_keep_the_post_alone(client, post):
    assert 'content="noindex"' in text(client.get(ADDRESS))
