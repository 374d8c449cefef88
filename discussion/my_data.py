"""What somebody said here, by account or by post key: to take away, or to leave behind."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from mfr_site import caching

from .authors import free_label
from .models import (
    Author,
    Credential,
    Mailbox,
    Post,
    PostCredential,
    PostKey,
    Report,
)

if TYPE_CHECKING:
    from accounts.models import User


def said_by(holder: "User | PostKey") -> dict[str, Any]:
    """All rows that are the holder's own, in words.

    Not who decided or reported, nor what others wrote (TRUST A7).
    """
    kind = _kind(holder)
    posts = Post.objects.written_by(holder).order_by("pk").select_related("article")
    posts = posts.select_related("author", "anchor", "credential")
    posts = posts.prefetch_related("versions", "updates", "decisions")
    said: dict[str, Any] = {
        "professions": [
            _credential(credential)
            for credential in Credential.objects.filter(**{kind: holder}).order_by("pk")
        ],
        "posts": [_post(post) for post in posts],
        "mail": [_mail(box) for box in Mailbox.objects.filter(**{kind: holder})],
    }
    if not isinstance(holder, PostKey):
        said["reports"] = [_report(report) for report in holder.reports.all()]
    return said


@transaction.atomic
def leave(holder: "User | PostKey", *, erase: bool) -> None:
    """Part the holder from what they said: with the texts, or leaving those behind.

    What stays stands under a fresh label in each discussion. It links to nothing: neither
    to the name it was written under, nor from one discussion to another.
    """
    Mailbox.objects.lock(**{_kind(holder): holder})
    authors = Author.objects.filter(**{_kind(holder): holder})
    for author in authors.order_by("article_id").select_related("article"):
        _release(author, erase=erase)


def _release(author: Author, *, erase: bool) -> None:
    for post in author.posts.all():
        # What nobody has seen is not left behind.
        if erase or post.number is None:
            post.delete_by_author()
    remaining = Author.objects.filter(pk=author.pk).first()
    if remaining is None:
        return
    if not remaining.posts.exists():
        remaining.delete()
        return
    PostCredential.objects.filter(post__author=remaining).delete()
    remaining.label = free_label(author.article)
    remaining.user = remaining.key = None
    remaining.save()
    caching.bump(author.article.page_tag, "discussion", "articles")


def _kind(holder: "User | PostKey") -> str:
    return "key" if isinstance(holder, PostKey) else "user"


def _post(post: Post) -> dict[str, Any]:
    anchor = getattr(post, "anchor", None)
    credential = getattr(post, "credential", None)
    return {
        "article": post.article.slug,
        "number": post.number,
        "in reply to": post.parent_number,
        "as": post.author.name if post.author else "",
        "state": post.get_state_display(),
        "written": post.created_at,
        "published": post.published_at,
        "edited": post.edited_at,
        "removed": post.removed_at,
        "profession shown": credential.text if credential else "",
        "passage quoted": anchor.exact if anchor else "",
        "text": post.source,
        "added later": [
            {"when": update.created_at, "text": update.source}
            for update in post.updates.all()
        ],
        "earlier texts": [
            {"replaced": version.replaced_at, "text": version.source}
            for version in post.versions.all()
        ],
        "decisions": [
            {
                "when": decision.created_at,
                "what": decision.get_action_display(),
                "rule": decision.rule_title,
                "reason": decision.reason,
                "your answer": decision.appeal,
                "answer to that": decision.appeal_answer,
            }
            for decision in post.decisions.all()
        ],
    }


def _mail(mailbox: Mailbox) -> dict[str, Any]:
    return {
        "address": mailbox.address,
        "asked for": mailbox.asked_at,
        "confirmed": mailbox.confirmed_at,
        "how often": mailbox.get_pace_display(),
        "answers": mailbox.replies,
        "decisions": mailbox.decisions,
        "each morning what waits for an editor": mailbox.desk,
        "discussions": [
            {
                "article": following.article.slug,
                "every new post": following.everything,
                "told until post": following.told_number,
                "a mail waits to be read since": following.unread_since,
            }
            for following in mailbox.followings.select_related("article")
        ],
        "not mailed yet": [
            {"what": notice.get_kind_display(), "since": notice.created_at}
            for notice in mailbox.notices.all()
        ],
    }


def _credential(credential: Credential) -> dict[str, Any]:
    return {
        "title": credential.title,
        "shown as": credential.text,
        "register": credential.type.name if credential.type else "",
        "waits for an editor since": credential.asked_at,
        "address of the entry": credential.proof_url,
        "number": credential.proof_number,
        "answer": credential.answer,
        "checked": credential.checked_on,
        "taken off": credential.ended_at,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "article": report.post.article.slug,
        "post": report.post.number,
        "reason": report.get_reason_display(),
        "note": report.note,
        "when": report.created_at,
        "settled": report.settled_at,
    }
