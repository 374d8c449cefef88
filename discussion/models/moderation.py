"""What was reported, what was decided, and why."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, Subquery
from django.utils import timezone
from django.utils.text import capfirst

from articles.models import Article
from discussion.moderation import CRISIS, PERSON, doubting
from mfr_site import mail, sealing
from mfr_site.models import SiteRules

from .post_row import PostRow

if TYPE_CHECKING:
    from accounts.models import User

    from .posts import Post


# A moderator, a member who has shown to be one, and anybody else (PEERS §3).
MODERATOR, MEMBER, READER = 5.0, 1.0, 0.25
# From when on an account counts as a member's here.
SEASONED = timedelta(days=7)
# After a moderator has said that a post may stay, reports hide it no more for so long.
KEPT_FOR = timedelta(hours=24)


class ReportManager(models.Manager["Report"]):
    @transaction.atomic
    def take(
        self,
        post: "Post",
        reason: str,
        note: str,
        by: "User | None",
        *,
        counts: bool = True,
        answer_to: str = "",
    ) -> "Report":
        """Note what somebody says of a post, and do what the reports together ask for.

        What a member says again replaces it. One that does not count is only read.
        `answer_to`: the address of somebody who gives legal notice.
        """
        # First, as in all that may hide a post: or two would wait for each other.
        Article.objects.lock(post.article_id)
        said = {
            "reason": reason,
            "note": note,
            "weight": self.weight_of(by) if counts else 0,
            "created_at": timezone.now(),
            "settled_at": None,
            "upheld": None,
            "answer_to": sealing.seal(answer_to) if answer_to else "",
        }
        if by is None:
            report = self.create(post=post, **said)
        else:
            report = self.update_or_create(post=post, user=by, defaults=said)[0]
        self._act_on(post, report)
        return report

    def ask_about_quotation(self, post: "Post", of: "Post") -> None:
        """Let a moderator see to a post that quotes an erased one (TRUST §4.5)."""
        note = f"It quotes {of}, which its author has deleted. Should the words go?"
        self.create(post=post, reason=Report.Reason.PERSONAL_DATA, note=note, weight=0)
        post.wait()

    def open_about(self, post: "Post") -> "models.QuerySet[Report]":
        return self.filter(post=post, settled_at=None)

    @transaction.atomic
    def settle(
        self, post: "Post", *, upheld: bool | None, outcome: str, reasons: str = ""
    ) -> None:
        """Close the open reports of a post, and answer those who gave legal notice.

        `outcome` is one of `kept`, `changed`, `removed` and `gone`; the templates of the
        mail have its words. The addresses go with the answer.
        """
        reports = self.open_about(post)
        for report in reports.exclude(answer_to=""):
            report.answer(outcome, reasons)
        reports.update(settled_at=timezone.now(), upheld=upheld, answer_to="")

    def weight_of(self, user: "User | None") -> float:
        """What the word of an account counts, scaled from 0.5 to 1.5 by how often it held."""
        if user is None:
            return READER
        if user.is_editor:
            return MODERATOR
        since = timezone.now() - SEASONED
        known = user.authors.filter(posts__published_at__isnull=False).exists()
        base = MEMBER if known and user.date_joined < since else READER
        settled = self.filter(user=user, upheld__isnull=False)
        right, all_told = settled.filter(upheld=True).count(), settled.count()
        # Nobody is known by one report: as if they had been right once and wrong once.
        return round(base * (0.5 + (right + 1) / (all_told + 2)), 3)

    def _act_on(self, post: "Post", report: "Report") -> None:
        if report.reason == Report.Reason.WORRIED:
            post.wait(is_urgent=True)
        if _is_kept(post):
            if report.reason in Report.GRAVE:
                post.wait()
            return
        post.wait()
        rules = SiteRules.current()
        since = timezone.now() - timedelta(hours=rules.hide_within_hours)
        now = post.reports.filter(settled_at=None, created_at__gt=since)
        grave = now.filter(reason__in=Report.GRAVE)
        if _weight(grave) >= MEMBER:
            post.hide(report.reason if report.is_grave else grave[0].reason, HIDDEN)
        elif _weight(now.exclude(reason=Report.Reason.WORRIED)) >= rules.hide_at:
            post.hide("reports", HIDDEN)


HIDDEN = (
    "Readers have reported it, so it is out of sight until a moderator has looked. "
    "If a moderator finds nothing wrong, it shows again."
)


def _weight(reports: "models.QuerySet[Report]") -> float:
    return reports.aggregate(sum=models.Sum("weight"))["sum"] or 0.0


def _is_kept(post: "Post") -> bool:
    """Whether a moderator has said lately that the post may stay as it is."""
    kept = post.decisions.filter(
        action__in=[Decision.Action.KEEP, Decision.Action.RESTORE],
        by__isnull=False,
        created_at__gt=timezone.now() - KEPT_FOR,
    ).first()
    return kept is not None and not (
        post.edited_at and post.edited_at > kept.created_at
    )


class Report(models.Model):
    """One reader's word that a post should be looked at."""

    class Reason(models.TextChoices):
        SPAM = "spam", "It is spam or advertising"
        ABUSE = "abuse", "It attacks somebody"
        PERSONAL_DATA = "personal-data", "It shows personal data"
        DANGEROUS = "dangerous", "It gives dangerous advice"
        WORRIED = "worried", "I am worried about this person"
        LEGAL = "legal", "It breaks the law or my rights"
        OTHER = "other", "Something else"

    # What harms more with every hour that it stands, so it hides at one member's word.
    # Being worried about somebody hides nothing: silencing them would harm (TRUST §4.6).
    GRAVE = (Reason.PERSONAL_DATA, Reason.LEGAL)

    post = models.ForeignKey(
        "discussion.Post", on_delete=models.CASCADE, related_name="reports"
    )
    reason = models.CharField(max_length=14, choices=Reason.choices)
    note = models.TextField(max_length=1000, blank=True)
    # Only members are known; two reports of one member count once.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reports",
    )
    weight = models.FloatField(default=0.25)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)
    upheld = models.BooleanField(null=True)
    # Sealed, and gone with the answer.
    answer_to = models.TextField(blank=True, editable=False)

    objects: ClassVar[ReportManager] = ReportManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="report_once")
        ]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.post})"

    @property
    def is_grave(self) -> bool:
        return self.reason in self.GRAVE

    def answer(self, outcome: str, reasons: str) -> None:
        """Tell the one who gave notice what was decided, and why."""
        try:
            address = sealing.unseal(self.answer_to)
        except sealing.Unreadable:
            return
        path = self.post.get_absolute_url()
        context = {"post": str(self.post), "path": path, "outcome": outcome}
        mail.send("notice_answered", address, {**context, "reasons": reasons})


