"""What somebody is by profession: in their own words, or as an editor found it.

Three plain levels stand beside a post (PEERS D5): said by its writer and not checked;
found by an editor in a public register, on a date; reviewer of this site. Nobody needs
any of them to speak. One may belong to an account or to a post key: then readers see the
credential and no name.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from mfr_site import mail

from .authors import PostKey

if TYPE_CHECKING:
    from accounts.models import User

    from .posts import Post

# A register can change any day; after a year we no longer vouch for what it said.
VALID = timedelta(days=365)


class CredentialType(models.Model):
    """A public register that editors can look somebody up in."""

    name = models.CharField(
        max_length=80,
        help_text="As readers see it: “RMT, register of British Columbia”.",
    )
    register_url = models.URLField("address of the register")
    is_reserved = models.BooleanField(
        "reserved by law",
        default=False,
        help_text="Only people on the register may use the title.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class CredentialQuerySet(models.QuerySet["Credential"]):
    def standing(self) -> Self:
        """Those that their holders have not taken off, nor an editor."""
        return self.filter(ended_at=None)

    def waiting(self) -> Self:
        """Those that an editor is asked to look up, the oldest first."""
        return self.standing().filter(asked_at__isnull=False).order_by("asked_at")

    def lapsed(self) -> Self:
        """Those whose check is over a year old."""
        return self.standing().filter(valid_until__lt=timezone.localdate())

    def held_by(self, holder: "User | PostKey") -> "Credential | None":
        """What an account or a post key shows beside its posts now."""
        kind = "key" if isinstance(holder, PostKey) else "user"
        return self.standing().filter(**{kind: holder}).first()

    @transaction.atomic
    def show(
        self,
        holder: "User | PostKey",
        title: str,
        type: "CredentialType | None" = None,
        url: str = "",
        number: str = "",
    ) -> "Credential":
        """Show somebody's own words; with a register, ask an editor to look there.

        Other words than an editor has checked are not checked.
        """
        held = self.held_by(holder)
        if held and held.title != title:
            held.take_off()
            held = None
        if held is None:
            kind = "key" if isinstance(holder, PostKey) else "user"
            held = self.create(title=title, **{kind: holder})
        if type:
            held.ask(type, url, number)
        return held


class Credential(models.Model):
    class Level(models.TextChoices):
        CLAIM = "claim", "says so, not checked"
        REGISTER = "register", "found in a register by an editor"
        REVIEWER = "reviewer", "reviews articles for this site"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="credentials",
    )
    key = models.ForeignKey(
        PostKey,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="credentials",
    )
    level = models.CharField(
        max_length=8, choices=Level.choices, default=Level.CLAIM, editable=False
    )
    title = models.CharField("in their own words", max_length=60)
    type = models.ForeignKey(
        CredentialType,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name="register",
        related_name="credentials",
    )

    # What an editor needs to look it up. Gone as soon as one has (TRUST §4.3).
    proof_url = models.URLField("address of the entry", blank=True)
    proof_number = models.CharField("number", max_length=40, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Tells whether two people claim one entry; the number cannot be read back.
    number_digest = models.CharField(max_length=64, blank=True, editable=False)

    answer = models.TextField("to its holder", max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    checked_on = models.DateField(null=True, blank=True, editable=False)
    valid_until = models.DateField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="credential_has_one_holder",
                condition=Q(user__isnull=True, key__isnull=False)
                | Q(user__isnull=False, key__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="credential_once_per_user",
                condition=Q(ended_at=None),
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="credential_once_per_key",
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def holder(self) -> "User | PostKey":
        holder = self.user or self.key
        assert holder  # noqa: S101 - the constraint above
        return holder

    @property
    def is_lapsed(self) -> bool:
        return bool(self.valid_until and self.valid_until < timezone.localdate())

    @property
    def state(self) -> str:
        """One word for how it is drawn: says, checked, reviewer or lapsed."""
        if self.level == self.Level.CLAIM:
            return "says"
        if self.is_lapsed:
            return "lapsed"
        return "checked" if self.level == self.Level.REGISTER else "reviewer"

    @property
    def text(self) -> str:
        """What it says today, in one line."""
        return _said(
            self.level, self.title, self.type, self.checked_on, lapsed=self.is_lapsed
        )

    @property
    def others_with_this_number(self) -> models.QuerySet["Credential"]:
        same = Credential.objects.standing().filter(number_digest=self.number_digest)
        return same.exclude(pk=self.pk) if self.number_digest else same.none()

    # --- By its holder

    @classmethod
    def hand_over(cls, key: PostKey, user: "User") -> None:
        """The key becomes part of an account: so does what it showed, if there is room."""
        if held := cls.objects.held_by(key):
            if cls.objects.held_by(user):
                held.take_off()
            else:
                held.key, held.user = None, user
                held.save(update_fields=["key", "user"])

    def ask(self, type: CredentialType, url: str, number: str) -> None:
        """Ask an editor to look it up. What is shown stays until one has."""
        self.type, self.proof_url, self.proof_number = type, url, number
        self.number_digest = _digest(type, number) if number else ""
        self.asked_at, self.answer = timezone.now(), ""
        self.save()

    def take_off(self) -> None:
        """No longer show it beside new posts. Old posts keep what held then."""
        self._discard_proof()
        self.number_digest = ""
        self.ended_at = timezone.now()
        self.save()

    def give_up(self) -> None:
        """No editor has looked it up in time: nothing is kept waiting for ever."""
        self._discard_proof()
        self.answer = "No editor has looked it up in time. Please ask again."
        self.save()

    # --- By an editor

    @transaction.atomic
    def confirm(self, by: "User", on: date | None = None) -> None:
        """The register says so: shown with its date, for a year."""
        self.level = self.Level.REGISTER
        self.checked_on = on or timezone.localdate()
        self.valid_until = self.checked_on + VALID
        self._answer(by, "")

    @transaction.atomic
    def refuse(self, by: "User", answer: str) -> None:
        """The register does not say so, or not clearly. What was shown stays."""
        self._answer(by, answer)

    @transaction.atomic
    def make_reviewer(self, by: "User") -> None:
        """Somebody who checks articles for this site, for a year."""
        self.level = self.Level.REVIEWER
        self.checked_on = timezone.localdate()
        self.valid_until = self.checked_on + VALID
        self._answer(by, "")

    @transaction.atomic
    def withdraw(self, by: "User", answer: str) -> None:
        """It turned out to be wrong: new posts show nothing."""
        self.ended_at = timezone.now()
        self._answer(by, answer)

    def _answer(self, by: "User", answer: str) -> None:
        self._discard_proof()
        self.answer, self.answered_by = answer, by
        self.answered_at = timezone.now()
        self.save()
        if self.user and self.user.email:
            mail.send("credential_answered", self.user.email)

    def _discard_proof(self) -> None:
        self.proof_url = self.proof_number = ""
        self.asked_at = None


class PostCredential(models.Model):
    """What held when a post was written. It never changes; today's state is one step on."""

    post = models.OneToOneField(
        "discussion.Post", on_delete=models.CASCADE, related_name="credential"
    )
    credential = models.ForeignKey(
        Credential, null=True, on_delete=models.SET_NULL, related_name="posts"
    )
    state = models.CharField(max_length=8)
    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def take(cls, post: "Post") -> None:
        """Note beside a new post what its author's credential says now, if there is one."""
        author = post.author
        holder = author and (author.user or author.key)
        held = Credential.objects.held_by(holder) if holder else None
        if held:
            cls.objects.create(
                post=post, credential=held, state=held.state, text=held.text
            )


def _said(
    level: str,
    title: str,
    register: CredentialType | None,
    checked_on: date | None,
    *,
    lapsed: bool,
) -> str:
    if level == Credential.Level.CLAIM or checked_on is None:
        return f"says: “{title}” (not checked)"
    month = date_format(checked_on, "F Y")
    what = "Reviewer for this site" if level == Credential.Level.REVIEWER else register
    checked = "since" if level == Credential.Level.REVIEWER else "checked"
    return f"{what}, {checked} {month}{', not renewed' if lapsed else ''}"


def _digest(register: CredentialType, number: str) -> str:
    plain = "".join(char for char in number.casefold() if char.isalnum())
    return salted_hmac(
        "discussion.credential", f"{register.pk}|{plain}", algorithm="sha256"
    ).hexdigest()
