"""The page after posting: what became of the post, and the words of a new key."""

import pytest

from discussion.models import Post
from tests.discussion.sending import OURS, elsewhere, send, text, words_of
from tests.make import make_article

pytestmark = pytest.mark.django_db

LINKS = " ".join(f"https://{number}.example" for number in range(4))


@pytest.fixture
def article(db):
    return make_article("fascia")


def test_the_words_can_be_read_again_until_they_are_kept(client, article, valid_html):
    answer = send(client, article)
    words = words_of(client, answer)
    assert words_of(client, answer) == words
    valid_html(client.get(answer.url))
    kept = client.post(answer.url, headers=OURS)
    assert kept.status_code == 303
    assert kept.url == "/articles/fascia/posts/1/"
    assert words not in text(client.get(answer.url))


def test_the_link_to_keep_names_the_words_where_no_server_sees_them(client, article):
    answer = send(client, article)
    words = words_of(client, answer)
    link = f'href="/manage/#{words.replace(" ", "-")}"'
    assert link in text(client.get(answer.url))


def test_looking_changes_nothing(client, article):
    answer = send(client, article)
    before = list(Post.objects.values())
    client.get(answer.url)
    assert list(Post.objects.values()) == before


def test_a_held_post_says_so_and_why(client, article, valid_html):
    page = client.get(send(client, article, LINKS).url)
    valid_html(page)
    assert "waiting for a moderator" in text(page)
    assert "more than 2 links" in text(page)
    assert "https://3.example" in text(page)
    assert "post-key" in text(page)


def test_a_held_post_of_a_member_says_so(client, article, maya):
    client.force_login(maya)
    page = client.get(send(client, article, LINKS, way="member").url)
    assert "waiting for a moderator" in text(page)
    assert "post-key" not in text(page)


def test_a_refused_post_says_so(client, article, edda):
    answer = send(client, article, LINKS)
    Post.objects.get().refuse(edda, "spam", "It is an advertisement.")
    page = client.get(answer.url)
    assert "Refused" in text(page)
    assert "It is an advertisement." in text(page)


def test_it_is_shown_to_nobody_else(client, article, maya, edda):
    answer = send(client, article)
    assert elsewhere().get(answer.url).status_code == 404
    for somebody in (maya, edda):
        other = elsewhere()
        other.force_login(somebody)
        assert other.get(answer.url).status_code == 404
        assert other.post(answer.url, headers=OURS).status_code == 404


def test_a_post_that_is_not_there(client, article):
    assert client.get("/articles/fascia/posts/sent/7/").status_code == 404


def test_a_post_of_another_article(client, article):
    answer = send(client, article)
    make_article("another")
    address = answer.url.replace("fascia", "another")
    assert client.get(address).status_code == 404


def test_it_is_never_kept_by_anybody(client, article):
    page = client.get(send(client, article).url)
    assert page["Cache-Control"] == "private, no-store"
    assert 'content="noindex"' in text(page)
