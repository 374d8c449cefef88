"""News by mail: what is to be told goes into one mail, made when it leaves.

`send_due` runs every minute. It takes all that a mailbox is to be told and puts one mail
on its way, in one transaction: nothing is told twice, and nothing is lost with a worker
that dies. `deliver` writes the mail from what stands when it leaves: it never tells of a
post that was removed meanwhile, and never reaches somebody who has stopped it.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mfr_site import mail
from mfr_site.limits import allow
from mfr_site.models import OutgoingMail
from mfr_site.tasks import retrying

from . import news
from .models import Mailbox, Pace
from .morning import what_waits
from .subscriptions import Subscription, confirming

# Mailboxes that one round looks after; the next round is a minute later.
ROUND = 500


def send_due() -> int:
    """Put the mails that are due on their way. Answers how many."""
    for mailbox in Mailbox.objects.returned():
        mailbox.erase()
    now = timezone.now()
    due = Mailbox.objects.with_news().due(now).order_by("pk")
    return sum(_send(pk, now) for pk in due.values_list("pk", flat=True)[:ROUND])


@transaction.atomic
def _send(pk: int, now: datetime) -> bool:
    # Under the lock of its row: another worker may have been as quick.
    mailbox = Mailbox.objects.lock(pk=pk)
    if mailbox is None or allow("news", [f"mailbox:{pk}"]):
        return False
    told = news.gather(mailbox, now)
    if told:
        mail.send("news", "", told, deliver)
    return bool(told)


def send_digests() -> int:
    """Tell each editor, once a morning, what waits. Answers how many mails."""
    morning = Pace.DAILY.ripe(timezone.now()).date()
    editors = User.objects.editors().exclude(email="")
    late = editors.exclude(mailbox__desk_on__gte=morning).exclude(mailbox__desk=False)
    if not late.exists() or not what_waits():
        return 0
    return sum(_send_digest(editor, morning) for editor in late)


@transaction.atomic
def _send_digest(editor: User, morning: date) -> bool:
    mailbox = Mailbox.objects.kept_for(editor)
    if (
        not Mailbox.objects.filter(user=editor)
        .exclude(desk_on=morning)
        .update(desk_on=morning)
    ):
        return False
    mail.send("moderators_digest", "", {"mailbox": mailbox.pk}, deliver)
    return True


@retrying
def deliver(pk: int) -> None:
    """Write one waiting mail and hand it over, unless there is nothing to say any more."""
    waiting = mail.waiting(pk)
    if waiting is None:
        return
    message = _write(waiting)
    if message is None:
        waiting.delete()
    else:
        mail.hand_over(waiting, message)


def _write(waiting: OutgoingMail) -> EmailMultiAlternatives | None:
    mailbox = Mailbox.objects.filter(pk=waiting.context["mailbox"]).first()
    if mailbox is None:
        return None
    if mailbox.key_id and not mailbox.address:
        # Nobody can write there any more.
        mailbox.erase()
    if not mailbox.address or mail.is_suppressed(mailbox.address):
        return None
    return WRITERS[waiting.name](mailbox, waiting.context)


def _confirmation(mailbox: Mailbox, _: dict[str, Any]) -> EmailMultiAlternatives | None:
    if mailbox.is_confirmed:
        return None
    context = {"confirm_url": confirming(mailbox)}
    return mail.compose("confirm_reply_mail", context, mailbox.address)


def _news(mailbox: Mailbox, told: dict[str, Any]) -> EmailMultiAlternatives | None:
    what = news.News(mailbox, told)
    if not what.name or not Mailbox.objects.standing().filter(pk=mailbox.pk).exists():
        what.forget()
        return None
    context = {"news": what, "dispute": next(iter(what.disputes), None)}
    return _stoppable(what.name, context, mailbox, what.stops)


def _desk(mailbox: Mailbox, _: dict[str, Any]) -> EmailMultiAlternatives | None:
    waits = what_waits()
    if not waits or not mailbox.desk:
        return None
    stops = Subscription("desk", mailbox.pk)
    return _stoppable("moderators_digest", {"waits": waits}, mailbox, stops)


def _stoppable(
    name: str, context: dict[str, Any], mailbox: Mailbox, stops: Subscription
) -> EmailMultiAlternatives:
    """A mail that nobody has to get, with the way out of it (RFC 8058, RFC 2369)."""
    page = "discussion:key_mail" if mailbox.key_id else "discussion:mail"
    context |= {"stops": stops, "settings_url": settings.SITE_URL + reverse(page)}
    by_mail = f"mailto:{settings.CONTACT_EMAIL}?subject=unsubscribe"
    headers = {
        "List-Unsubscribe": f"<{stops.url}>, <{by_mail}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<news.{settings.SITE_HOST}>",
    }
    return mail.compose(name, context, mailbox.address, headers)


Writer = Callable[[Mailbox, dict[str, Any]], EmailMultiAlternatives | None]
WRITERS: dict[str, Writer] = {
    "confirm_reply_mail": _confirmation,
    "news": _news,
    "moderators_digest": _desk,
}
