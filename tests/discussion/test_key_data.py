"""What an anonymous writer can do with everything that their post key wrote."""

import io
import zipfile

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from discussion.authors import Speaker, new_key, remember_at_manage
from discussion.models import Credential, Post, PostKey
from discussion.submission import Submission
from mfr_site.http import SeeOther
from tests.make import make_article

pytestmark = pytest.mark.django_db

DATA = "/manage/data/"


def say(key, body, article=None):
    article = article or make_article()
    return Post.objects.submit(Submission(article, Speaker(article, key=key), body))


def enter(client, key):
    response = SeeOther("/")
    remember_at_manage(response, key)
    client.cookies.update(response.cookies)


@pytest.fixture
def key(client):
    """A post key that was entered in this browser."""
    key, _ = new_key()
    enter(client, key)
    return key


def tidy_up(at="2030-01-01T12:00Z"):
    with time_machine.travel(at):
        call_command("housekeeping", verbosity=0)


def test_the_pages_are_valid_and_personal(client, key, valid_html):
    for path in (DATA, f"{DATA}leaving/"):
        page = client.get(path)
        assert page["Cache-Control"] == "private, no-store"
        assert "noindex" in page.content.decode()
        valid_html(page)


def test_the_file_holds_what_the_key_wrote_and_nothing_else(client, key, maya):
    article = make_article()
    say(key, "My shoulder hurts at night.", article)
    say(new_key()[0], "Somebody else hurts too.", article)
    response = client.post(f"{DATA}export/")
    file = zipfile.ZipFile(io.BytesIO(response.content))
    text = file.read("my-data.json").decode()
    assert "My shoulder hurts at night." in text
    assert "Somebody else" not in text
    assert key.digest not in text


def test_one_copy_a_day(client, key, valid_html):
    client.post(f"{DATA}export/")
    page = client.post(f"{DATA}export/")
    assert page.status_code == 429
    assert page["Retry-After"]
    assert "one copy a day. You can make the next in 24 hours." in page.content.decode()
    valid_html(page)


@pytest.mark.parametrize("path", ["", "export/", "stay/"])
def test_without_a_key_there_is_nothing(client, path):
    response = client.post(DATA + path, {"texts": "erase"})
    assert response["Location"] in {"/manage/", DATA}
    assert not PostKey.objects.exclude(deletion_due_at=None).exists()


def test_leaving_forgets_the_key_in_this_browser(client, key):
    response = client.post(DATA, {"texts": "keep"})
    assert response["Location"] == f"{DATA}leaving/"
    assert client.get(DATA)["Location"] == "/manage/"


def test_one_can_change_ones_mind(client, key):
    say(key, "My shoulder hurts at night.")
    client.post(DATA, {"texts": "erase"})
    enter(client, key)
    assert "Keep the key" in client.get(DATA).content.decode()
    client.post(f"{DATA}stay/")
    tidy_up()
    assert PostKey.objects.filter(pk=key.pk).exists()


def test_afterwards_nothing_joins_the_posts(client, key):
    """Two labels, no key: not even with the whole database is it one person."""
    Credential.objects.show(key, "RMT")
    posts = [say(key, f"Text {slug}", make_article(slug)) for slug in ("one", "two")]
    former = {post.pk: post.author.label for post in posts}
    key.leave(erase=False)
    tidy_up()
    posts = Post.objects.filter(pk__in=[post.pk for post in posts])
    assert not PostKey.objects.exists()
    assert not Credential.objects.exists()
    for post in posts:
        assert post.is_published
        assert post.author.key_id is None
        assert post.author.label != former[post.pk]


def test_the_texts_can_go_too(client, key):
    post = say(key, "My shoulder hurts at night.")
    key.leave(erase=True)
    tidy_up()
    post = Post.objects.get(pk=post.pk)
    assert (post.source, post.author) == ("", None)
    assert not PostKey.objects.exists()


def test_the_page_of_own_posts_leads_here(client, key):
    assert reverse("discussion:key_data") in client.get("/manage/").content.decode()
