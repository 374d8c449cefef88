import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mfr_site import mail
from mfr_site.caching import bump

from .names import skeleton, validate_public_name, validate_username

# To change one's mind about leaving (TRUST §4.5).
COOLING_OFF = timedelta(hours=24)
# As long as a link to one's data is good.
TICKET_LIFE = timedelta(hours=24)
# As long as an account may wait for its address to be confirmed (TRUST §4.3).
UNCONFIRMED_LIFE = timedelta(days=7)


# The group that writes, reviews and moderates, in Django admin.
EDITORS = "Editors"


class MemberManager(UserManager["User"]):
    def public(self) -> models.QuerySet["User"]:
        """The members that others may see: open accounts with a confirmed address.

        A page that stood before the address was confirmed would tell that an account
        was made, and so that the address had none (TRUST A9).
        """
        confirmed = Q(last_login__isnull=False) | Q(emailaddress__verified=True)
        return self.filter(confirmed | Q(is_sample=True), is_active=True).distinct()

    def editors(self) -> models.QuerySet["User"]:
        """Who may publish: the group, and whoever runs the site."""
        editors = Q(groups__name="Editors") | Q(is_superuser=True)
        people = self.filter(editors, is_active=True, is_staff=True, is_sample=False)
        return people.distinct()

    def by_public_name(self, name: str) -> "User | None":
        """The active member whose user name looks like this one, or none."""
        return self.filter(skeleton=skeleton(name), is_active=True).first()

    def never_confirmed(self, before: datetime) -> models.QuerySet["User"]:
        """Accounts made before a time, for which no code was ever entered."""
        opened = Q(last_login__isnull=False) | Q(emailaddress__verified=True)
        waiting = self.filter(date_joined__lt=before, is_sample=False, is_staff=False)
        return waiting.exclude(opened)

    def is_name_free(self, name: str, but_for: "User | None" = None) -> bool:
        """Whether nobody else has this name, or one that looks like it, or ever had.

        User names and display names are one: both stand beside posts.
        """
        look = skeleton(name)
        taken = self.filter(Q(skeleton=look) | Q(display_skeleton=look))
        if but_for:
            taken = taken.exclude(pk=but_for.pk)
        kept = RetiredName.objects.in_force().filter(skeleton=look)
        return not taken.exists() and not kept.exists()

    def by_login(self, login: str) -> "User | None":
        """Whose user name or address this is."""
        is_address = Q(email__iexact=login.strip())
        return self.filter(is_address | Q(skeleton=skeleton(login))).first()

    def spelling_of(self, name: str) -> str:
        """The user name as its member writes it: log-in asks nobody for capitals."""
        found = self.filter(skeleton=skeleton(name)).values_list("username", flat=True)
        return found.first() or name

    def create_superuser(
        self,
        username: str,
        email: str | None = None,
        password: str | None = None,
        **extra_fields: Any,
    ) -> "User":
        """As Django does, with the address confirmed: this happens on the console."""
        user = super().create_superuser(username, email, password, **extra_fields)
        user.confirm_address()
        return user


