from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from mfr_site.feeds import SiteFeed

from .models import Correction, Revision

FEED_LENGTH = 30


class ArticlesFeed(SiteFeed[Revision, None]):
    """New articles, and articles with new content."""

    title = "Articles"
    page = "/articles/"
    address = "/feeds/articles/"
    subtitle = "New and revised articles."

    def items(self) -> Iterable[Revision]:
        latest = Revision.objects.live().select_related("article").without_texts()
        return latest.order_by("-go_live_at", "-pk")[:FEED_LENGTH]

    def item_title(self, item: Revision) -> str:
        return item.title

    def item_description(self, item: Revision) -> str:
        return item.standfirst

    def item_link(self, item: Revision) -> str:
        return self.absolute(item.article.get_absolute_url())

    def item_author_name(self, item: Revision) -> str:
        return item.byline

    def item_pubdate(self, item: Revision) -> datetime | None:
        return item.article.first_published_at

    def item_updateddate(self, item: Revision) -> datetime | None:
        return item.go_live_at


class CorrectionsFeed(SiteFeed[Correction, None]):
    title = "Corrections"
    page = "/corrections/"
    address = "/feeds/corrections/"
    subtitle = "What was wrong in an article, and what it says now."

    def items(self) -> QuerySet[Correction]:
        return Correction.objects.public()[:FEED_LENGTH]

    def item_title(self, item: Correction) -> str:
        return f"Correction: {item.after.title}"

    def item_description(self, item: Correction) -> str:
        return item.text

    def item_link(self, item: Correction) -> str:
        return self.absolute(item.get_absolute_url())

    def item_pubdate(self, item: Correction) -> datetime:
        return item.created_at
