"""What waits for an editor, each one click from acting."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from articles.models import Article, Revision
from discussion.models import Credential, Dispute, Post
from mfr_site import tasks
from mfr_site.markdown import excerpt
from mfr_site.models import SiteRules

# A tray shows the oldest; the rest is in the list it links to.
TRAY_LENGTH = 8
QUOTED_LENGTH = 80


@dataclass(frozen=True)
class Line:
    """One thing that waits: what it is, what is said of it, and where to act on it."""

    title: str
    url: str
    about: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Tray:
    title: str
    empty: str
    lines: list[Line]
    more_url: str = ""


def trays_for(user: User | AnonymousUser) -> list[Tray]:
    """The trays this editor may act on, the most pressing first."""
    trays = [
        ("discussion.change_post", _posts),
        ("discussion.change_dispute", _disputes),
        ("articles.change_article", _to_review),
        ("articles.change_article", _scheduled),
        ("articles.change_article", _drafts),
        ("articles.change_article", _overdue),
        ("discussion.change_credential", _to_look_up),
        ("django_tasks_database.view_dbtaskresult", _parked),
    ]
    return [tray() for permission, tray in trays if user.has_perm(permission)]


def _posts() -> Tray:
    waiting = Post.objects.waiting().select_related("article")
    late = timezone.now() - timedelta(hours=SiteRules.current().waits_too_long_hours)
    return Tray(
        "Posts that wait",
        "No post waits for a moderator.",
        [
            Line(
                "Urgent: somebody may be in danger" if post.is_urgent else str(post),
                reverse("admin:discussion_post_change", args=[post.pk]),
                f"{post.get_state_display()} · since {_day(post.waits_since)}",
                is_late=post.is_urgent
                or bool(post.waits_since and post.waits_since < late),
            )
            for post in waiting[:TRAY_LENGTH]
        ],
        reverse("admin:discussion_post_changelist"),
    )


def _disputes() -> Tray:
    waiting = Dispute.objects.undecided().for_editors()
    return Tray(
        "Disputes",
        "No passage is disputed.",
        [
            Line(
                f"“{excerpt(_quoted(dispute), QUOTED_LENGTH)}”",
                reverse("admin:discussion_dispute_change", args=[dispute.pk]),
                f"{dispute.post} on {dispute.post.article}, "
                f"{dispute.state_for_readers.lower()}, due on {_day(dispute.due_on)}",
                is_late=dispute.is_overdue,
            )
            for dispute in waiting[:TRAY_LENGTH]
        ],
        reverse("admin:discussion_dispute_changelist") + "?decision=waiting",
    )


def _quoted(dispute: Dispute) -> str:
    anchor = getattr(dispute.post, "anchor", None)
    return anchor.exact if anchor else dispute.post.excerpt


def _to_review() -> Tray:
    waiting = Revision.objects.waiting_for_review().without_texts()
    return Tray(
        "To review",
        "No text waits for a second pair of eyes.",
        [
            Line(
                revision.title,
                reverse("admin:publish", args=[revision.pk]),
                f"{revision.summary or 'No summary'} · {revision.author or 'Somebody'}, "
                f"since {_day(revision.submitted_at)}",
            )
            for revision in waiting.select_related("author")[:TRAY_LENGTH]
        ],
    )


def _scheduled() -> Tray:
    coming = Revision.objects.scheduled().without_texts()
    return Tray(
        "Goes live by itself",
        "Nothing is scheduled.",
        [
            Line(
                revision.title,
                reverse("admin:articles_article_change", args=[revision.article_id]),
                f"on {_day(revision.go_live_at, 'j F Y, H:i')} UTC",
            )
            for revision in coming[:TRAY_LENGTH]
        ],
    )


def _drafts() -> Tray:
    drafts = Revision.objects.drafts().without_texts().select_related("author")
    return Tray(
        "Drafts",
        "Every text is finished.",
        [
            Line(
                revision.title,
                reverse("admin:articles_article_change", args=[revision.article_id]),
                f"revision {revision.number} by {revision.author or 'somebody'}, "
                f"{_day(revision.created_at)}",
            )
            for revision in drafts[:TRAY_LENGTH]
        ],
        reverse("admin:articles_article_changelist"),
    )


def _overdue() -> Tray:
    late = Article.objects.review_overdue().with_live().order_by("next_review_on")
    return Tray(
        "Reviews overdue",
        "Every article was reviewed in time.",
        [
            Line(
                str(article),
                reverse("admin:articles_article_review", args=[article.pk]),
                f"due on {_day(article.next_review_on)}"
                + (f": {article.review_reason}" if article.review_reason else ""),
                is_late=True,
            )
            for article in late[:TRAY_LENGTH]
        ],
        reverse("admin:articles_article_changelist") + "?state=review_overdue",
    )


def _to_look_up() -> Tray:
    waiting = Credential.objects.waiting().select_related("type")
    return Tray(
        "To look up in a register",
        "Nobody waits to be looked up.",
        [
            Line(
                credential.title,
                reverse("admin:discussion_credential_change", args=[credential.pk]),
                f"{credential.type}, since {_day(credential.asked_at)}",
            )
            for credential in waiting[:TRAY_LENGTH]
        ],
        reverse("admin:discussion_credential_changelist") + "?waiting=yes",
    )


def _day(when: date | None, form: str = "j F Y") -> str:
    return date_format(when, form) if when else "an unknown day"


def _parked() -> Tray:
    work = "admin:django_tasks_database_dbtaskresult_change"
    failed = [
        Line(
            row.task_name,
            reverse(work, args=[row.pk]),
            f"{row.exception_class_path.rpartition('.')[2]}, "
            f"{_day(row.finished_at, 'j F Y, H:i')}",
            is_late=True,
        )
        for row in tasks.parked()[:TRAY_LENGTH]
    ]
    return Tray(
        "Failed work",
        "No mail or other work has failed.",
        [*_late(), *failed],
        reverse(f"{work}list") + "?status=FAILED",
    )


def _late() -> list[Line]:
    """That work is not begun at all, mails among it."""
    late = tasks.late()
    first = late.first()
    if first is None:
        return []
    about = f"{late.count()} pieces of work, since {_day(first.enqueued_at, 'H:i')} UTC"
    url = reverse("admin:django_tasks_database_dbtaskresult_changelist")
    return [Line("Is the worker running?", f"{url}?status=READY", about, is_late=True)]
