"""What the site knows of a writer and a discussion when a new text comes in."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.contrib.auth import get_user_model
from django.db import connection
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
# So many posts are looked at: of a discussion, for a thread's latest; of all, for one
# with the same text.
RECENT = 500
# Shorter texts, such as thanks, are said by many.
WORTH_COPYING = 40


@dataclass(frozen=True)
class Background:
    """What is known of a person and a text, whatever the discussion."""

    # Something of theirs was published before.
    is_known: bool
    # How many posts they sent lately.
    in_a_burst: int
    # The same text came to the site lately, from whomever.
    is_repeated: bool
    # How many posts of anybody were held within the hour.
    held_lately: int
    # They show a credential beside their posts.
    has_credential: bool

    # One question, and not by the ORM: every new post waits for it, and the ORM takes
    # fifty times as long to put these five as the database to answer them. Ids have an
    # upper end too, or PostgreSQL thinks of a third of the table and reads all of it.
    QUESTION = """
        SELECT
            EXISTS (
                SELECT 1 FROM discussion_post WHERE state = 'published' AND author_id IN
                    (SELECT id FROM discussion_author WHERE {who} = %(person)s)
            ),
            (
                SELECT count(*) FROM discussion_post
                WHERE created_at > %(lately)s AND author_id IN
                    (SELECT id FROM discussion_author WHERE {who} = %(person)s)
            ),
            EXISTS (
                SELECT 1 FROM discussion_post
                WHERE id > (SELECT max(id) FROM discussion_post) - %(recent)s
                    AND id <= (SELECT max(id) FROM discussion_post)
                    AND source = %(text)s AND created_at > %(lately)s AND id <> %(but)s
                    AND state NOT IN ('removed', 'refused')
            ),
            (
                SELECT count(*) FROM (
                    SELECT 1 FROM discussion_post
                    WHERE waits_since > %(an_hour_ago)s AND state = 'held'
                    LIMIT %(enough)s
                ) held
            ),
            EXISTS (
                SELECT 1 FROM discussion_credential
                WHERE {who} = %(person)s AND ended_at IS NULL
            )
    """

    @classmethod
    def of(
        cls, person: "User | PostKey | None", text: str, but: Post | None = None
    ) -> Self:
        """`person` is None for somebody who was never here; `but` is a post to leave out."""
        who = "key_id" if isinstance(person, PostKey) else "user_id"
        now = timezone.now()
        stored = connection.ops.adapt_datetimefield_value
        values = {
            "person": person.pk if person else 0,
            "lately": stored(now - LATELY),
            "an_hour_ago": stored(now - HOUR),
            "recent": RECENT,
            "text": text if len(text) >= WORTH_COPYING else None,
            "but": but.pk if but else 0,
            "enough": SiteRules.current().held_per_hour,
        }
        with connection.cursor() as cursor:
            cursor.execute(cls.QUESTION.format(who=who), values)
            known, burst, repeated, held, credential = cursor.fetchone()
        return cls(bool(known), burst, bool(repeated), held, bool(credential))


def draft_of(
    person: "User | PostKey | None",
    text: str,
    background: Background,
    *,
    by_editor: bool = False,
    form_age: float | None = None,
) -> Draft:
    """What the rules may know of a text, but for its discussion.

    Call it before the discussion is locked, so that nobody waits for it; `in_discussion`
    adds the rest.
    """
    is_anonymous = not isinstance(person, get_user_model())
    is_trusted = bool(person and person.trusted_at)
    return Draft(
        text,
        site=SiteRules.current(),
        by_editor=by_editor,
        is_anonymous=is_anonymous,
        is_trusted=is_trusted,
        is_silenced=bool(person and person.silenced_at),
        is_known=background.is_known,
        is_repeated=background.is_repeated,
        form_age=form_age,
        in_a_burst=background.in_a_burst,
        # Nobody doubts their texts by what is like them.
        score=0.0 if by_editor or is_trusted else learning.score(text),
        held_lately=background.held_lately if is_anonymous else 0,
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
    person = author.user or author.key
    background = Background.of(person, post.source, but=post)
    draft = replace(draft_of(person, post.source, background), is_person=True)
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
