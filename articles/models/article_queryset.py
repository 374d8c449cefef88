"""Which articles: the one place that says who may see what."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Self, Unpack

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from mfr_site import full_text

from .revision import SEARCH_KIND, Revision
from .revision_text import RevisionText

if TYPE_CHECKING:
    from accounts.models import User

    from .article import Article
    from .topic import Topic

SLUG_LENGTH = 100
# Every new post asks for it while others wait, and every page that shows one. Put together
# by the ORM it takes three times as long.
ROW = "SELECT * FROM articles_article WHERE id = %s"


@dataclass(frozen=True)
class ArticlePage:
    """One page of a list of articles; `next_after` leads to the next one."""

    articles: list["Article"]
    next_after: int | None


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> Self:
        """The articles that a reader may see now.

        The one rule of an article's visibility: not withdrawn, and a revision is live,
        as one is from the first publication on. Every page, feed, sitemap, search and
        count goes through it.
        """
        return self.filter(withdrawn_at=None, first_published_at__lte=timezone.now())

    def with_live(self) -> Self:
        """Fetch the live revisions (without their long texts) in one more query."""
        return self.prefetch_related(
            models.Prefetch(
                "revisions",
                queryset=Revision.objects.live().without_texts(),
                to_attr="live_revisions",
            )
        )

    def lock(self, pk: int) -> "Article":
        """The article, locked until the transaction ends: what numbers posts.

        SQLite has no row locks; there IMMEDIATE transactions queue all writers. Rows that
        only refer to the article need not wait for it.
        """
        can_lock_rows = connection.features.has_select_for_no_key_update
        return self._row(ROW + (" FOR NO KEY UPDATE" if can_lock_rows else ""), pk)

    def as_it_is(self, pk: int) -> "Article":
        """The article's own row at this moment."""
        return self._row(ROW, pk)

    def _row(self, sql: str, pk: int) -> "Article":
        for article in self.raw(sql, [pk]):
            return article
        raise self.model.DoesNotExist

    @transaction.atomic
    def begin(
        self,
        slug: str,
        author: "User | None",
        *,
        topics: Iterable["Topic"] = (),
        import_ref: str | None = None,
        **text: Unpack[RevisionText],
    ) -> Revision:
        """A new article, not yet published, and its first revision.

        `text` needs a title, a standfirst and a body. Raises ValidationError when the
        address is taken.
        """
        self.refuse_taken(slug)
        article = self.create(slug=slug, import_ref=import_ref)
        article.topics.set(topics)
        revision = Revision(article=article, number=1, author=author, **text)
        revision.write()
        return revision

    def is_taken(self, slug: str) -> bool:
        """Whether an article has or had this address."""
        had = Q(slug=slug) | Q(old_slugs__slug=slug)
        return self.filter(had).exists()

    def refuse_taken(self, slug: str) -> None:
        """Raises ValidationError when an article has or had this address."""
        if self.is_taken(slug):
            raise ValidationError("An article has or had this address.", code="taken")

    def free_slug(self, wanted: str) -> str:
        """An address as near as can be to the wanted one."""
        wanted = wanted[: SLUG_LENGTH - 5] or "article"
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(s for s in chain([wanted], numbered) if not self.is_taken(s))

    def search(
        self, text: str, *, start: int = 0, length: int = 20
    ) -> full_text.Results[Revision]:
        """The live revisions of visible articles that match, best first."""
        live = Revision.objects.live().select_related("article").without_texts()
        return full_text.find(SEARCH_KIND, text, live, start=start, length=length)

    def newest_first(self) -> Self:
        return self.order_by("-first_published_at", "-pk")

    def page_after(self, pk: int | None, length: int) -> ArticlePage:
        """The `length` newest articles after the one with this id (keyset paging).

        Raises Article.DoesNotExist when no article has that id.
        """
        ordered = self.newest_first()
        if pk is not None:
            last = self.model.objects.only("first_published_at").get(pk=pk)
            ordered = ordered.filter(
                Q(first_published_at__lt=last.first_published_at)
                | Q(first_published_at=last.first_published_at, pk__lt=pk)
            )
        found = list(ordered[: length + 1])
        more = len(found) > length
        return ArticlePage(found[:length], found[length - 1].pk if more else None)

    def in_topic(self, topic: models.Model) -> Self:
        return self.filter(topics=topic)

    def featured_first(self) -> Self:
        return self.order_by("-featured", "-first_published_at", "-pk")

    # --- For editors, who see every article -----------------------------------------

    def unpublished(self) -> Self:
        """Articles that no reader has seen, with or without a date to come."""
        not_yet = Q(first_published_at=None) | Q(first_published_at__gt=timezone.now())
        return self.filter(not_yet, withdrawn_at=None)

    def withdrawn(self) -> Self:
        return self.filter(withdrawn_at__isnull=False)

    def review_overdue(self) -> Self:
        return self.published().filter(next_review_on__lt=timezone.localdate())

    def with_newest(self) -> Self:
        """Each with `newest_title` and `newest_number`: the revision editors go on from."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        return self.annotate(
            newest_title=Subquery(newest.values("title")[:1]),
            newest_number=Subquery(newest.values("number")[:1]),
        )