class User(AbstractUser):
    """An account. What the public sees of it: user name, display name, bio, posts."""

    # Nobody needs a member's real name; the display name is theirs to choose.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    username = models.CharField(
        "user name", max_length=30, unique=True, validators=[validate_username]
    )
    # What the name looks like: two names that look alike are one name (TRUST A29).
    skeleton = models.CharField(max_length=90, unique=True, editable=False)
    email = models.EmailField("e-mail")
    display_name = models.CharField(
        max_length=50,
        blank=True,
        validators=[validate_public_name],
        help_text="How your name stands beside your posts. Your user name if empty.",
    )
    display_skeleton = models.CharField(
        max_length=90, blank=True, db_index=True, editable=False
    )
    bio = models.TextField(max_length=500, blank=True)
    trusted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Since when posts appear without a first check.",
    )
    silenced_at = models.DateTimeField(null=True, blank=True)
    deletion_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_texts = models.BooleanField(default=False, editable=False)
    is_sample = models.BooleanField(
        default=False, help_text="An invented person of the sample discussions."
    )

    objects: ClassVar[MemberManager] = MemberManager()

    class Meta:
        verbose_name = "member"
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="email_once", condition=~models.Q(email="")
            )
        ]

    def __str__(self) -> str:
        return self.public_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.skeleton = skeleton(self.username)
        self.display_skeleton = skeleton(self.display_name)
        with transaction.atomic():
            super().save(*args, **kwargs)
            if kwargs.get("update_fields") is None:
                # The name stands on every page with a post of theirs.
                bump("names")

    @property
    def public_name(self) -> str:
        return self.display_name or self.username

    @property
    def is_editor(self) -> bool:
        """Whether what this member says is said for the editors."""
        if not self.is_active:
            return False
        return self.is_superuser or (
            self.is_staff and self.groups.filter(name=EDITORS).exists()
        )

    def confirm_address(self) -> None:
        """Note that the address is this member's, on the word of whoever runs the site."""
        if self.email:
            EmailAddress.objects.update_or_create(
                user=self,
                email=self.email.lower(),
                defaults={"verified": True, "primary": True},
            )

    def has_confirmed_an_address(self) -> bool:
        """Whether the account has been opened by a code sent to its address."""
        if self.last_login is not None:
            return True
        return bool(EmailAddress.objects.filter(user=self, verified=True).exists())

    def leave(self, *, erase: bool) -> None:
        """Ask for the account to be deleted. It is out at once, and gone after a day."""
        self.deletion_due_at = timezone.now() + COOLING_OFF
        self.erase_texts = erase
        self.save(update_fields=["deletion_due_at", "erase_texts"])
        self.end_sessions()
        mail.send("account/leaving", self.email, {"erase": erase})

    def stay(self) -> None:
        """They changed their mind."""
        self.deletion_due_at, self.erase_texts = None, False
        self.save(update_fields=["deletion_due_at", "erase_texts"])

    @transaction.atomic
    def vanish(self) -> None:
        """Delete the account. What it said here must have been parted from it before.

        The names stay taken, lest somebody be taken for who left.
        """
        for look in filter(None, {self.skeleton, self.display_skeleton}):
            RetiredName.objects.update_or_create(
                skeleton=look, defaults={"until": None}
            )
        mail.forget(self.email)
        # Admin notes the name of whatever an editor changed.
        about = LogEntry.objects.filter(
            content_type__app_label="accounts", object_id=str(self.pk)
        )
        about.update(object_repr="a member who has left")
        self.end_sessions()
        self.delete()

    def end_sessions(self) -> None:
        """Log out on every device, at once."""
        for session in UserSession.objects.filter(user=self):
            session.end()

    def turn_off_second_step(self) -> None:
        """Let the password open the account again, and tell its owner."""
        Authenticator.objects.filter(user=self).delete()
        change = "The people who run the site turned two-step log-in off."
        mail.send("account/notice", self.email, {"change": change})

    def code_seal(self) -> str:
        """Changes when the address or the password does."""
        return salted_hmac("accounts.code", f"{self.email} {self.password}").hexdigest()

    def get_full_name(self) -> str:
        return self.public_name

    def get_short_name(self) -> str:
        return self.public_name

    def get_absolute_url(self) -> str:
        return reverse("accounts:profile", args=[self.username])


class RetiredNameQuerySet(models.QuerySet["RetiredName"]):
    def in_force(self) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))

    def hold(self, name: str) -> None:
        """Keep a name from being taken for as long as a new account would."""
        self.update_or_create(
            skeleton=skeleton(name),
            defaults={"until": timezone.now() + UNCONFIRMED_LIFE},
        )


class RetiredName(models.Model):
    """The look of a name that nobody may take.

    For ever where a member has left, lest somebody be taken for them. For a week where
    an account was asked for with an address that has one: a name that stayed free would
    tell that no account was made, and so that the address is known (TRUST A9).
    """

    skeleton = models.CharField(max_length=90, unique=True)
    until = models.DateTimeField(null=True, blank=True)

    objects = RetiredNameQuerySet.as_manager()

    def __str__(self) -> str:
        return self.skeleton


class ExportTicketManager(models.Manager["ExportTicket"]):
    def issue(self, user: User) -> str:
        """A new link to somebody's data: its token, which we do not keep."""
        token = secrets.token_urlsafe(32)
        self.create(user=user, digest=_digest(token))
        return token

    def good(self, user: User, token: str) -> models.QuerySet["ExportTicket"]:
        since = timezone.now() - TICKET_LIFE
        return self.filter(user=user, digest=_digest(token), made_at__gt=since)

    def redeem(self, user: User, token: str) -> bool:
        """Whether the link is good; it then is no longer."""
        return bool(self.good(user, token).delete()[0])


class ExportTicket(models.Model):
    """A link to one's own data, good once and for a day, for its member alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[ExportTicketManager] = ExportTicketManager()

    def __str__(self) -> str:
        return f"link of {self.made_at:%Y-%m-%d %H:%M}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
