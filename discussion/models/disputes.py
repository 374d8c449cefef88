"""A reader's "I think this is wrong", and what came of it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from articles.models import Correction, Revision
from discussion import mentions
from mfr_site.caching import bump, bump_at
from mfr_site.markdown import excerpt, plain_text

if TYPE_CHECKING:
    from accounts.models import User

    from .posts import Post

# So long an editor may take before the desk calls a dispute overdue (PEERS D2).
ANSWER_WITHIN = timedelta(days=7)
# So many open disputes ask for a look at the whole article (PEERS D10).
MANY = 3
MAX_ANSWER = 2_000
EXCERPT_LENGTH = 200


class DisputeQuerySet(models.QuerySet["Dispute"]):
    @transaction.atomic
    def begin(self, post: "Post") -> "Dispute":
        """A post says that its passage is wrong. Many such posts ask for a review."""
        due = timezone.localdate() + ANSWER_WITHIN
        dispute = self.create(post=post, due_on=due)
        waiting = self.undecided().filter(post__article=post.article).count()
        if waiting >= MANY:
            post.article.bring_review_forward(f"{waiting} disputes are open.")
        return dispute

    def standing(self) -> Self:
        """Disputes that readers can see, whatever came of them."""
        return self.filter(post__state="published", post__article__withdrawn_at=None)

    def undecided(self) -> Self:
        """Those that an editor still has to decide, the most urgent first."""
        # The schedule of the text that settles it was taken back.
        called_back = Q(state__in=Dispute.SETTLED_BY_TEXT, correction=None)
        waiting = Q(state__in=Dispute.OPEN_STATES) | called_back
        return self.standing().filter(waiting).order_by("due_on", "opened_at")

    def overdue(self) -> Self:
        return self.undecided().filter(due_on__lt=timezone.localdate())

    def for_editors(self) -> Self:
        """With the post, its passage and its author, for lists of many."""
        return self.select_related(
            "post__anchor", "post__article", "post__author__user"
        )


class Dispute(models.Model):
    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "The editors are looking"
        ANSWERED = "answered", "Answered, not changed"
        CORRECTED = "corrected", "Corrected"
        REWORDED = "reworded", "Reworded, to be clearer"
        EVIDENCE_WANTED = "evidence-wanted", "Evidence wanted"

    OPEN_STATES = (State.OPEN, State.ACKNOWLEDGED, State.EVIDENCE_WANTED)
    SETTLED_BY_TEXT = (State.CORRECTED, State.REWORDED)

    post = models.OneToOneField(
        "discussion.Post", on_delete=models.CASCADE, related_name="dispute"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    answer = models.TextField(max_length=MAX_ANSWER, blank=True)
    answer_html = models.TextField(blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    # Since when its writer has been told what came of it, if there was a way.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    correction = models.ForeignKey(
        "articles.Correction",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="disputes",
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on"],
                name="dispute_open",
                condition=Q(state__in=["open", "acknowledged", "evidence-wanted"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.post}"

    # --- What readers see of it

    @property
    def is_settled_by_text(self) -> bool:
        """Whether readers see the better text: one to come settles nothing yet."""
        return (
            self.state in self.SETTLED_BY_TEXT
            and self.correction is not None
            and self.correction.after.was_public
        )

    @property
    def is_open(self) -> bool:
        return self.state != self.State.ANSWERED and not self.is_settled_by_text

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def excerpt(self) -> str:
        """The first words of the answer."""
        return excerpt(plain_text(self.answer_html), EXCERPT_LENGTH)

    @property
    def state_for_readers(self) -> str:
        if self.state in self.SETTLED_BY_TEXT and not self.is_settled_by_text:
            return str(self.State.ACKNOWLEDGED.label)
        return self.get_state_display()

    # --- What editors do with it

    def acknowledge(self) -> None:
        """Say that somebody is looking."""
        self._become(self.State.ACKNOWLEDGED)

    @transaction.atomic
    def answer_with(self, text: str, by: "User") -> None:
        """Say why the passage stays as it is."""
        self._write(text, by)
        self._become(self.State.ANSWERED)
        self.tell()

    @transaction.atomic
    def ask_for_evidence(self, text: str, by: "User") -> None:
        """Say what would be needed to decide."""
        self._write(text, by)
        self._become(self.State.EVIDENCE_WANTED)
        self.tell()

    def settle_by(self, correction: Correction) -> None:
        """The passage is better because of it, from when that text is live."""
        self.correction, self.told_at = correction, None
        is_correction = correction.kind == Correction.Kind.CORRECTION
        self._become(self.State.CORRECTED if is_correction else self.State.REWORDED)

    @transaction.atomic
    def tell(self) -> None:
        """Mail to whoever disputed what came of it, if they want to know: once."""
        from .notices import Notice

        if self.told_at is None:
            self.told_at = timezone.now()
            self.save(update_fields=["told_at"])
            Notice.objects.about_dispute(self)

    def _write(self, text: str, by: "User") -> None:
        if not text.strip():
            raise ValidationError("An answer needs its reason.", code="required")
        self.answer = text
        self.answer_html = mentions.render(self.post.article, text, self.post)
        self.answered_by, self.answered_at = by, timezone.now()
        self.told_at = None

    @transaction.atomic
    def _become(self, state: State) -> None:
        self.state = state
        self.save()
        article = self.post.article
        bump(article.page_tag, "discussion", "articles")
        if self.correction and self.correction.after.is_scheduled:
            live_from = self.correction.after.go_live_at
            assert live_from is not None  # noqa: S101 - scheduled means that it has one
            bump_at(live_from, article.page_tag, "discussion", "articles")


class Outcome(models.Model):
    """What an editor said of a dispute when publishing a text that touches its passage."""

    class What(models.TextChoices):
        CORRECTED = "corrected", "Corrected because of it"
        REWORDED = "reworded", "Reworded only: it was true, and is clearer now"
        STILL_OPEN = "still-open", "Still open: this text does not settle it"

    dispute = models.ForeignKey(
        Dispute, on_delete=models.CASCADE, related_name="outcomes"
    )
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=10, choices=What.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "revision"], name="outcome_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.revision})"
