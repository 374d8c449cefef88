import pytest

from articles.models import Topic
from tests.make import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def safety():
    return Topic.objects.create(slug="safety", title="Safety", description="Be safe.")


def test_it_lists_the_articles_of_this_topic_only(client, safety, valid_html):
    make_article(title="Who should not have it", topics=[safety])
    make_article(title="Something else")
    response = client.get("/topics/safety/")
    valid_html(response)
    assert "Who should not have it" in response.content.decode()
    assert "Something else" not in response.content.decode()


def test_an_empty_topic_leads_on(client, safety, valid_html):
    response = client.get("/topics/safety/")
    valid_html(response)
    assert 'href="/articles/"' in response.content.decode()


def test_an_unknown_topic_is_not_found(client):
    assert client.get("/topics/none/").status_code == 404