class DecisionQuerySet(models.QuerySet["Decision"]):
    def unanswered(self) -> Self:
        """Those that the writer has answered, and no moderator yet."""
        return self.filter(appealed_at__isnull=False, appeal_answer="")

    def for_outsiders(self) -> Self:
        """Not that somebody was worried about a writer (TRUST §4.6)."""
        return self.exclude(rule=CRISIS)

    def public(self) -> Self:
        """What the public log tells: of posts that have, or had, a place in public."""
        return (
            self.for_outsiders()
            .filter(post__number__isnull=False, post__article__withdrawn_at=None)
            .select_related("post")
            .prefetch_related(
                models.Prefetch("post__article", queryset=Article.objects.with_live())
            )
            .only("action", "rule", "created_at", "post__number", "post__article")
            .order_by("-created_at", "-pk")
        )

    def older_than(self, pk: int | None) -> Self:
        """Those after one in the public log: the next page of it."""
        if pk is None:
            return self
        there = Subquery(self.model.objects.filter(pk=pk).values("created_at")[:1])
        return self.filter(Q(created_at__lt=there) | Q(created_at=there, pk__lt=pk))


class Decision(models.Model):
    """One decision about one post: by which rule or whom, and the reason.

    Joined to its post by key. The public log shows action, rule, date and number; never
    a text or a name.
    """

    class Action(models.TextChoices):
        HOLD = "hold", "Held"
        PUBLISH = "publish", "Published"
        REFUSE = "refuse", "Refused"
        HIDE = "hide", "Hidden"
        REMOVE = "remove", "Removed"
        RESTORE = "restore", "Restored"
        KEEP = "keep", "Kept"
        EDIT_OUT = "edit-out", "Personal data taken out"
        CLOSE = "close", "Discussion closed"
        OPEN = "open", "Discussion opened"
        SLOW = "slow", "Discussion slowed down"

    post = models.ForeignKey(
        "discussion.Post", on_delete=models.CASCADE, related_name="decisions"
    )
    action = models.CharField(max_length=10, choices=Action.choices)
    rule = models.CharField(max_length=30)
    reason = models.TextField(max_length=600, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="decisions",
    )
    created_at = models.DateTimeField(default=timezone.now)
    appeal = models.TextField(max_length=2000, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_answer = models.TextField(max_length=2000, blank=True)

    objects = DecisionQuerySet.as_manager()

    # What goes against the writer, who may answer it.
    AGAINST = (Action.HOLD, Action.REFUSE, Action.HIDE, Action.REMOVE)

    # What its writer gets a mail about; that a new post is held, its page has told.
    TOLD = (
        *(Action.PUBLISH, Action.REFUSE, Action.HIDE, Action.REMOVE),
        *(Action.RESTORE, Action.EDIT_OUT),
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            # The public log.
            models.Index(fields=["-created_at", "-id"], name="decision_newest")
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.post}"

    @property
    def rule_title(self) -> str:
        """What readers call the rule. Another site's may be one that we have not."""
        return RULE_TITLES.get(self.rule, self.rule)

    @property
    def rule_address(self) -> str:
        """Where the rule stands; a page without that place opens at its top."""
        return f"/community-rules/#s-rule-{self.rule}"

    @property
    def can_be_appealed(self) -> bool:
        """Whether the writer may answer: once, and the last word only (PEERS D8)."""
        latest = self.post.decisions.first()
        return latest == self and self.action in self.AGAINST and not self.appeal

    @transaction.atomic
    def appeal_with(self, text: str) -> None:
        """The writer's answer, if there is none. Ask `can_be_appealed` first."""
        self.appeal, self.appealed_at = text, timezone.now()
        first = Decision.objects.filter(pk=self.pk, appeal="")
        if first.update(appeal=text, appealed_at=self.appealed_at):
            self.post.wait()


# As the community rules have it (content/pages/community-rules.md).
RULE_TITLES = {
    **{rule.name: rule.title for rule in doubting()},
    **{reason.value: str(capfirst(reason.label)) for reason in PostRow.Reason},
    PERSON: "Passed the check for machines",
    "reports": "Reported by readers",
    "moderator": "Judged by a moderator",
    "import": "Held on the site that it comes from",
}


class LearnedWord(models.Model):
    """In how many texts a word was that moderators kept, or removed; see `learning`."""

    digest = models.CharField(max_length=20, unique=True)
    kept = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.digest
