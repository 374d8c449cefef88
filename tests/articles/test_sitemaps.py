from xml.etree import ElementTree

import pytest

from articles.models import Topic
from tests.make import make_article, make_draft, make_post

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client):
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return {
        url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod")
        for url in tree.findall(f"{SITEMAP}url")
    }


def test_it_lists_what_readers_may_see_under_the_site_s_address(client, settings):
    topic = Topic.objects.create(slug="safety", title="Safety", description="Be safe.")
    article = make_article("fascia", topics=[topic])
    draft = make_draft()
    found = addresses(client)
    assert f"{settings.SITE_URL}/articles/fascia/" in found
    assert f"{settings.SITE_URL}/topics/safety/" in found
    assert f"{settings.SITE_URL}/" in found
    assert not any(draft.article.slug in address for address in found)
    assert article.first_published_at


def test_a_new_post_makes_its_article_newer(client, settings):
    article = make_article("fascia")
    post = make_post(article)
    found = addresses(client)[f"{settings.SITE_URL}/articles/fascia/"]
    assert found.startswith(f"{post.published_at:%Y-%m-%d}")


def test_profiles_and_posts_are_not_in_it(client):
    make_post(make_article("fascia"))
    assert not any("/posts/" in a or "/members/" in a for a in addresses(client))
