import re
from datetime import UTC, datetime

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


def test_a_topic_begins_with_where_to_start(client):
    basics = Topic.objects.create(slug="basics", title="Basics", description="First.")
    for day, title in enumerate(("Old", "Start", "New"), start=1):
        article = make_article(title=title, topics=[basics])
        article.first_published_at = datetime(2026, 1, day, tzinfo=UTC)
        article.featured = title == "Start"
        article.save()
    page = client.get("/topics/").content.decode()
    assert re.findall(r">(Old|Start|New)</a>", page) == ["Start", "New", "Old"]


def test_a_topic_without_articles_is_not_offered(client):
    Topic.objects.create(slug="empty", title="Empty topic", description="Nothing.")
    assert "Empty topic" not in client.get("/topics/").content.decode()
