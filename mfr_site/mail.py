"""A mail is a name: three templates in `templates/emails/`. It leaves from a task.

Nothing is sent while somebody waits for a page, so the time of an answer never tells
whether an address is known here, and a mail server that is down delays no one
(TRUST A10, R4). The mail waits as a row, which goes when it has been handed over.
"""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import make_msgid
from smtplib import SMTP, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django_tasks.base import Task

from . import sealing
from .models import OutgoingMail, ReturnedAddress
from .tasks import GiveUp, NotNow, retrying

log = logging.getLogger(__name__)

# How often one mail may be handed over, counting a time nobody knows the end of.
AT_MOST = 2
# Seconds for an answer of a server that took the connection; what is waiting in vain; and
# how long all mails rest then.
PATIENCE = 30
IN_VAIN = 5
REST = 60
# From here on the server says: not now and not later (RFC 5321 §4.2.1).
PERMANENT = 500
# What a template leaves where it had nothing to say.
BLANK_LINES = re.compile(r"\n{3,}")
# The server does not want mail from us, whoever it is for (RFC 3463 §3.8): that says
# nothing about the address.
POLICY = re.compile(rb"\s*5\.7\.")


def send(
    name: str,
    to: str,
    context: Mapping[str, Any] | None = None,
    task: Task[..., None] | None = None,
) -> None:
    """Put the mail `name` to one address on its way, with the current transaction.

    `context` must survive JSON. A link in the templates starts with `site_url`, never
    with anything that a request brought along (TRUST A11). A `task` of its own makes the
    mail when it leaves, and then knows to whom: give no address here.
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.create(
            name=name,
            to=to,
            context=dict(context or {}),
            message_id=make_msgid(domain=settings.SITE_HOST),
        )
        (task or deliver).enqueue(mail.pk)


def forget(address: str) -> None:
    """Throw away what still waits for an address."""
    OutgoingMail.objects.filter(to__iexact=address).delete()


@retrying
def deliver(pk: int) -> None:
    """Hand one waiting mail to the mail server, then forget it."""
    if mail := waiting(pk):
        hand_over(mail, compose(mail.name, mail.context, mail.to))


def waiting(pk: int) -> OutgoingMail | None:
    """A mail that is still to be delivered, and that somebody has use for."""
    mail = OutgoingMail.objects.filter(pk=pk).first()
    if mail and mail.is_too_old:
        log.warning("%s was dropped: too old to be of use", mail)
        mail.delete()
        return None
    return mail


def hand_over(mail: OutgoingMail, message: EmailMultiAlternatives) -> None:
    """Hand the message that a waiting mail became to the mail server, then forget it.

    A worker may be killed after the server took the mail and before the row is gone. So
    what has been begun twice is parked: nobody gets a mail three times (TRUST R2).
    """
    message.extra_headers["Message-ID"] = mail.message_id
    if mail.begun >= AT_MOST:
        raise GiveUp("begun twice, and perhaps delivered")
    if rest.lasts():
        raise Undelivered("the server kept us waiting a moment ago")
    rows = OutgoingMail.objects.filter(pk=mail.pk)
    connection = get_connection()
    with _without_addresses(mail):
        connection.open()
        _be_patient(connection)
        rows.update(begun=F("begun") + 1)
        try:
            connection.send_messages([message])
        except Exception:
            rows.update(begun=F("begun") - 1)
            raise
        finally:
            connection.close()
    mail.delete()


# --- Addresses that mail comes back from ------------------------------------------------


def suppress(*addresses: str) -> None:
    """Send no more news to addresses that do not exist. Only a keyed hash is kept."""
    for address in addresses:
        digest = sealing.digests(address)[0]
        ReturnedAddress.objects.get_or_create(digest=digest)


def lift(address: str) -> None:
    """Try an address again: its owner says that it takes mail."""
    ReturnedAddress.objects.filter(digest__in=sealing.digests(address)).delete()


def is_suppressed(address: str) -> bool:
    returned = ReturnedAddress.objects.filter(digest__in=sealing.digests(address))
    return returned.exists()


# --- Steps of the above -----------------------------------------------------------------


class Undelivered(NotNow):
    """The mail server did not take a mail. Says the kind of failure, and no address."""


@contextmanager
def _without_addresses(mail: OutgoingMail) -> Iterator[None]:
    """Failures stay in the queue for days: they must not tell who was written to.

    Raises Undelivered, or GiveUp when the server will not take the mail later either.
    """
    began = time.monotonic()
    try:
        yield
    except (SMTPRecipientsRefused, SMTPResponseException, ValueError) as error:
        code = _code(error)
        if isinstance(error, SMTPRecipientsRefused):
            suppress(*_unknown(error))
        if isinstance(error, ValueError) or code >= PERMANENT:
            mail.delete()
            raise GiveUp(f"{type(error).__name__} {code}") from None
        raise Undelivered(f"{type(error).__name__} {code}") from None
    except OSError as error:
        if time.monotonic() - began >= IN_VAIN:
            rest.begin()
        raise Undelivered(type(error).__name__) from None


def _be_patient(connection: Any) -> None:
    """Wait longer for a server that has answered once: it may look into the mail.

    Who hangs up too soon sends the mail again, and it comes twice.
    """
    session = getattr(connection, "connection", None)
    if isinstance(session, SMTP) and session.sock:
        session.sock.settimeout(PATIENCE)


class Rest:
    """A time in which no mail is tried, because the server hangs: else each would keep
    the worker, and all other work, waiting in vain (TRUST R22)."""

    def __init__(self) -> None:
        self.until = 0.0

    def begin(self) -> None:
        self.until = time.monotonic() + REST

    def lasts(self) -> bool:
        return time.monotonic() < self.until


rest = Rest()


def _code(error: Exception) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, SMTPResponseException) else 0


def _unknown(error: SMTPRecipientsRefused) -> list[str]:
    """The addresses that the server says for good it does not deliver to."""
    return [
        address
        for address, (code, why) in error.recipients.items()
        if code >= PERMANENT and not POLICY.match(why)
    ]


def compose(
    name: str,
    context: Mapping[str, Any],
    to: str,
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """The message that a mail becomes, from its three templates."""
    context = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        **context,
    }
    subject = render_to_string(f"emails/{name}.subject.txt", context)
    text = render_to_string(f"emails/{name}.body.txt", context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=BLANK_LINES.sub("\n\n", text),
        to=[to],
        headers={"Auto-Submitted": "auto-generated", **(headers or {})},
    )
    html = render_to_string(f"emails/{name}.body.html", context)
    message.attach_alternative(html, "text/html")
    return message
