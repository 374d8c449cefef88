"""How a post that was written elsewhere comes in: with its own number and time."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from articles.models import Article
from discussion.models import Author, Post


@dataclass(frozen=True)
class OldPost:
    """A post to bring in. `ref` is unique: what has come in once does not come again."""

    ref: str
    # None: the next one.
    number: int | None
    text: str
    at: datetime


@transaction.atomic
def bring_in(
    article: Article,
    old: OldPost,
    author: Author | None,
    *,
    parent: Post | None = None,
    by_editor: bool = False,
    is_sample: bool = False,
) -> Post:
    """Publish an old post under its number, which must be free, past all our own rules."""
    post = Post(
        article=article,
        author=author,
        parent=parent,
        created_at=old.at,
        import_ref=old.ref,
        by_editor=by_editor,
        is_sample=is_sample,
    )
    post.write(old.text)
    post.publish(number=old.number, at=old.at)
    return post


@transaction.atomic
def leave_gap(article: Article, old: OldPost, *, parent: Post | None = None) -> Post:
    """Keep the place of a post that was removed before it came here, without its text."""
    post = Post(article=article, parent=parent, created_at=old.at, import_ref=old.ref)
    post.stand_removed(number=old.number, at=old.at)
    return post
