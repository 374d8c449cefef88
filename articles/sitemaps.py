from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.flatpages.sitemaps import FlatPageSitemap
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from .models import Revision, Topic


class OurAddress(Sitemap[Any]):
    """Addresses as the settings name them, whatever the request called this host."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class ArticleSitemap(OurAddress):
    def items(self) -> QuerySet[Revision]:
        live = Revision.objects.live().select_related("article").without_texts()
        return live.order_by("article__slug")

    def location(self, item: Revision) -> str:
        return item.article.get_absolute_url()

    def lastmod(self, item: Revision) -> datetime | None:
        """The later of the text and the discussion: both are on the page."""
        changed = [
            when for when in (item.go_live_at, item.article.last_post_at) if when
        ]
        return max(changed, default=None)


class TopicSitemap(OurAddress):
    def items(self) -> QuerySet[Topic]:
        return Topic.objects.with_articles()


class ListSitemap(OurAddress):
    def items(self) -> list[str]:
        return ["home", "articles:list", "articles:topic_list", "discussion:latest"]

    def location(self, item: str) -> str:
        return reverse(item)


class PageSitemap(OurAddress, FlatPageSitemap):
    pass


SITEMAPS = {
    "articles": ArticleSitemap,
    "topics": TopicSitemap,
    "lists": ListSitemap,
    "pages": PageSitemap,
}
