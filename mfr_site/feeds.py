from typing import Generic, TypeVar

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed

Item = TypeVar("Item")
Subject = TypeVar("Subject")


class SiteFeed(Feed, Generic[Item, Subject]):  # type: ignore[type-arg]
    """An Atom feed whose addresses come from the settings, never from the request.

    A feed names `page`, what it follows, and `address`, where it is.
    """

    feed_type = Atom1Feed
    page = "/"
    address = "/"

    def link(self, subject: Subject) -> str:
        return self.absolute(self.page)

    def feed_url(self, subject: Subject) -> str:
        return self.absolute(self.address)

    @staticmethod
    def absolute(path: str) -> str:
        return settings.SITE_URL + path
