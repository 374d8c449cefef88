"""What moderators think of a person: trusted, silenced, or neither.

A person is an account or a post key. What was hidden with somebody is shown again with
them, in one step either way.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Author, Decision, Post, PostKey, PostQuerySet

if TYPE_CHECKING:
    from accounts.models import User

# The rule under which the posts of a silenced person are hidden, and found again.
SILENCED = "silenced"
REASON = (
    "A moderator has put all your posts out of sight, and reads what you write next."
)


class NotThisPerson(Exception):
    """Editors are not silenced by each other; the message says so."""


def person_of(author: Author | None) -> "User | PostKey | None":
    return (author.user or author.key) if author else None


@transaction.atomic
def trust(author: Author, by: "User") -> None:
    """Let what this person writes appear at once, whatever most rules say.

    With somebody silenced, what that hid comes back first.
    """
    person = person_of(author)
    if person is None:
        return
    if person.silenced_at:
        let_speak(author, by)
    person.trusted_at = person.trusted_at or timezone.now()
    person.save(update_fields=["trusted_at"])


@transaction.atomic
def silence(author: Author, by: "User") -> int:
    """Hold what this person writes from now on, and hide what stands.

    Answers how many posts were hidden. Raises NotThisPerson for an editor.
    """
    person = person_of(author)
    if person is None:
        return 0
    if not isinstance(person, PostKey) and person.is_staff:
        raise NotThisPerson(f"{person} is an editor, and cannot be silenced here.")
    person.silenced_at = timezone.now()
    person.save(update_fields=["silenced_at"])
    standing = _of(person).filter(state=Post.State.PUBLISHED)
    for post in standing:
        post.hide(SILENCED, REASON, by)
    for post in _of(person).filter(state=Post.State.HELD):
        post.decide(Decision.Action.HOLD, rule=SILENCED, reason=REASON, by=by)
    return len(standing)


@transaction.atomic
def let_speak(author: Author, by: "User") -> int:
    """Take the silencing back, with all that it hid. Answers how many posts show again."""
    person = person_of(author)
    if person is None:
        return 0
    person.silenced_at = None
    person.save(update_fields=["silenced_at"])
    shown = 0
    for post in _of(person).filter(state__in=[Post.State.HIDDEN, Post.State.HELD]):
        latest = post.decisions.first()
        if latest is None or latest.rule != SILENCED or latest.by is None:
            continue
        if post.state == Post.State.HIDDEN:
            post.restore(by)
            shown += 1
        else:
            post.wait()
    return shown


def silenced() -> list[Author]:
    """Somewhere that each silenced person wrote, the latest silenced first."""
    authors = Author.objects.select_related("user", "key").filter(
        Q(user__silenced_at__isnull=False) | Q(key__silenced_at__isnull=False)
    )
    people = {person_of(author): author for author in authors.order_by("pk")}
    return sorted(people.values(), key=_silenced_at, reverse=True)


def _silenced_at(author: Author) -> datetime:
    person = person_of(author)
    return (person and person.silenced_at) or timezone.now()


def _of(person: "User | PostKey") -> PostQuerySet:
    # In one order, so that two moderators lock the discussions alike.
    return Post.objects.written_by(person).order_by("article_id", "pk")
