"""Who is written to, about what, and what they know already.

A member's mail goes to the address of the account. Somebody without one may leave an
address under their post key: sealed, confirmed by mail before it is used for anything
else, and gone when it is no longer wanted (TRUST §4.1).
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from articles.models import Article
from mfr_site import erasures, mail, sealing
from mfr_site.models import ReturnedAddress

from .authors import Author, PostKey
from .disputes import Dispute

if TYPE_CHECKING:
    from accounts.models import User

    from .followings import Following

# Both are told on the privacy page; `housekeeping` sees to them (TRUST §4.3).
CONFIRM_WITHIN = timedelta(hours=24)
ADDRESS_LIFE = timedelta(days=180)
# When the daily mail leaves, in UTC: in the morning where most readers are.
MORNING = 6


class Pace(models.TextChoices):
    NOW = "now", "At once"
    HOURLY = "hourly", "Once an hour at most"
    DAILY = "daily", "Once a day at most"

    def ripe(self, now: datetime) -> datetime:
        """What is older than this is to be told now, with all that came since."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        morning = hour.replace(hour=MORNING)
        if self is Pace.NOW:
            return now
        if self is Pace.HOURLY:
            return hour
        return morning if morning <= now else morning - timedelta(days=1)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def of(self, holder: "User | PostKey") -> "Mailbox | None":
        """That of an account, which always has one, or of a post key."""
        if isinstance(holder, PostKey):
            return self.filter(key=holder).first()
        return self.of_member(holder)

    def of_member(self, user: "User") -> "Mailbox":
        """A new one is not saved: looking at a page writes nothing."""
        return self.filter(user=user).first() or self.model(user=user)

    def of_author(self, author: Author) -> "Mailbox | None":
        """That of whoever spoke in a discussion, if they can be written to at all."""
        if author.user_id is not None:
            box = self.filter(user=author.user_id).first()
            return box or self.model(user_id=author.user_id)
        return self.filter(key=author.key_id).first() if author.key_id else None

    def lock(self, **which: object) -> "Mailbox | None":
        """One mailbox, locked until the transaction ends: whoever changes what is to be
        told to it does this first, so that nobody waits for each other in a circle."""
        return self.select_for_update(no_key=True).filter(**which).first()

    def kept_for(self, user: "User") -> "Mailbox":
        return self.get_or_create(user=user)[0]

    @transaction.atomic
    def begin(self, key: PostKey, address: str) -> None:
        """Ask an address whether it wants the mail of a key. It replaces the one before."""
        from discussion.letters import deliver

        digest = sealing.digests(address)[0]
        for former in self.filter(key=key).exclude(digest=digest):
            former.erase()
        sealed = sealing.seal(address)
        box, _ = self.update_or_create(
            key=key,
            digest=digest,
            defaults={"asked_at": timezone.now()},
            create_defaults={"sealed": sealed, "replies": True},
        )
        mail.send("confirm_reply_mail", "", {"mailbox": box.pk}, deliver)

    def standing(self) -> Self:
        """Those that may be written to."""
        key = Q(confirmed_at__isnull=False, key__deletion_due_at=None, user=None)
        user = Q(user__is_active=True, user__is_sample=False)
        user &= Q(user__deletion_due_at=None) & ~Q(user__email="")
        return self.filter(key | user)

    def due(self, now: datetime) -> Self:
        """Those that something is to be told, at the pace that their holders chose."""
        from .followings import Following
        from .notices import Notice

        anything = Q()
        for pace in Pace:
            ripe = pace.ripe(now)
            notices = Notice.objects.told_to(OuterRef("pk")).tellable(now)
            behind = Following.objects.filter(mailbox=OuterRef("pk")).behind(now, ripe)
            anything |= Q(pace=pace) & (
                Exists(notices.filter(created_at__lte=ripe)) | Exists(behind)
            )
        return self.standing().filter(anything)

    def with_news(self) -> Self:
        """The few for whom there is anything at all, found without looking at the rest."""
        from .followings import Following
        from .notices import Notice

        noted = Q(pk__in=Notice.objects.values("mailbox"))
        return self.filter(
            noted | Q(pk__in=Following.objects.rising().values("mailbox"))
        )

    def unconfirmed(self, before: datetime) -> Self:
        return self.filter(key__isnull=False, confirmed_at=None, asked_at__lt=before)

    def outlived(self, before: datetime) -> Self:
        return self.filter(key__isnull=False, asked_at__lt=before)

    def returned(self) -> Self:
        """Addresses that no mail reaches."""
        digests = ReturnedAddress.objects.values("digest")
        return self.filter(confirmed_at__isnull=False, digest__in=digests)

    def idle(self) -> Self:
        """Addresses in whose discussions nothing can come any more."""
        there = Author.objects.filter(key=OuterRef("key"))
        open_ = there.filter(
            article__discussion_open=True, article__withdrawn_at=None
        ).filter(posts__isnull=False)
        waiting = Q(state__in=Dispute.OPEN_STATES, post__author__key=OuterRef("key"))
        disputes = Dispute.objects.filter(waiting)
        return self.filter(key__isnull=False).exclude(Exists(open_) | Exists(disputes))


