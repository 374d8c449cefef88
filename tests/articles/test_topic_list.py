import pytest

from articles.models import Topic
from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db


def test_each_topic_lists_its_published_articles(client, valid_html):
    safety = Topic.objects.create(slug="safety", title="Safety", description="Be safe.")
    make_article(title="Who should not have it", topics=[safety])
    make_draft(title="Not yet", topics=[safety])
    response = client.get("/topics/")
    valid_html(response)
    page = response.content.decode()
    assert "Who should not have it" in page
    assert "Not yet" not in page


def test_a_topic_without_articles_is_not_offered(client):
    Topic.objects.create(slug="empty", title="Empty topic", description="Nothing.")
    assert "Empty topic" not in client.get("/topics/").content.decode()
