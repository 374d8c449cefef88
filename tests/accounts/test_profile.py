import pytest

from discussion.models import Credential
from tests.accounts.doors import make_account
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db


def test_it_shows_name_and_bio_and_nothing_else(client, valid_html):
    make_account(display_name="Maya M.", bio="I ask a lot.\n\n<script>x</script>")
    response = client.get("/members/maya/")
    page = response.content.decode()
    assert "Maya M." in page
    assert "I ask a lot." in page
    assert "maya@example.org" not in page
    assert "<script>x" not in page
    assert '<meta name="robots" content="noindex">' in page
    valid_html(response)


@pytest.mark.parametrize("hidden", [{"is_active": False}, {"confirmed": False}])
def test_a_closed_or_unconfirmed_account_is_as_if_it_were_not_there(client, hidden):
    make_account(**hidden)
    one = client.get("/members/maya/")
    other = client.get("/members/nobody/")
    assert one.status_code == other.status_code == 404
    assert one.content.replace(b"maya", b"") == other.content.replace(b"nobody", b"")


def test_it_shows_the_posts_that_stand_the_newest_first(client, valid_html):
    maya = make_account()
    article = make_article()
    author = make_author(article, maya)
    texts = [f"Thought number {number}" for number in range(32)]
    posts = [make_post(article, text, author=author) for text in texts]
    make_post(article, "Somebody else said this.")
    posts[30].remove(None, "spam")
    page = client.get("/members/maya/")
    text = page.content.decode()
    assert text.index("Thought number 31") < text.index("Thought number 29")
    assert "Thought number 30" not in text
    assert "Somebody else" not in text
    assert f"?before={posts[1].pk}" in text
    valid_html(page)
    older = client.get(f"/members/maya/?before={posts[1].pk}").content.decode()
    assert "Thought number 0" in older
    assert "Thought number 1<" not in older


def test_what_was_written_without_a_name_is_not_there(client):
    """Somebody may post under their name here and without it there."""
    make_account()
    make_post(make_article(), "Nobody knows that this is mine.")
    assert "Nobody knows" not in client.get("/members/maya/").content.decode()


def test_it_shows_the_credential_as_it_is_today(client):
    maya = make_account()
    Credential.objects.show(maya, "RMT")
    page = client.get("/members/maya/").content.decode()
    assert "says: “RMT” (not checked)" in page


@pytest.mark.parametrize("before", ["x", "-1", "99999999999999999999", ""])
def test_a_wrong_page_number_is_no_failure(client, before):
    make_account()
    assert client.get(f"/members/maya/?before={before}").status_code == 200
