"""The links in a mail: to stop it, to confirm an address, and back to what it tells of.

Each is a signature over the number of one row, made when the mail is and kept nowhere:
nobody who reads the database finds one, and none says whose it is (TRUST A24).
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from .models import Following, Mailbox

# What a link stops. The words stand on the page that asks.
SCOPES = {
    "replies": "mail about answers to your posts",
    "decisions": "mail about decisions on your posts",
    "desk": "the morning mail about what waits for an editor",
    "all": "all mail about discussions",
    "following": "mail about new posts in this discussion",
}


class Unknown(Exception):
    """No link of ours."""


@dataclass(frozen=True)
class Subscription:
    """What one link stops: for one mailbox, or for one discussion that it follows."""

    scope: str
    pk: int

    @classmethod
    def of(cls, token: str) -> "Subscription":
        """Raises Unknown. What the link stops may be gone already."""
        scope, pk = _read("unsubscribe", token).split("-")
        return cls(scope, int(pk))

    @property
    def token(self) -> str:
        return _sign("unsubscribe", f"{self.scope}-{self.pk}")

    @property
    def path(self) -> str:
        return reverse("discussion:unsubscribe", args=[self.token])

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}{self.path}"

    @property
    def what(self) -> str:
        return SCOPES[self.scope]

    def stop(self) -> None:
        """Nothing happens the second time."""
        if self.scope == "following":
            for following in Following.objects.filter(pk=self.pk):
                following.stop()
            return
        for mailbox in Mailbox.objects.filter(pk=self.pk):
            mailbox.stop(self.scope)


def confirming(mailbox: Mailbox) -> str:
    """The address of the page that asks whether an address wants mail."""
    token = _sign("confirm", str(mailbox.pk))
    return settings.SITE_URL + reverse("discussion:confirm_mail", args=[token])


def to_confirm(token: str) -> Mailbox | None:
    """The mailbox that a link confirms, unless it was given up. Raises Unknown."""
    pk = int(_read("confirm", token))
    return Mailbox.objects.filter(pk=pk, key__isnull=False).first()


def back(following: Following, slug: str) -> str:
    """The address by which a reader comes back from a mail; a query may follow."""
    token = _sign("back", str(following.pk))
    return settings.SITE_URL + reverse("discussion:back", args=[slug, token])


def came_back(token: str) -> None:
    """Whoever has the link has read: the next post is news again. Raises Unknown."""
    pk = int(_read("back", token))
    for following in Following.objects.filter(pk=pk):
        following.come_back()


def _sign(use: str, what: str) -> str:
    return _signer(use).sign(what)


def _read(use: str, token: str) -> str:
    try:
        return _signer(use).unsign(token)
    except BadSignature:
        raise Unknown from None


def _signer(use: str) -> Signer:
    return Signer(salt=f"discussion.{use}", sep=".")
