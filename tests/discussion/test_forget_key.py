"""A browser that shall no longer know under which key it wrote."""

import pytest

from discussion.models import PostKey
from tests.discussion.sending import OURS, posts_of, send, text
from tests.make import make_article

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/forget/"


@pytest.fixture
def article(db):
    return make_article("fascia")


def test_the_browser_forgets_and_the_key_stays(client, article):
    send(client, article)
    assert "Forget it" in text(client.get(posts_of(article)))
    answer = client.post(ADDRESS, headers=OURS)
    assert answer.url == "/articles/fascia/#discussion"
    assert answer.cookies["post-key"]["max-age"] == 0
    assert answer.cookies["post-key"]["path"] == posts_of(article)
    assert "This is your post" not in text(client.get("/articles/fascia/posts/1/"))
    assert PostKey.objects.count() == 1


def test_who_has_none_is_offered_nothing(client, article):
    assert ADDRESS not in text(client.get(posts_of(article)))
    assert client.post(ADDRESS, headers=OURS).status_code == 303


def test_it_needs_a_post_and_an_article(client, article):
    assert client.get(ADDRESS).status_code == 405
    assert client.post("/articles/nothing/posts/forget/").status_code == 404
