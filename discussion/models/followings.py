"""What each reader has been told of each discussion, so that nothing is told twice."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q

from articles.models import Article

from .mailboxes import Mailbox

# A mail that nobody came back from stands for all that follows, but not for ever.
UNREAD_AT_MOST = timedelta(days=7)


class FollowingQuerySet(models.QuerySet["Following"]):
    def unread(self, now: datetime) -> Self:
        """Discussions of which a mail is out that nobody has come back from."""
        return self.filter(unread_since__gt=now - UNREAD_AT_MOST)

    def forget_unread(self, before: datetime) -> int:
        """Forget mails that have waited for long, with what was only noted for them."""
        old = self.filter(unread_since__lt=before)
        count = old.filter(everything=False).delete()[0]
        return count + old.update(unread_since=None)

    def behind(self, now: datetime, ripe: datetime | None = None) -> Self:
        """Those with a post that is to be told; one from before `ripe`, if given."""
        from .posts import Post

        new = Post.objects.published().filter(
            article=OuterRef("article"), number__gt=OuterRef("told_number")
        )
        if ripe:
            new = new.filter(published_at__lte=ripe)
        read = Q(unread_since=None) | Q(unread_since__lte=now - UNREAD_AT_MOST)
        return self.rising().filter(read, Exists(new))

    def rising(self) -> Self:
        """Those in whose discussions a number was given that is not told yet."""
        return self.filter(
            everything=True, article__last_post_number__gt=F("told_number")
        )


class Following(models.Model):
    """What one reader has been told of one discussion.

    `everything`: every new post is told, those after `told_number` are not yet. Without
    it the row only says since when a mail about the discussion waits to be read.
    """

    mailbox = models.ForeignKey(
        Mailbox, on_delete=models.CASCADE, related_name="followings"
    )
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="followings"
    )
    everything = models.BooleanField(default=False)
    told_number = models.PositiveIntegerField(default=0)
    unread_since = models.DateTimeField(null=True)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "article"], name="following_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mailbox}, {self.article_id}"

    @transaction.atomic
    def come_back(self) -> None:
        """Its reader has seen what there is; the next post is news again."""
        from .notices import Notice

        Mailbox.objects.lock(pk=self.mailbox_id)
        number = Article.objects.values_list("last_post_number", flat=True)
        self.told_number = number.get(pk=self.article_id)
        self.unread_since = None
        self.save(update_fields=["told_number", "unread_since"])
        replies = self.mailbox.notices.filter(kind=Notice.Kind.REPLY)
        replies.filter(post__article=self.article_id).delete()

    def stop(self) -> None:
        self.delete()