class Mailbox(models.Model):
    """Where somebody is written to. `replies` and `decisions` are about their own posts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE
    )
    key = models.OneToOneField(PostKey, null=True, on_delete=models.CASCADE)
    # The address, where there is no account: readable with SECRET_KEY alone.
    sealed = models.TextField(blank=True)
    # Finds it among those that mail came back from.
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)

    pace = models.CharField(max_length=6, choices=Pace.choices, default=Pace.NOW)
    replies = models.BooleanField(default=False)
    decisions = models.BooleanField(default=True)
    # What waits for an editor, each morning.
    desk = models.BooleanField(default=True)
    desk_on = models.DateField(null=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mailbox_has_one_holder",
                condition=Q(user__isnull=True, key__isnull=False)
                | Q(user__isnull=False, key__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"Mailbox {self.pk}"

    @property
    def holder(self) -> "User | PostKey":
        holder = self.user or self.key
        assert holder  # noqa: S101 - the constraint above
        return holder

    @property
    def address(self) -> str:
        """Empty when it was sealed under a SECRET_KEY that is no more."""
        if self.user:
            return self.user.email
        with suppress(sealing.Unreadable):
            return sealing.unseal(self.sealed)
        return ""

    @property
    def masked(self) -> str:
        """Enough of the address to know it again, for whoever holds the key."""
        name, _, host = self.address.rpartition("@")
        return f"{name[:1]}…@{host}"

    @property
    def until(self) -> datetime:
        return self.asked_at + ADDRESS_LIFE

    @property
    def is_confirmed(self) -> bool:
        return self.user_id is not None or self.confirmed_at is not None

    def owns(self, author: Author | None) -> bool:
        if author is None:
            return False
        if author.user_id is not None:
            return author.user_id == self.user_id
        return author.key_id is not None and author.key_id == self.key_id

    def kept(self) -> "Mailbox":
        """This one, saved if it was not."""
        if self.pk or self.user is None:
            return self
        return Mailbox.objects.kept_for(self.user)

    def renew(self) -> None:
        """Its holder asked for the mail again."""
        self.asked_at = timezone.now()
        self.save(update_fields=["asked_at"])

    @transaction.atomic
    def confirm(self) -> None:
        """Its owner wants the mail. A mail that came back before was a mistake, then."""
        self.confirmed_at = self.confirmed_at or timezone.now()
        self.save(update_fields=["confirmed_at"])
        mail.lift(self.address)

    @transaction.atomic
    def erase(self) -> None:
        """Forget an address, also in what is restored from a backup."""
        Mailbox.objects.lock(pk=self.pk)
        erasures.note(erasures.MAILBOX, self.pk)
        self.delete()

    @transaction.atomic
    def stop(self, what: str) -> None:
        """Tell no more of "replies" or "decisions", or of "all".

        An address that was left for that alone is erased.
        """
        Mailbox.objects.lock(pk=self.pk)
        if self.key_id is not None:
            self.erase()
            return
        stopped = ["replies", "decisions"] if what == "all" else [what]
        for field in stopped:
            setattr(self, field, False)
        self.save(update_fields=stopped)
        self.forget_unwanted()
        if what == "all":
            self.followings.all().delete()

    def forget_unwanted(self) -> None:
        """Drop what waits and is not wanted any more."""
        from .notices import WANTED

        unwanted = [kind for kind, field in WANTED.items() if not getattr(self, field)]
        self.notices.filter(kind__in=unwanted).delete()

    @transaction.atomic
    def follow(self, article: Article) -> None:
        """Tell of every new post in a discussion, from now on."""
        box = self.kept()
        following, _ = box.followings.get_or_create(article=article)
        if not following.everything:
            following.everything = True
            following.told_number = article.last_post_number
            following.save(update_fields=["everything", "told_number"])

    def follows(self, article: Article) -> "Following | None":
        return self.followed().filter(article=article).first()

    def followed(self) -> "models.QuerySet[Following]":
        """The discussions of which every new post is told."""
        from .followings import Following

        articles = models.Prefetch("article", Article.objects.published().with_live())
        mine = Following.objects.filter(mailbox=self.pk)
        followed = mine.filter(everything=True, article__withdrawn_at=None)
        return followed.prefetch_related(articles).order_by("pk")

    @classmethod
    def hand_over(cls, key: PostKey, user: "User") -> None:
        """The key becomes part of an account: so does what it was told about."""
        held = cls.objects.of(key)
        if held is None or not held.is_confirmed:
            return
        box = cls.objects.kept_for(user)
        box.replies = box.replies or held.replies
        box.save(update_fields=["replies"])
        known = box.followings.values("article")
        held.followings.exclude(article__in=known).update(mailbox=box)
        held.erase()
