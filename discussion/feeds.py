"""What is new, for feed readers: excerpts only, and only of what anybody may read."""

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Atom1Feed

from articles.models import Article

from .models import Post

FEED_LENGTH = 50


class PostFeed(Feed[Post, Any]):
    feed_type = Atom1Feed

    def item_title(self, item: Post) -> str:
        return f"Post {item.number} on {item.article}"

    def item_description(self, item: Post) -> str:
        return item.excerpt

    def item_author_name(self, item: Post) -> str:
        return item.author.name if item.author else ""

    def item_pubdate(self, item: Post) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime | None:
        return item.edited_at or item.published_at


class DiscussionFeed(PostFeed):
    """The latest posts of all discussions."""

    title = "Discussion"
    link = "/discussion/"
    subtitle = "The latest posts of all discussions."

    def items(self) -> QuerySet[Post]:
        return Post.objects.published().newest_first().in_lists()[:FEED_LENGTH]


class ArticleDiscussionFeed(PostFeed):
    """The latest posts under one article."""

    def get_object(self, request: HttpRequest, slug: str) -> Article:
        return get_object_or_404(Article.objects.published(), slug=slug)

    def title(self, article: Article) -> str:
        return f"Discussion: {article}"

    def link(self, article: Article) -> str:
        return f"{article.get_absolute_url()}#discussion"

    def items(self, article: Article) -> QuerySet[Post]:
        return article.posts.published().order_by("-number").in_lists()[:FEED_LENGTH]
