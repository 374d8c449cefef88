"""`Article` is identity: its address, topics and discussion. Its text is in `Revision`."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Unpack

from django.conf import settings
from django.db import models, transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from mfr_site.caching import bump, bump_at

from .article_queryset import SLUG_LENGTH, ArticleQuerySet
from .record import Review
from .related import Related
from .revision import Revision
from .revision_text import RevisionText

if TYPE_CHECKING:
    from accounts.models import User


# Long enough to read and ask around, short enough that a doubt does not stand for a year.
REVIEW_SOON = timedelta(days=30)
REVIEW_FIELDS = ["next_review_on", "review_reason"]


class Article(models.Model):
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    topics = models.ManyToManyField(
        "articles.Topic", related_name="articles", blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When the first revision went or goes live. Set by Revision.approve; never moved.
    first_published_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    withdrawn_reason = models.CharField(max_length=200, blank=True, editable=False)
    featured = models.BooleanField(
        "start here", default=False, help_text="Offered on the home page to newcomers."
    )

    review_months = models.PositiveSmallIntegerField(
        "months between reviews", default=24
    )
    last_reviewed_on = models.DateField(null=True, blank=True, editable=False)
    next_review_on = models.DateField(null=True, blank=True, editable=False)
    # Why the next review is due earlier than its interval says.
    review_reason = models.CharField(max_length=200, blank=True, editable=False)
    # The newest review by a clinician: the only kind that the byline names.
    clinical_review = models.ForeignKey(
        "articles.Review",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    discussion_open = models.BooleanField(default=True)
    # Until then a moderator reads each post before it appears.
    slowed_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Given out under this row's lock (Article.objects.lock); never reused.
    last_post_number = models.PositiveIntegerField(default=0, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    last_post_at = models.DateTimeField(null=True, blank=True, editable=False)

    picked_related = models.ManyToManyField(
        "self",
        through="articles.Related",
        symmetrical=False,
        related_name="related_from",
        blank=True,
    )
    import_ref = models.CharField(
        max_length=200, unique=True, null=True, blank=True, editable=False
    )

    live_revisions: list[Revision]
    newest_title: str
    newest_number: int
    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-first_published_at", "-pk"]
        indexes = [
            models.Index(fields=["-first_published_at", "-id"], name="article_newest")
        ]

    def __str__(self) -> str:
        text = self.live or self.revisions.order_by("-number").first()
        return text.title if text else self.slug

    def get_absolute_url(self) -> str:
        return reverse("articles:detail", args=[self.slug])

    @cached_property
    def live(self) -> Revision | None:
        """The revision that readers see now, computed from the clock."""
        if hasattr(self, "live_revisions"):
            return self.live_revisions[0] if self.live_revisions else None
        return self.revisions.approved_for(self.pk).first()

    @property
    def latest(self) -> Revision:
        """The revision with the highest number: what an editor goes on from."""
        return self.revisions.order_by("-number")[0]

    def locked(self) -> "Article":
        """This article as it is now, locked until the transaction ends."""
        return Article.objects.lock(self.pk)

    @transaction.atomic
    def revise(
        self,
        author: "User | None",
        *,
        based_on: Revision,
        summary: str = "",
        significance: str = Revision.Significance.CONTENT,
        **text: Unpack[RevisionText],
    ) -> Revision:
        """A new revision, not yet approved. What `text` leaves out is as in `based_on`.

        Passages keep their keys from `based_on`, so anchors and links to them live on.
        """
        article = self.locked()
        texts: RevisionText = {**based_on.texts, **text}
        revision = Revision(
            article=article,
            number=article.latest.number + 1,
            based_on=based_on,
            author=author,
            summary=summary,
            significance=significance,
            **texts,
        )
        revision.write()
        return revision

    def restore(self, old: Revision, by: "User") -> Revision:
        """An earlier text as a new draft. Its passages are the same passages again."""
        return self.revise(
            by, based_on=old, summary=f"Back to the text of revision {old.number}"
        )

    @transaction.atomic
    def note_arrangement(self) -> None:
        """What follows when an article's topics or hand-picked articles changed."""
        if self.live:
            Related.objects.refresh(self.live)
        bump(self.page_tag, "articles")

    def note_approval(self, revision: Revision, goes_live: datetime) -> None:
        """What an approval changes beyond the revision; `Revision.approve` calls it."""
        self.set_first_published()
        Related.objects.refresh(revision)
        bump(*self.tags_of_pages())
        if goes_live > timezone.now():
            bump_at(goes_live, *self.tags_of_pages())

    def set_first_published(self) -> None:
        """The earliest time of an approved text; it cannot move once it has passed."""
        times = self.revisions.approved().aggregate(first=Min("go_live_at"))
        self.first_published_at = times["first"]
        self.save(update_fields=["first_published_at"])

    def withdraw(self, by: "User", reason: str) -> None:
        """Hide the article and its discussion from everybody, until reinstated.

        `reason` is told to whoever asks for the page.
        """
        self._set_withdrawn(timezone.now(), by, reason)

    def reinstate(self) -> None:
        """Show a withdrawn article again, with the discussion as it was."""
        self._set_withdrawn(None, None, "")

    @transaction.atomic
    def _set_withdrawn(
        self, at: datetime | None, by: "User | None", reason: str
    ) -> None:
        self.withdrawn_at, self.withdrawn_by, self.withdrawn_reason = at, by, reason
        self.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        bump(*self.tags_of_pages(), "discussion")

    @transaction.atomic
    def change_slug(self, slug: str) -> None:
        """Give the article another address. The old ones lead to it.

        Raises ValidationError when another article has the address, now or before.
        """
        if slug == self.slug:
            return
        self.old_slugs.filter(slug=slug).delete()
        Article.objects.refuse_taken(slug)
        OldSlug.objects.create(article=self, slug=self.slug)
        bump(*self.tags_of_pages(), "discussion")
        self.slug = slug
        self.save(update_fields=["slug"])
        bump(self.page_tag)

    @transaction.atomic
    def record_review(self, review: Review) -> None:
        """Keep a new review of the whole page, and say when the next one is due.

        No edit ever moves these dates, however small or large.
        """
        review.article = self
        review.save(force_insert=True)
        if review.revision.was_public:
            self._count(review)

    @transaction.atomic
    def count_reviews_of(self, revision: Revision) -> None:
        """Reviews of a text from before it was published count from when it is."""
        for review in revision.reviews.order_by("on", "pk"):
            is_newer = not self.last_reviewed_on or review.on > self.last_reviewed_on
            is_clinical = review.kind == Review.Kind.CLINICAL
            if is_newer or (is_clinical and review != self.clinical_review):
                self._count(review)

    def _count(self, review: Review) -> None:
        former = self.clinical_review
        if review.kind == Review.Kind.CLINICAL and (
            former is None or former.on <= review.on
        ):
            self.clinical_review = review
        if self.last_reviewed_on is None or review.on >= self.last_reviewed_on:
            self.last_reviewed_on = review.on
            self.next_review_on = months_after(review.on, self.review_months)
            self.review_reason = ""
        self.save(update_fields=[*REVIEW_FIELDS, "last_reviewed_on", "clinical_review"])
        self._bump_around_review()

    @transaction.atomic
    def bring_review_forward(self, reason: str) -> None:
        """Ask for a review soon, because of what has become known since the last one."""
        soon = timezone.localdate() + REVIEW_SOON
        if self.next_review_on is None or soon < self.next_review_on:
            self.next_review_on, self.review_reason = soon, reason
            self.save(update_fields=REVIEW_FIELDS)
            self._bump_around_review()

    def _bump_around_review(self) -> None:
        """The page says when its review is due, and from the day after that it is late."""
        bump(self.page_tag)
        if self.next_review_on:
            day_after = self.next_review_on + timedelta(days=1)
            bump_at(
                timezone.make_aware(datetime.combine(day_after, time())), self.page_tag
            )

    @property
    def page_tag(self) -> str:
        """The tag that `caching.bump` knows all of this article's pages by."""
        return f"article:{self.slug}"

    @property
    def posts_tag(self) -> str:
        """The tag of what a post changes that quotes nothing of the article."""
        return f"posts:{self.slug}"

    @property
    def takes_posts(self) -> bool:
        """Whether its discussion is open."""
        return self.discussion_open and self.withdrawn_at is None

    def tags_of_pages(self) -> list[str]:
        """The tags of all pages that show its title: lists, itself, where it is named."""
        naming = Article.objects.filter(related_links__other=self)
        return ["articles", self.page_tag, *(other.page_tag for other in naming)]

    @property
    def state_for_editors(self) -> str:
        """Where the article stands, in a few words. Needs `with_newest`."""
        if self.withdrawn_at:
            return "Withdrawn"
        if not self.live:
            return "Not published yet"
        if self.newest_number > self.live.number:
            return f"Published, with draft {self.newest_number}"
        return "Published"

    def is_review_overdue(self, today: date | None = None) -> bool:
        return bool(
            self.next_review_on
            and self.next_review_on < (today or timezone.localdate())
        )


class OldSlug(models.Model):
    """An address the article had before; it redirects."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="old_slugs"
    )
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)

    def __str__(self) -> str:
        return self.slug


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of that month if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
