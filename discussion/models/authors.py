"""Who speaks: an account, or the holder of a post key. Views never tell them apart."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from articles.models import Article
from mfr_site import caching

from .light_row import LightRow

if TYPE_CHECKING:
    from accounts.models import User

    from .post_queryset import PostQuerySet

# For so long a form may be sent again by somebody whose first answer got lost.
FRESH = timedelta(minutes=20)


# To change one's mind about leaving (TRUST §4.5).
COOLING_OFF = timedelta(hours=24)


class PostKeyQuerySet(models.QuerySet["PostKey"]):
    def unused(self, before: datetime) -> Self:
        """Keys made before a time that nothing was written or is shown with."""
        return self.filter(
            created_at__lt=before, authors__isnull=True, credentials__isnull=True
        )


class PostKey(models.Model):
    """A secret in words that lets somebody without an account own what they wrote.

    Only a keyed hash is kept (DESIGN §5): a lost key is lost.
    """

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    trusted_at = models.DateTimeField(null=True, blank=True)
    silenced_at = models.DateTimeField(null=True, blank=True)
    deletion_due_at = models.DateTimeField(null=True, blank=True)
    erase_texts = models.BooleanField(default=False)

    objects = PostKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Post key {self.pk}"

    def leave(self, *, erase: bool) -> None:
        """Ask for the key to be deleted, and what became of it to be parted from it."""
        self.deletion_due_at = timezone.now() + COOLING_OFF
        self.erase_texts = erase
        self.save(update_fields=["deletion_due_at", "erase_texts"])

    def stay(self) -> None:
        """Its holder changed their mind."""
        self.deletion_due_at, self.erase_texts = None, False
        self.save(update_fields=["deletion_due_at", "erase_texts"])

    @property
    def is_fresh(self) -> bool:
        """Whether the answer that told its words may still be on its way."""
        return timezone.now() - self.created_at < FRESH

    def owns_anything(self) -> bool:
        return self.authors.filter(posts__isnull=False).exists()

    @transaction.atomic
    def hand_over(self, user: "User") -> None:
        """Put all that the key wrote under an account. The key then opens nothing.

        The labels stay taken: nobody else shall answer to them.
        """
        from .credentials import Credential
        from .mailboxes import Mailbox

        for author in self.authors.order_by("article_id"):
            article = Article.objects.lock(author.article_id)
            account = article.authors.filter(user=user).first()
            if account:
                author.posts.update(author=account)
            else:
                author.user = user
            author.key = None
            author.save(update_fields=["user", "key"])
            caching.bump(article.page_tag)
        caching.bump("discussion")
        Credential.hand_over(self, user)
        Mailbox.hand_over(self, user)
        if self.silenced_at and not user.silenced_at:
            user.silenced_at = self.silenced_at
            user.save(update_fields=["silenced_at"])
        self.delete()


class AuthorQuerySet(models.QuerySet["Author"]):
    def posts(self) -> "PostQuerySet":
        """All that these authors wrote, whatever became of it."""
        from .posts import Post

        return Post.objects.filter(author__in=self)


class Author(LightRow):
    """One person in one discussion: a member by name, or a key holder by label.

    One row per article and person. So a label is the same throughout a discussion, can
    belong to nobody else in it, and links nothing to any other discussion.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="authors"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="authors",
    )
    key = models.ForeignKey(
        PostKey,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="authors",
    )
    label = models.CharField(max_length=60, blank=True)

    objects = AuthorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "user"], name="author_user_once"
            ),
            models.UniqueConstraint(fields=["article", "key"], name="author_key_once"),
            models.UniqueConstraint(
                fields=["article", "label"],
                name="author_label_once",
                condition=~Q(label=""),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(label=""), name="author_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.public_name if self.user else self.label

    @property
    def is_anonymous(self) -> bool:
        return self.user_id is None

    @property
    def names(self) -> set[str]:
        """All that this person may be called in the discussion."""
        if self.user is None:
            # Whoever writes "Anonymous Heron" may mean "Anonymous Heron 2".
            return {self.label, self.label.rstrip(" 0123456789")}
        return {name for name in (self.user.username, self.user.display_name) if name}

    def last_number(self) -> int | None:
        """The number of the latest post that stands."""
        numbers = self.posts.published().values_list("number", flat=True)
        return numbers.order_by("-number").first()

    def let_go(self) -> None:
        """Forget who this is when nothing of theirs is left in the discussion.

        The label stays taken: nobody else shall answer to it.
        """
        from .mailboxes import Mailbox

        if self.posts.exists():
            return
        if self.user_id is not None:
            self.delete()
        elif self.key and not self.key.owns_anything():
            Mailbox.objects.lock(key=self.key)
            self.key.delete()
