import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Topic
from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db
HOME = "/"


def test_it_offers_the_featured_article_to_start_with(client):
    make_article(title="An article like others")
    start = make_article(title="The one to start with")
    type(start).objects.filter(pk=start.pk).update(featured=True)
    page = client.get(HOME).content.decode()
    assert page.index("The one to start with") < page.index("An article like others")


def test_it_shows_topics_that_have_something_to_read(client):
    safety = Topic.objects.create(slug="safety", title="Safety", description="Be safe.")
    Topic.objects.create(slug="empty", title="Nothing here", description="Nothing.")
    make_article(topics=[safety])
    page = client.get(HOME).content.decode()
    assert reverse("articles:topic", args=["safety"]) in page
    assert "Nothing here" not in page


def test_it_shows_no_draft_no_scheduled_and_no_withdrawn_article(client, edda):
    make_draft(title="A draft of mine")
    make_article(title="Comes tomorrow", go_live_at=timezone.now() + timedelta(days=1))
    make_article(title="Taken back").withdraw(edda, "It was out of date.")
    page = client.get(HOME).content.decode()
    assert "A draft of mine" not in page
    assert "Comes tomorrow" not in page
    assert "Taken back" not in page


def test_it_greets_an_empty_site(client, valid_html):
    valid_html(client.get(HOME))


def test_it_is_valid_and_the_same_for_every_guest(client, valid_html):
    make_article()
    response = client.get(HOME)
    valid_html(response)
    assert response["Cache-Control"].startswith("public")
    assert not response.cookies


def test_a_member_gets_a_page_of_their_own(client, maya):
    client.force_login(maya)
    response = client.get(HOME)
    assert response["Cache-Control"] == "private, no-store"
    assert "Maya Member" in response.content.decode()


def test_it_costs_the_same_whatever_there_is(client, django_assert_max_num_queries):
    for _ in range(12):
        make_article()
    with django_assert_max_num_queries(10):
        client.get(HOME)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("/", []),
        ("/articles/", ["Articles"]),
        ("/topics/", ["Topics"]),
        ("/discussion/", ["Discussion"]),
        ("/search/?q=pain", ["Search"]),
    ],
)
def test_the_menu_says_where_one_is(client, address, here):
    page = client.get(address).content.decode()
    assert re.findall(r' aria-current="page">(\w+)</a>', page) == here
