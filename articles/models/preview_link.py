"""A draft shown to one person outside, who can approve it under their own name."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from .article import Article
from .record import Review
from .revision import Revision

if TYPE_CHECKING:
    pass

# Long enough for somebody who does this beside their work.
LIFE = timedelta(days=30)


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def usable(self) -> Self:
        since = timezone.now() - LIFE
        return self.filter(revoked_at=None, created_at__gt=since)

    def of_drafts(self, article: Article) -> Self:
        """Those of an article that still open something, or brought an approval."""
        links = self.filter(revision__article=article)
        usable = Q(pk__in=self.usable().values("pk"))
        return links.filter(usable | Q(review__isnull=False)).select_related(
            "revision", "review"
        )

    def opened_by(self, token: str) -> "PreviewLink | None":
        """The link that a token opens, if it is not revoked or too old."""
        try:
            pk = int(signer().unsign(token))
        except (BadSignature, ValueError):
            return None
        links = self.usable().select_related("revision__article", "created_by")
        return links.filter(pk=pk).first()


def signer() -> Signer:
    return Signer(salt="articles.preview_link")


class PreviewLink(models.Model):
    """Who may read which draft. The secret is a signature: the database holds none."""

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="preview_links"
    )
    reviewer_name = models.CharField("for whom", max_length=120)
    reviewer_role = models.CharField("in what role", max_length=120)
    register_url = models.URLField("entry in a public register", blank=True)
    kind = models.CharField(
        max_length=10, choices=Review.Kind.choices, default=Review.Kind.CLINICAL
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    review = models.OneToOneField(
        Review, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.reviewer_name}, {self.reviewer_role}"

    def get_absolute_url(self) -> str:
        return reverse("articles:preview_link", args=[signer().sign(str(self.pk))])

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and timezone.now() - self.created_at < LIFE

    def revoke(self) -> None:
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])

    @transaction.atomic
    def answer(self, note: str, *, approves: bool) -> None:
        """What the reviewer says: an approval, a word to the editors, or both."""
        if note:
            self.revision.article.notes.create(
                revision=self.revision, text=note, author_name=self.reviewer_name
            )
        if approves:
            self.approve()

    @transaction.atomic
    def approve(self) -> None:
        """Record the review under the name it was asked of. It counts once, for this text.

        Readers see it when they see the text.
        """
        link = PreviewLink.objects.select_for_update().get(pk=self.pk)
        if link.review_id is None:
            review = Review(
                revision=self.revision,
                kind=self.kind,
                on=timezone.localdate(),
                reviewer_name=self.reviewer_name,
                reviewer_role=self.reviewer_role,
                register_url=self.register_url,
                recorded_by=self.created_by,
            )
            self.revision.article.record_review(review)
            link.review = review
            link.save(update_fields=["review"])
        self.review = link.review
