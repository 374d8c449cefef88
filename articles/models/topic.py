from typing import Any, Self

from django.db import models, transaction
from django.db.models import Count
from django.urls import reverse

from mfr_site.caching import bump

from .article import Article


class TopicQuerySet(models.QuerySet["Topic"]):
    def with_articles(self) -> Self:
        """Topics that have something to read, each with `article_count`."""
        visible = models.Q(articles__in=Article.objects.published())
        return (
            self.annotate(
                article_count=Count("articles", filter=visible, distinct=True)
            )
            .filter(article_count__gt=0)
            .order_by("position", "title")
        )

    def as_map(self) -> Self:
        """The same, each with its articles in `published`: where to start, then the newest."""
        ordered = Article.objects.published().with_live().featured_first()
        articles = models.Prefetch("articles", queryset=ordered, to_attr="published")
        return self.with_articles().prefetch_related(articles)


class Topic(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    description = models.TextField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "title"]

    def __str__(self) -> str:
        return self.title

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        bump("articles", *(article.page_tag for article in self.articles.all()))

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        bump("articles", *(article.page_tag for article in self.articles.all()))
        return super().delete(*args, **kwargs)
