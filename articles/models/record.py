"""What is on record about an article: who checked it, and what was wrong."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import IntegerField, Value
from django.urls import reverse
from django.utils import timezone

from .revision import Revision

if TYPE_CHECKING:
    from .article import Article


class Review(models.Model):
    """A recorded check of the whole page: by whom, in what role, when."""

    class Kind(models.TextChoices):
        EDITORIAL = "editorial", "Editors: sources, links and wording"
        CLINICAL = "clinical", "A clinician: what it says about health"

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="reviews"
    )
    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="reviews"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField()
    reviewer_name = models.CharField(max_length=120)
    reviewer_role = models.CharField(max_length=120, blank=True)
    register_url = models.URLField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.reviewer_name}, {self.on}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> Self:
        """Corrections whose text is live, of articles that readers may see."""
        live = self.filter(
            kind=Correction.Kind.CORRECTION,
            after__in=Revision.objects.public(),
            article__withdrawn_at=None,
        )
        # Whoever disputed: the discussion hangs its disputes on corrections.
        return live.with_revisions().prefetch_related("disputes__post")

    def with_revisions(self) -> Self:
        """Each with its article and the two revisions, without their long texts."""
        long = ["body", "html", "text", "headings", "citations"]
        sides = [f"{side}__{name}" for side in ("before", "after") for name in long]
        return self.select_related("article", "before", "after").defer(*sides)


class Correction(models.Model):
    """A public note that something was wrong, or unclear, and what it says now."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"
        # True, but not clear: told in the history and under the post that said so.
        CLARIFICATION = "clarification", "Clarification"

    kind = models.CharField(
        max_length=13, choices=Kind.choices, default=Kind.CORRECTION, editable=False
    )

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="corrections"
    )
    before = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="corrections"
    )
    text = models.TextField(max_length=600)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:80]

    def get_absolute_url(self) -> str:
        return address_of_correction(self.pk)

    @property
    def numbers(self) -> list[int]:
        """The posts that brought it about."""
        posts = [dispute.post for dispute in self.disputes.all()]
        return sorted(post.number for post in posts if post.number)


def address_of_correction(pk: int) -> str:
    return f"{reverse('corrections')}#correction-{pk}"


@dataclass
class Told:
    """A change or a correction, as the page of its article tells it."""

    article: "Article"
    at: datetime
    text: str
    # Only of corrections: which, between which revisions, and after which posts.
    pk: int
    before: int
    after: int
    numbers: list[int] = field(default_factory=list)

    def get_absolute_url(self) -> str:
        return address_of_correction(self.pk)


class Record(NamedTuple):
    """What an article tells of itself, the latest first."""

    corrections: list[Told]
    changes: list[Told]


def record_of(article: "Article") -> Record:
    """The corrections of an article, and the other changes worth telling. One query."""
    none = Value(None, output_field=IntegerField())
    changes = article.revisions.public().told().order_by()
    corrections = Correction.objects.public().filter(article=article).order_by()
    rows = changes.values_list("go_live_at", "summary", none, none, "number", none)
    rows = rows.union(
        corrections.prefetch_related(None).values_list(
            *("created_at", "text", "pk", "before__number", "after__number"),
            "disputes__post__number",
        ),
        all=True,
    )
    found: dict[tuple[datetime, int, int], Told] = {}
    for at, text, pk, before, after, number in rows:
        told = Told(article, at, text, pk or 0, before or 0, after)
        told = found.setdefault((at, told.pk, after), told)
        if number:
            told.numbers = sorted([*told.numbers, number])
    every = [found[key] for key in sorted(found, reverse=True)]
    return Record([t for t in every if t.pk], [t for t in every if not t.pk])
