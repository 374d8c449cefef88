"""Which revisions: the one place that says what is live, waiting or yet to come."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from .revision_text import refuse_frozen

if TYPE_CHECKING:
    from .revision import Revision


class RevisionQuerySet(models.QuerySet["Revision"]):
    def approved_for(self, article_id: Any) -> Self:
        """Revisions of one article that are or were live, the live one first."""
        return self.filter(
            article_id=article_id,
            approved_at__isnull=False,
            go_live_at__lte=timezone.now(),
        ).order_by("-go_live_at", "-number")

    def public(self) -> Self:
        """Revisions that readers may see: live now or before, of visible articles."""
        return self.filter(
            approved_at__isnull=False,
            go_live_at__lte=timezone.now(),
            article__withdrawn_at=None,
        )

    def live(self) -> Self:
        """The one live revision of every visible article."""
        return self.public().not_replaced()

    def live_at(self, slug: str) -> "Revision | None":
        """The live revision of the visible article with this address.

        What `live` finds too: of one article, asking for the latest costs half as much.
        With `topic_slug` and `topic_title` of the article's first topic.
        """
        topic = "article__topics"
        told = {f"topic_{name}": F(f"{topic}__{name}") for name in ("slug", "title")}
        return (
            self.annotate(**told)
            .public()
            .filter(article__slug=slug)
            .select_related("article__clinical_review")
            .order_by("-go_live_at", "-number", f"{topic}__position", f"{topic}__title")
            .first()
        )

    def findable(self) -> Self:
        """What the search holds: what is live or will be.

        Also of withdrawn articles, which may come back; `Article.objects.search` asks.
        """
        return self.approved().not_replaced()

    def not_replaced(self) -> Self:
        """Without the texts in whose place another has gone live."""
        newer = self.model.objects.approved_for(OuterRef("article_id")).filter(
            Q(go_live_at__gt=OuterRef("go_live_at"))
            | Q(go_live_at=OuterRef("go_live_at"), number__gt=OuterRef("number"))
        )
        return self.filter(~Exists(newer))

    def latest_first(self) -> Self:
        """As readers came to see them."""
        return self.order_by("-go_live_at", "-number")

    def approved(self) -> Self:
        """Revisions that are, were or will be live."""
        return self.filter(approved_at__isnull=False)

    def update(self, **changes: Any) -> int:
        """Refuses to change texts, as `Revision.save` does."""
        refuse_frozen(changes)
        return super().update(**changes)

    def current(self) -> Self:
        """What readers see or may yet see: live, scheduled, and each newest draft."""
        live = self.model.objects.live().values("pk")
        newest = self.model.objects.newest().values("pk")
        scheduled = Q(approved_at__isnull=False, go_live_at__gt=timezone.now())
        return self.filter(Q(pk__in=live) | Q(pk__in=newest) | scheduled)

    def showing(self, picture: str) -> Self:
        """The texts that show the picture with this name."""
        return self.filter(body__contains=f"(image:{picture}")

    def render_again(self) -> None:
        for revision in self:
            revision.render_again()

    def newest(self) -> Self:
        """Of each article, the text that its editors go on from."""
        newer = self.model.objects.filter(
            article=OuterRef("article"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(newer))

    def waiting_for_review(self) -> Self:
        """Submitted and not decided, and no newer text has taken their place."""
        waiting = self.newest().filter(submitted_at__isnull=False, approved_at=None)
        return waiting.order_by("submitted_at")

    def drafts(self) -> Self:
        """The newest texts that nobody has submitted or approved, the oldest first."""
        drafts = self.newest().filter(submitted_at=None, approved_at=None)
        return drafts.filter(article__withdrawn_at=None).order_by("created_at")

    def scheduled(self) -> Self:
        now = timezone.now()
        coming = self.filter(approved_at__isnull=False, go_live_at__gt=now)
        return coming.order_by("go_live_at")

    def told(self) -> Self:
        """Changes worth telling readers of, newest first: typo edits are not."""
        return self.exclude(summary="").exclude(
            significance=self.model.Significance.TYPO
        )

    def without_texts(self) -> Self:
        return self.defer("body", "html", "text", "headings", "citations")
