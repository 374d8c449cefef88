"""A first visit takes one round trip: an article, its discussion and all of its styles."""

import re

import brotli
import pytest
from django.core.management import call_command

from articles.models import Article
from mfr_site.page_cache import BROTLI_BEST

# The first window of a connection is ten packets, with the headers (DESIGN §6).
ROUND_TRIP = 14 * 1024


@pytest.fixture
def as_in_production(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "mfr_site.static_storage.StaticStorage"},
    }
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder"
    ]
    call_command("collectstatic", verbosity=0, interactive=False)
    return settings.STATIC_ROOT


@pytest.mark.django_db
def test_every_article_of_ours_fits_with_its_discussion(client, as_in_production):
    """As it is sent once a page has stood for two seconds (page_cache.squeeze).

    A browser asks last for what only paper needs.
    """
    call_command("load_content", verbosity=0)
    weights = {}
    for article in Article.objects.published():
        page = client.get(article.get_absolute_url()).content
        styles = re.findall(r'rel="stylesheet" href="/static/([^"]+)"', page.decode())
        assert styles
        weights[article.slug] = len(brotli.compress(page, quality=BROTLI_BEST)) + sum(
            (as_in_production / f"{style}.br").stat().st_size for style in styles
        )
    assert len(weights) > 10
    assert {slug: w for slug, w in weights.items() if w > ROUND_TRIP} == {}


@pytest.mark.django_db
def test_pictures_wait_and_leave_their_room(client):
    """Nothing moves when a picture comes, and none comes that nobody scrolls to."""
    call_command("load_content", verbosity=0)
    pictures = []
    for article in Article.objects.published():
        page = client.get(article.get_absolute_url()).content.decode()
        pictures += re.findall(r"<img\b[^>]*>", page)
    assert pictures
    for picture in pictures:
        for needed in ' width="', ' height="', ' loading="lazy"':
            assert needed in picture
