"""A mail is a name: three templates in `templates/emails/`. It leaves from a task.

Nothing is sent while somebody waits for a page, so the time of an answer never tells
whether an address is known here, and a mail server that is down delays no one
(TRUST A10, R4). The mail waits as a row, which goes when it has been handed over.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string

from .models import OutgoingMail
from .tasks import GiveUp, NotNow, retrying

log = logging.getLogger(__name__)

# How often one mail may be handed over, counting a time nobody knows the end of.
AT_MOST = 2
# From here on the server says: not now and not later (RFC 5321 §4.2.1).
PERMANENT = 500


def send(name: str, to: str, context: Mapping[str, Any] | None = None) -> None:
    """Put the mail `name` to one address on its way, with the current transaction.

    `context` must survive JSON. A link in the templates starts with `site_url`, never
    with anything that a request brought along (TRUST A11).
    """
    with transaction.atomic():
        mail = OutgoingMail.objects.create(
            name=name,
            to=to,
            context=dict(context or {}),
            message_id=make_msgid(domain=settings.SITE_HOST),
        )
        deliver.enqueue(mail.pk)


def forget(address: str) -> None:
    """Throw away what still waits for an address."""
    OutgoingMail.objects.filter(to__iexact=address).delete()


@retrying
def deliver(pk: int) -> None:
    """Hand one waiting mail to the mail server, then forget it.

    A worker may be killed after the server took the mail and before the row is gone. So
    what has been begun twice is parked: nobody gets a mail three times (TRUST R2).
    """
    mail = OutgoingMail.objects.filter(pk=pk).first()
    if mail is None:  # An earlier run of this task has delivered it.
        return
    if mail.is_too_old:
        log.warning("%s was dropped: too old to be of use", mail)
        mail.delete()
        return
    message = compose(mail)
    if mail.begun >= AT_MOST:
        raise GiveUp("begun twice, and perhaps delivered")
    connection = get_connection()
    with _without_addresses(mail):
        connection.open()
        OutgoingMail.objects.filter(pk=pk).update(begun=F("begun") + 1)
        try:
            connection.send_messages([message])
        except Exception:
            OutgoingMail.objects.filter(pk=pk).update(begun=F("begun") - 1)
            raise
        finally:
            connection.close()
    mail.delete()


class Undelivered(NotNow):
    """The mail server did not take a mail. Says the kind of failure, and no address."""


@contextmanager
def _without_addresses(mail: OutgoingMail) -> Iterator[None]:
    """Failures stay in the queue for days: they must not tell who was written to.

    Raises Undelivered, or GiveUp when the server will not take the mail later either.
    """
    try:
        yield
    except (SMTPRecipientsRefused, SMTPResponseException, ValueError) as error:
        code = _code(error)
        if isinstance(error, ValueError) or code >= PERMANENT:
            mail.delete()
            raise GiveUp(f"{type(error).__name__} {code}") from None
        raise Undelivered(f"{type(error).__name__} {code}") from None
    except OSError as error:
        raise Undelivered(type(error).__name__) from None


def _code(error: Exception) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, SMTPResponseException) else 0


def compose(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The message that a waiting mail becomes, from its three templates."""
    context = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        **mail.context,
    }
    subject = render_to_string(f"emails/{mail.name}.subject.txt", context)
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"emails/{mail.name}.body.txt", context),
        to=[mail.to],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"emails/{mail.name}.body.html", context)
    message.attach_alternative(html, "text/html")
    return message
