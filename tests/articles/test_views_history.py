from datetime import timedelta

import pytest
from django.utils import timezone

from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(edda):
    """Three texts that readers have seen, and a draft that nobody may."""
    article = make_article("fascia", by=edda, author=edda, body="It cures pain.")
    revise(article, body="It cures some pain.", summary="Less was promised.")
    revise(article, body="It may ease some pain.", summary="Still less.")
    article.revise(edda, based_on=article.latest, body="Secret.", summary="Secret too.")
    return article


def page(client, path=""):
    return client.get(f"/articles/fascia/history/{path}")


def test_the_history_tells_every_public_revision(client, article, valid_html):
    response = page(client)
    told = response.content.decode()
    assert "Less was promised." in told and "Still less." in told
    assert "/articles/fascia/history/1/2/" in told
    assert "Secret" not in told
    valid_html(response)


def test_a_second_editor_is_told_of(client, edda, maya):
    make_article("fascia", author=maya, by=edda)
    assert "Approved by a second editor" in page(client).content.decode()


def test_one_revision_can_be_read_and_cited(client, article, valid_html):
    response = page(client, "1/")
    told = response.content.decode()
    assert "It cures pain." in told
    assert "It is kept as it was." in told
    assert 'name="robots" content="noindex"' in told
    valid_html(response)


def test_the_live_revision_says_that_it_is(client, article):
    assert "says now." in page(client, "3/").content.decode()


def test_two_revisions_are_compared_word_by_word(client, article, valid_html):
    response = page(client, "1/3/")
    told = response.content.decode()
    assert "<del>" in told and "cures" in told
    assert "<ins>" in told and "may ease some" in told
    valid_html(response)


def test_older_comes_first_whichever_is_named_first(client, article):
    told = page(client, "3/1/").content.decode()
    assert "revision 1</a>" in told.split("revision 3")[0]


@pytest.mark.parametrize("path", ["4/", "1/4/", "4/1/", "9/"])
def test_a_draft_is_nowhere(client, article, path):
    response = page(client, path)
    assert response.status_code == 404
    assert "Secret" not in response.content.decode()


def test_a_revision_to_come_is_nowhere_until_its_time(client, time_machine):
    article = make_article("fascia", body="It cures pain.")
    later = timezone.now() + timedelta(hours=1)
    revise(article, body="It may ease pain.", go_live_at=later)
    assert page(client, "2/").status_code == 404
    time_machine.move_to(later + timedelta(minutes=1))
    assert page(client, "2/").status_code == 200


@pytest.mark.parametrize("path", ["", "1/", "1/2/"])
def test_a_withdrawn_article_has_no_history(client, article, edda, path):
    article.withdraw(edda, "It misled.")
    response = page(client, path)
    assert response.status_code == 410
    assert "It misled." in response.content.decode()


@pytest.mark.parametrize("path", ["", "1/", "1/2/"])
def test_the_old_address_leads_on(client, article, path):
    article.change_slug("what-is-fascia")
    response = page(client, path)
    assert response.status_code == 301
    assert response.url == f"/articles/what-is-fascia/history/{path}"


@pytest.mark.parametrize("path", ["", "1/", "1/2/"])
def test_an_article_that_is_not_published_has_no_history(client, path):
    make_draft("fascia")
    assert page(client, path).status_code == 404


def test_the_pages_are_the_same_for_everybody(client, article):
    for path in ("", "1/", "1/2/"):
        response = page(client, path)
        assert "public" in response["Cache-Control"]
        assert not response.cookies


def test_a_long_history_costs_no_more_queries(
    client, article, django_assert_num_queries
):
    with django_assert_num_queries(5):
        page(client)
