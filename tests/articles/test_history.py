import pytest
from django.urls import reverse

from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def address(name, *args):
    return reverse(f"admin:articles_article_{name}", args=args)


def test_editors_see_every_revision(newsroom, edda, valid_html):
    article = make_article("fascia", author=edda)
    article.revise(edda, based_on=article.live, body="A draft.", summary="Shorter.")
    response = newsroom.get(address("history", article.pk))
    page = response.content.decode()
    assert "Shorter." in page
    assert "never saw it" in page
    valid_html(response)


def test_editors_read_a_draft_as_its_page(newsroom):
    draft = make_draft("fascia", title="Not yet")
    page = newsroom.get(address("revision", draft.pk)).content.decode()
    assert "<h1>Not yet</h1>" in page


def test_the_difference_shows_words_and_markdown(newsroom, valid_html):
    article = make_article("fascia", body="It cures pain.\n\nSlowly.")
    before = article.live
    after = revise(article, body="It may ease pain.\n\n[Slowly](/articles/).")
    response = newsroom.get(address("difference", before.pk, after.pk))
    page = response.content.decode()
    assert "<del>" in page and "cures" in page
    assert "](/articles/)" in page
    valid_html(response)


def test_revisions_of_two_articles_are_not_compared(newsroom):
    one, other = make_draft("one"), make_draft("other")
    assert newsroom.get(address("difference", one.pk, other.pk)).status_code == 404


def test_drafts_are_for_editors_alone(client, maya):
    draft = make_draft("fascia")
    client.force_login(maya)
    paths = [
        address("history", draft.article_id),
        address("revision", draft.pk),
        address("difference", draft.pk, draft.pk),
    ]
    assert {client.get(path).status_code for path in paths} <= {302, 403}


def test_what_is_no_article_has_no_revisions(newsroom):
    for name in ("abc", "99", "1%2F2"):
        response = newsroom.get(f"/admin/articles/article/{name}/history/")
        assert response.status_code == 404
