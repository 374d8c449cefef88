"""Adding to a post that can no longer be edited."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from discussion.models import Post, PostUpdate
from tests.discussion.sending import OURS, elsewhere, send, text, textarea
from tests.make import make_article

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/1/update/"


@pytest.fixture
def clock():
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        yield clock


@pytest.fixture
def article(client, clock):
    """With a post of this browser's, written more than a day ago."""
    article = make_article("fascia")
    send(client, article, "The old text.")
    clock.shift(timedelta(days=2))
    return article


def save(client, body, **fields):
    return client.post(ADDRESS, {"body": body, **fields}, headers=OURS)


def test_an_update_stands_below_the_post(client, article, valid_html):
    page = client.get(ADDRESS)
    valid_html(page)
    assert textarea(page) == ""
    answer = save(client, "It helped for a **week**.")
    assert answer.status_code == 303
    assert answer.url == "/articles/fascia/posts/1/"
    page = text(elsewhere().get("/articles/fascia/"))
    assert "The old text." in page
    assert "It helped for a <strong>week</strong>." in page
    assert "3 June 2026" in page
    assert Post.objects.get().source == "The old text."


def test_it_is_offered_where_it_can_be_done(client, article):
    assert f'href="{ADDRESS}"' in text(client.get("/articles/fascia/posts/1/"))
    assert ADDRESS not in text(elsewhere().get("/articles/fascia/posts/1/"))


def test_a_fresh_post_is_edited_instead(client, clock):
    send(client, make_article("fascia"))
    refusal = client.get(ADDRESS)
    assert refusal.status_code == 403
    assert 'href="/manage/"' in text(refusal)
    assert save(client, "More.").status_code == 403
    assert not PostUpdate.objects.exists()


def test_a_preview_adds_nothing(client, article):
    answer = save(client, "It **helped**.", preview="1")
    assert "It <strong>helped</strong>." in text(answer)
    assert not PostUpdate.objects.exists()


def test_what_is_wrong_comes_back_whole(client, article):
    answer = save(client, "x" * 10_001)
    assert answer.status_code == 400
    assert textarea(answer) == "x" * 10_001


def test_nobody_else_adds(article, maya, edda):
    for somebody in (None, maya, edda):
        other = elsewhere()
        if somebody:
            other.force_login(somebody)
        assert other.get(ADDRESS).status_code == 404
        assert save(other, "Not mine.").status_code == 404
    assert not PostUpdate.objects.exists()


def test_a_tombstone_takes_none(client, article, edda):
    Post.objects.get().remove(edda, "spam")
    assert save(client, "More.").status_code == 403


def test_a_number_that_is_not_there(client, article):
    assert client.get("/articles/fascia/posts/2/update/").status_code == 404


def test_other_methods_are_refused(client, article):
    assert client.delete(ADDRESS).status_code == 405


def test_an_update_is_judged_as_any_text_is(client, article):
    """Or an old post would be a door that no rule looks at."""
    links = " ".join(f"https://{number}.example" for number in range(4))
    save(client, links)
    post = Post.objects.get()
    assert post.state == "hidden"
    assert post.decisions.first().rule == "links"
    assert "https://3.example" not in text(elsewhere().get("/articles/fascia/"))


def test_a_preview_points_out_what_it_finds(client, article):
    page = text(save(client, "Write to anna.m@example.org.", preview="1"))
    assert "an e-mail address" in page
    assert "Write to […]." in page
    assert not PostUpdate.objects.exists()


def test_whoever_is_in_danger_is_told_where_help_is(client, article):
    answer = save(client, "I want to kill myself.")
    post = Post.objects.get()
    assert post.is_published
    assert list(Post.objects.waiting()) == [post]
    assert "116 123" in text(client.get(answer.url))
