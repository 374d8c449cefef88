"""How long each thing is kept: one table, which `housekeeping` makes true (TRUST §4.3).

The privacy page says the same in words. What is not here is kept for as long as it is
public, or is never stored: addresses, browsers and referring pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import ExportTicket, RetiredName, User
from articles.models import Answer
from discussion.models import (
    Credential,
    Decision,
    Following,
    Mailbox,
    Notice,
    Post,
    PostKey,
    Report,
    followings,
    mailboxes,
)

from . import my_data
from .erasures import settle
from .models import Erasure, OutgoingMail, ReturnedAddress

Row = TypeVar("Row", bound=Model)

NOW = timedelta(0)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Rule:
    """What is kept for how long; `forget` deletes what is from before, and counts."""

    what: str
    kept: timedelta
    forget: Callable[[datetime], int]

    def apply(self) -> int:
        return self.forget(timezone.now() - self.kept)


def _each(rows: QuerySet[Row], act: Callable[[Row], object]) -> int:
    found = list(rows)
    for row in found:
        act(row)
    return len(found)


def _leaving_members(before: datetime) -> int:
    members = User.objects.filter(deletion_due_at__lte=before)
    return _each(members, my_data.part_with)


def _leaving_keys(before: datetime) -> int:
    keys = PostKey.objects.filter(deletion_due_at__lte=before)
    return _each(keys, my_data.part_with_key)


def _unconfirmed(before: datetime) -> int:
    return _each(User.objects.never_confirmed(before), lambda user: user.delete())


def _removed_texts(before: datetime) -> int:
    return _each(Post.objects.out_of_sight_since(before), Post.erase_text)


def _proofs(before: datetime) -> int:
    waiting = Credential.objects.waiting().filter(asked_at__lt=before)
    return _each(waiting, Credential.give_up)


def _sessions(before: datetime) -> int:
    count = Session.objects.filter(expire_date__lt=before).delete()[0]
    alive = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=alive).delete()
    return count


def _addresses(which: QuerySet[Mailbox]) -> int:
    return _each(which, Mailbox.erase)


RULES = [
    Rule("accounts and texts of members who asked to leave", NOW, _leaving_members),
    Rule("post keys whose holders asked to leave", NOW, _leaving_keys),
    Rule("accounts whose address was never confirmed", 7 * DAY, _unconfirmed),
    Rule(
        "names held while an address could be confirmed",
        NOW,
        lambda before: RetiredName.objects.filter(until__lt=before).delete()[0],
    ),
    Rule("sessions that have ended", NOW, _sessions),
    Rule(
        "links to somebody's own data",
        DAY,
        lambda before: ExportTicket.objects.filter(made_at__lt=before).delete()[0],
    ),
    Rule(
        "addresses for reply mail that nobody confirmed",
        mailboxes.CONFIRM_WITHIN,
        lambda before: _addresses(Mailbox.objects.unconfirmed(before)),
    ),
    Rule(
        "addresses for reply mail, asked for long ago",
        mailboxes.ADDRESS_LIFE,
        lambda before: _addresses(Mailbox.objects.outlived(before)),
    ),
    Rule(
        "addresses for reply mail in discussions that are over",
        NOW,
        lambda _: _addresses(Mailbox.objects.idle()),
    ),
    Rule(
        "codes of addresses that mail came back from",
        180 * DAY,
        lambda before: ReturnedAddress.objects.filter(at__lt=before).delete()[0],
    ),
    Rule(
        "news that nobody could be told",
        30 * DAY,
        lambda before: Notice.objects.filter(created_at__lt=before).delete()[0],
    ),
    Rule(
        "notes that a mail waits to be read",
        followings.UNREAD_AT_MOST,
        Following.objects.forget_unread,
    ),
    Rule(
        "mails that could not be delivered",
        7 * DAY,
        lambda before: OutgoingMail.objects.filter(created_at__lt=before).delete()[0],
    ),
    Rule(
        "tasks that are done",
        7 * DAY,
        lambda before: (
            DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()[0]
        ),
    ),
    Rule(
        "what posts keep of the forms they came by",
        2 * DAY,
        lambda before: Post.objects.forget_forms(),
    ),
    Rule(
        "post keys that nothing was written with",
        DAY,
        lambda before: PostKey.objects.unused(before).delete()[0],
    ),
    Rule("texts that moderators removed or refused", 30 * DAY, _removed_texts),
    Rule("proofs of a profession that no editor has looked at", 90 * DAY, _proofs),
    Rule(
        "professions no longer shown",
        YEAR,
        lambda before: Credential.objects.filter(ended_at__lt=before).delete()[0],
    ),
    Rule(
        "decisions of moderators",
        2 * YEAR,
        lambda before: Decision.objects.filter(created_at__lt=before).delete()[0],
    ),
    Rule(
        "reports",
        2 * YEAR,
        lambda before: Report.objects.filter(created_at__lt=before).delete()[0],
    ),
    Rule(
        "addresses for an answer to a legal notice that nobody has decided",
        180 * DAY,
        lambda before: (
            Report.objects.filter(created_at__lt=before)
            .exclude(answer_to="")
            .update(answer_to="")
        ),
    ),
    Rule(
        "what editors did in admin",
        2 * YEAR,
        lambda before: LogEntry.objects.filter(action_time__lt=before).delete()[0],
    ),
    Rule("erased texts whose words the search still held", NOW, lambda _: settle()),
    Rule(
        "words that readers left about a page",
        YEAR,
        lambda before: (
            Answer.objects.with_words().filter(on__lt=before).update(note="")
        ),
    ),
    # Longer than a backup, which is kept for 35 days.
    Rule(
        "numbers of what was deleted",
        40 * DAY,
        lambda before: Erasure.objects.filter(at__lt=before).delete()[0],
    ),
]
