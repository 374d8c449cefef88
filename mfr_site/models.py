import time
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import DatabaseError, models
from django.utils import timezone

# As long as the codes in mails are good; and as long as any mail is kept (TRUST §4.3).
CODE_LIFE = timedelta(minutes=10)
MAIL_LIFE = timedelta(days=7)
# A change of the rules is in force everywhere after so many seconds.
RULES_KEPT = 10


class PageVersion(models.Model):
    """How often the pages with one tag have changed; see `caching.bump`."""

    tag = models.CharField(max_length=140, primary_key=True)
    version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.tag} {self.version}"


class ScheduledBump(models.Model):
    """A time at which the pages with one tag change by themselves; see `bump_at`."""

    tag = models.CharField(max_length=140)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tag", "at"], name="scheduled_bump")]

    def __str__(self) -> str:
        return f"{self.tag} at {self.at}"


class SearchEntry(models.Model):
    """One findable text. Written, matched and removed only by `full_text`.

    `kind` and `object_id` name the row of another app: "revision" or "post". What may be
    shown is not decided here: the caller joins the ids to its own visible rows.
    """

    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    title = models.TextField(blank=True)
    body = models.TextField()

    class Meta:
        verbose_name_plural = "search entries"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"], name="search_entry_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class OutgoingMail(models.Model):
    """A mail on its way: written by `mail.send`, gone when it has been delivered."""

    name = models.CharField(max_length=60)
    # Empty where the task that delivers it knows to whom: no address waits in the open.
    to = models.EmailField(blank=True)
    context = models.JSONField(default=dict)
    # Fixed here, so that a mail sent twice after a crash arrives as one (TRUST R2).
    message_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    # How often a worker began to hand it over without telling that it failed.
    begun = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def is_too_old(self) -> bool:
        """Whether nobody has use for it any more: a code is good for ten minutes."""
        life = CODE_LIFE if "code" in self.context else MAIL_LIFE
        return timezone.now() - self.created_at > life


class ReturnedAddress(models.Model):
    """An address, by keyed hash, that a mail server refused for good; see `mail`.

    News and reply mail leave it alone. What its owner asks for at the doors, such as a
    code, is still tried: a server may have been wrong.
    """

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"returned on {self.at:%Y-%m-%d}"


class LoadedContent(models.Model):
    """What a file of starter content held when it was loaded; see `content_files`."""

    ref = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.ref


class SiteRules(models.Model):
    """What editors may change without a deploy: words, limits, thresholds. One row.

    The defaults are those of PEERS §3 and TRUST §1.1. Ask `SiteRules.current()`, which
    each process keeps for some seconds.
    """

    blocked_words = models.TextField(
        blank=True,
        help_text="One word or phrase a line. A post that has one waits for a moderator.",
    )
    crisis_words = models.TextField(
        blank=True,
        help_text="One phrase a line, besides those that are built in. Whoever says one "
        "is shown help lines, and moderators see the post first. Nothing is held.",
    )
    red_flags = models.TextField(
        blank=True,
        help_text="One symptom a line, besides those that are built in. Whoever names one "
        "is told to ask a doctor today. Nothing is held.",
    )
    links_from_strangers = models.PositiveSmallIntegerField(
        default=2,
        help_text="A post with more links waits, unless its writer is trusted.",
    )
    posts_in_a_row = models.PositiveSmallIntegerField(
        default=3,
        help_text="So many posts of one person may follow each other in a thread.",
    )
    posts_in_a_burst = models.PositiveSmallIntegerField(
        default=6,
        help_text="So many posts of one person in ten minutes appear at once.",
    )
    form_seconds = models.PositiveSmallIntegerField(
        default=3,
        help_text="A form that comes back sooner was hardly filled in by a person.",
    )
    first_post_waits = models.BooleanField(
        default=False,
        help_text="Hold what somebody posts until one post of theirs was published.",
    )
    held_per_hour = models.PositiveSmallIntegerField(
        default=60,
        help_text="When so many posts were held within an hour, every post without an "
        "account waits.",
    )
    score_holds_at = models.FloatField(
        default=0.98,
        help_text="A post as much like those that moderators removed waits. 1 is never.",
    )
    hide_at = models.FloatField(
        default=3.0,
        help_text="Reports of this weight together hide a post until it was looked at. "
        "A member's weighs about 1, anybody else's 0.25.",
    )
    hide_within_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Only reports of so many hours count together."
    )
    waits_too_long_hours = models.PositiveSmallIntegerField(
        default=12, help_text="Moderators get a mail when a post has waited longer."
    )
    weights = models.TextField(
        blank=True,
        help_text="How much the doubt of a rule counts: only what differs from the usual, a "
        "line each: “links: 0.5”. Doubts that come to 1 decide; 0 switches a rule off.",
    )
    limits = models.TextField(
        blank=True,
        help_text="Only what differs from the usual, a line each: "
        "“anonymous post: 1/15s, 5/10m, 20/d”.",
    )

    _kept: ClassVar[tuple[float, "SiteRules"] | None] = None

    class Meta:
        verbose_name = verbose_name_plural = "rules and limits"

    def __str__(self) -> str:
        return "Rules and limits"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)
        self.forget()

    @classmethod
    def current(cls) -> Self:
        """The rules in force; the usual ones while the database does not answer."""
        if cls._kept is None or cls._kept[0] < time.monotonic():
            try:
                rules = cls.objects.filter(pk=1).first() or cls()
            except DatabaseError:
                return cls()
            cls._kept = (time.monotonic() + RULES_KEPT, rules)
        return cls._kept[1]  # type: ignore[return-value]

    @classmethod
    def forget(cls) -> None:
        """Read the rules anew at the next question."""
        cls._kept = None


class Erasure(models.Model):
    """That something was deleted at its owner's wish: what and which, never whose.

    A backup from before still has it. After a restore it is deleted again
    (`erasures.replay`); the row is kept for as long as a backup is.
    """

    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    # Whether the search index has been rid of its words too (`retention`).
    is_settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
