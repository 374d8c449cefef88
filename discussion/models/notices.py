"""What is to be told by mail, noted in the transaction of what happened."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .authors import Author
from .disputes import Dispute
from .followings import Following
from .mailboxes import Mailbox

if TYPE_CHECKING:
    from .moderation import Decision
    from .posts import Post


class NoticeQuerySet(models.QuerySet["Notice"]):
    def told_to(self, mailbox: object) -> Self:
        return self.filter(mailbox=mailbox)

    def tellable(self, now: datetime) -> Self:
        """Those that may be told now: of posts that stand, in threads that were read."""
        from .posts import Post

        unread = Following.objects.unread(now).filter(
            mailbox=OuterRef("mailbox"), article=OuterRef("post__article")
        )
        reply = Q(kind=Notice.Kind.REPLY, post__in=Post.objects.published())
        return self.filter((reply & ~Exists(unread)) | ~Q(kind=Notice.Kind.REPLY))

    # --- In the transaction of what is told

    def about_reply(self, post: "Post") -> None:
        """Tell whoever is answered, if they want to know."""
        answered = post.parent.author if post.parent else None
        box = Mailbox.objects.of_author(answered) if answered else None
        if box and box.replies and box.is_confirmed and not box.owns(post.author):
            self._add(box, Notice.Kind.REPLY, post)

    def about_decision(self, decision: "Decision") -> None:
        """Tell the writer of a post what was decided about it."""
        author = decision.post.author
        # What a rule published at the writer's own step, they have seen happen.
        is_new = decision.by_id or decision.action != decision.Action.PUBLISH
        is_own = (
            decision.by_id is not None and author and author.user_id == decision.by_id
        )
        if author and is_new and not is_own:
            self._tell_writer(author, Notice.Kind.DECISION, decision.post, decision)

    def about_dispute(self, dispute: Dispute) -> None:
        """Tell whoever disputed a passage what came of it."""
        if dispute.post.author:
            self._tell_writer(dispute.post.author, Notice.Kind.DISPUTE, dispute.post)

    def _tell_writer(
        self,
        author: Author,
        kind: "Notice.Kind",
        post: "Post",
        decision: "Decision | None" = None,
    ) -> None:
        box = Mailbox.objects.of_author(author)
        if box and box.is_confirmed and box.decisions:
            self._add(box.kept(), kind, post, decision)

    def _add(
        self,
        box: Mailbox,
        kind: "Notice.Kind",
        post: "Post",
        decision: "Decision | None" = None,
    ) -> None:
        self.get_or_create(mailbox=box, kind=kind, post=post, decision=decision)


class Notice(models.Model):
    """One thing that somebody is to be told by mail, and has not been."""

    class Kind(models.TextChoices):
        REPLY = "reply", "an answer to a post of theirs"
        DECISION = "decision", "a decision on a post of theirs"
        DISPUTE = "dispute", "what came of a dispute of theirs"

    # Checked by nobody, or a post would fail because an address was erased meanwhile.
    mailbox = models.ForeignKey(
        Mailbox,
        on_delete=models.CASCADE,
        related_name="notices",
        db_constraint=False,
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    post = models.ForeignKey("discussion.Post", on_delete=models.CASCADE)
    decision = models.ForeignKey(
        "discussion.Decision", null=True, on_delete=models.CASCADE
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "kind", "post"],
                name="notice_once_per_post",
                condition=Q(decision=None),
            ),
            models.UniqueConstraint(
                fields=["mailbox", "decision"], name="notice_once_per_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.mailbox}"


# Which wish of a mailbox each kind of notice follows.
WANTED = {
    Notice.Kind.REPLY: "replies",
    Notice.Kind.DECISION: "decisions",
    Notice.Kind.DISPUTE: "decisions",
}
