"""What the site knows of a writer and a discussion when a new text comes in."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.utils import timezone

from mfr_site.models import SiteRules

from . import learning
from .models import Author, Post, PostKey
from .moderation import Draft

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article

# Also for how long the same text counts as repeated (PEERS §3).
LATELY = timedelta(minutes=10)
HOUR = timedelta(hours=1)
# So many posts of a discussion are looked at for a thread's latest.
RECENT = 500
# Shorter texts, such as thanks, are said by many.
WORTH_COPYING = 40


def draft_of(
    person: "User | PostKey | None",
    text: str,
    *,
    by_editor: bool = False,
    form_age: float | None = None,
) -> Draft:
    """What the rules may know of a text, but for its discussion. A few short queries.

    `person` is None for somebody who was never here. Call it before the discussion is
    locked, so that nobody waits for it; `in_discussion` adds the rest.
    """
    now = timezone.now()
    theirs = Post.objects.written_by(person) if person else Post.objects.none()
    # Among those that wait: every other way would look through all posts there are.
    held = Post.objects.waiting().filter(state=Post.State.HELD)
    lately = held.filter(waits_since__gt=now - HOUR)
    site = SiteRules.current()
    is_anonymous = not isinstance(person, get_user_model())
    return Draft(
        text,
        site=site,
        by_editor=by_editor,
        is_anonymous=is_anonymous,
        is_trusted=bool(person and person.trusted_at),
        is_silenced=bool(person and person.silenced_at),
        is_known=theirs.filter(state=Post.State.PUBLISHED).exists(),
        is_repeated=_stands_already(text),
        form_age=form_age,
        in_a_burst=theirs.filter(created_at__gt=now - LATELY).count(),
        score=0.0 if by_editor else learning.score(text),
        held_lately=lately[: site.held_per_hour].count() if is_anonymous else 0,
    )


def in_discussion(
    draft: Draft, author: Author, article: "Article", parent: Post | None
) -> Draft:
    """The draft with what its discussion tells, as it stands now: call it under its lock."""
    slowed = article.slowed_until
    return replace(
        draft,
        takes_posts=article.takes_posts,
        is_slowed=bool(slowed and slowed > timezone.now()),
        in_a_row=_in_a_row(author, parent, draft.site.posts_in_a_row),
    )


def draft_again(post: Post) -> Draft:
    """The same of a post that waits, when its writer has shown to be a person."""
    author = post.author
    if author is None:
        raise ValueError("nobody knows any more who wrote it")
    draft = draft_of(author.user or author.key, post.source)
    is_repeated = _stands_already(post.source, but=post.pk)
    draft = replace(draft, is_person=True, is_repeated=is_repeated)
    return in_discussion(draft, author, post.article, post.parent)


def _in_a_row(author: Author, parent: Post | None, most: int) -> int:
    """How many of the latest posts of the thread are all by one person."""
    if parent is None:
        return 0
    article = parent.article
    recent = article.posts.filter(number__gt=article.last_post_number - RECENT)
    thread = recent.filter(root=parent.root)
    latest = thread.order_by("-number").values_list("author_id", flat=True)[:most]
    run = 0
    for writer in latest:
        if writer != author.pk:
            break
        run += 1
    return run


def _stands_already(text: str, but: int = 0) -> bool:
    """Whether the same text came to the site a moment ago, from whomever."""
    if len(text) < WORTH_COPYING:
        return False
    since = timezone.now() - LATELY
    same = Post.objects.filter(source=text).exclude(pk=but)
    published = same.filter(state=Post.State.PUBLISHED, published_at__gt=since)
    waiting = same.waiting().filter(waits_since__gt=since)
    # In the order of an index, or PostgreSQL may look through all posts for one.
    first = (found.values("pk")[:1] for found in (published.newest_first(), waiting))
    return any(map(bool, first))
