"""The doors: how often one may knock, asked before a password is hashed or a mail written.

The owner must not be locked out by somebody who guesses on purpose. So a device that has
logged in before has counts of its own, and those of strangers do not touch it
(TRUST §1.1, A34, R15).
"""

import secrets
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from mfr_site.limits import Refusal, allow, take_back
from mfr_site.network import net, pseudonyms

from .models import User
from .names import skeleton

DEVICE_COOKIE = "known-device"
DEVICE_LIFE = timedelta(days=180)

Budget = tuple[str, Sequence[str]]


@dataclass(frozen=True)
class Knock:
    """One try to log in, counted before it is known whether it is right."""

    budgets: list[Budget]
    what: str = field(default_factory=lambda: secrets.token_hex(8))

    def is_refused(self) -> bool:
        return any(allow(act, who, self.what) for act, who in self.budgets)

    def take_back(self) -> None:
        """It was right: only wrong tries count."""
        for act, who in self.budgets:
            take_back(act, who, self.what)


def knock(request: HttpRequest, login: str) -> Knock:
    """A try to log in with a name or an address.

    The counts go by what was typed, not by the account it leads to. Else the name and
    the address of one account would use up one budget, and that would tell that they
    belong together.
    """
    if device := _known_device(request, login):
        return Knock([("log-in on a known device", [device])])
    typed = _address_key(login) if "@" in login else skeleton(login)
    return Knock(
        [
            ("log-in", pseudonyms("log-in", typed).names),
            ("log-in from a network", net(request, "log-in").names),
            ("log-in anywhere", ["site"]),
        ]
    )


def may_mail(request: HttpRequest, address: str) -> bool:
    """Whether one more mail may go to an address because of what a stranger typed.

    Asked alike for addresses with and without an account; the page never tells.
    """
    anywhere: Budget = ("mailed codes anywhere", ["site"])
    budgets: list[Budget]
    if device := _known_device(request, address):
        budgets = [("mailed code", [device]), anywhere]
    else:
        to = pseudonyms("mail", _address_key(address)).names
        source = net(request, "mail").names
        budgets = [
            ("mailed code", to),
            ("mailed codes from a network", source),
            anywhere,
        ]
    return not any(allow(act, who) for act, who in budgets)


def sign_up_refusal(request: HttpRequest) -> Refusal | None:
    return allow("sign-up", net(request, "sign-up").names)


def _address_key(address: str) -> str:
    """The mailbox behind the spellings of an address, roughly: case, +tag, dots.

    Only for counting. Two people who share one count wait a little longer.
    """
    folded = unicodedata.normalize("NFKC", address).casefold()
    mailbox, _, host = folded.rpartition("@")
    with suppress(UnicodeError):  # Not a host name: then as it stands.
        host = host.encode("idna").decode()
    return f"{mailbox.partition('+')[0].replace('.', '')}@{host}"


# --- Known devices ---------------------------------------------------------------------


def remember_device(response: HttpResponse, user: User) -> None:
    """Let this browser be known at the log-in pages, and nowhere else.

    The cookie says nothing about whose it is: only together with the right name does it
    prove anything. A new password ends it.
    """
    nonce = secrets.token_urlsafe(12)
    response.set_cookie(
        DEVICE_COOKIE,
        f"{nonce}.{_proof(nonce, user)}",
        max_age=DEVICE_LIFE,
        path=reverse("accounts:home"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known_device(request: HttpRequest, login: str) -> str:
    """The random name of a device that the owner of this login has used, or ""."""
    nonce, _, proof = request.COOKIES.get(DEVICE_COOKIE, "").partition(".")
    user = User.objects.by_login(login) if proof else None
    if user and constant_time_compare(proof, _proof(nonce, user)):
        return nonce
    return ""


def _proof(nonce: str, user: User) -> str:
    return salted_hmac(
        "accounts.device", f"{nonce} {user.pk} {user.password}"
    ).hexdigest()
