"""Many posts at once, placed as if each had been published in its turn.

For measuring: `Post.publish` asks the database at every step, this works in memory and
writes in batches. tests/discussion/test_make_load.py holds the two to the same result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count, islice
from random import Random
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max

from articles.models import Article
from mfr_site import caching
from mfr_site.markdown import RENDERER_VERSION, render_untrusted

from . import placing
from .authors import kinds
from .models import Author, Post, PostKey

BATCH = 2000
# As deep as people really go (PEERS §3).
DEEPEST = 12
# Of so many posts one begins a thread; the others answer one of the latest.
NEW_THREAD = 0.3
LATEST = 200
POSTS_PER_AUTHOR = 50
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)

SENTENCES = (
    "It took three sessions before I noticed anything.",
    "I would ask what training they have, and where.",
    "The roller helped my calves and did nothing for my shoulders.",
    "Has anyone tried it together with swimming?",
    "My doctor was doubtful, and glad that I walk more now.",
    "For me the quiet hour was *half* of it.",
    "Which study says that? I could not find it.",
    "I was sore for a day, then it was easier to turn my head.",
    "What did you pay for an hour?",
    "> It is the one thing that helps.\n\nFor some, yes. I went back to stretching.",
)


@dataclass(slots=True)
class Placed:
    """Where a post stands: the columns of `Post` that say so."""

    id: int
    number: int
    root: int
    path: str
    depth: int
    parent_id: int | None = None
    parent_number: int | None = None
    folded: bool = False
    descendants: int = 0


@dataclass
class Grower:
    """Gives numbers and places to the posts of one discussion, in order."""

    posts: list[Placed] = field(default_factory=list)

    def place(self, pk: int, parent: Placed | None = None) -> Placed:
        """The next post, which answers one that was placed here before, or none."""
        number = len(self.posts) + 1
        path = placing.below(parent.path if parent else "", number)
        line = [self.posts[above - 1] for above in placing.numbers(path)[:-1]]
        root = line[0] if line else None
        placed = Placed(
            id=pk,
            number=number,
            root=root.number if root else number,
            path=path,
            depth=len(line),
            parent_id=parent.id if parent else None,
            parent_number=parent.number if parent else None,
            folded=root is not None and root.descendants + 1 >= placing.FOLD_AFTER,
        )
        for above in line:
            above.descendants += 1
        self.posts.append(placed)
        return placed


Parents = Callable[[Random, Sequence[Placed]], Placed | None]


def many_threads(chance: Random, posts: Sequence[Placed]) -> Placed | None:
    """Whom the next post of an ordinary discussion answers."""
    if not posts or chance.random() < NEW_THREAD:
        return None
    return _shallow(chance, posts, max(0, len(posts) - LATEST))


def one_thread(chance: Random, posts: Sequence[Placed]) -> Placed | None:
    """Whom the next post answers where, after short threads, all is one."""
    if len(posts) < LATEST:
        return None
    return _shallow(chance, posts, LATEST - 1)


def _shallow(chance: Random, posts: Sequence[Placed], start: int) -> Placed:
    """One of the posts from `start` that may be answered; there must be one."""
    while True:
        post = posts[chance.randrange(start, len(posts))]
        if post.depth < DEEPEST - 1:
            return post


@transaction.atomic
def fill(article: Article, length: int, answers: Parents, seed: int = 0) -> None:
    """Give an article without posts a discussion. The same seed makes the same one."""
    chance = Random(f"{seed} {article.slug}")  # noqa: S311 - it must be repeatable
    ids = count((Post.objects.aggregate(last=Max("pk"))["last"] or 0) + 1)
    grower = Grower()
    for pk in islice(ids, length):
        grower.place(pk, answers(chance, grower.posts))
    _insert(article, grower.posts, chance)
    article.last_post_number = article.post_count = length
    article.last_post_at = _time_of(length) if length else None
    article.save(update_fields=["last_post_number", "post_count", "last_post_at"])
    caching.bump(article.page_tag, "articles", "discussion")


def _time_of(number: int) -> datetime:
    return FIRST_DAY + timedelta(minutes=number)


def _insert(article: Article, posts: Sequence[Placed], chance: Random) -> None:
    """Write the rows. Model instances would take most of the time of a million posts."""
    usual = Post(article=article, state=Post.State.PUBLISHED)
    usual.renderer_version = RENDERER_VERSION
    columns: dict[str, Any] = {
        str(f.column): f.get_db_prep_save(getattr(usual, f.attname), connection)
        for f in Post._meta.concrete_fields
    }
    authors = [
        author.pk for author in _authors(article, len(posts) // POSTS_PER_AUTHOR)
    ]
    texts = _texts()

    def row(post: Placed) -> list[Any]:
        source, html = chance.choice(texts)
        when = connection.ops.adapt_datetimefield_value(_time_of(post.number))
        return list(
            {
                **columns,
                **{name: getattr(post, name) for name in Placed.__slots__},
                "author_id": chance.choice(authors),
                "source": source,
                "html": html,
                "created_at": when,
                "published_at": when,
            }.values()
        )

    names = ", ".join(f'"{name}"' for name in columns)
    slots = ", ".join(["%s"] * len(columns))
    sql = f'INSERT INTO "{Post._meta.db_table}" ({names}) VALUES ({slots})'  # noqa: S608
    with connection.cursor() as cursor:
        for start in range(0, len(posts), BATCH):
            cursor.executemany(
                sql, [row(post) for post in posts[start : start + BATCH]]
            )
        # The ids were given here, which PostgreSQL's sequence does not know.
        for tell in connection.ops.sequence_reset_sql(no_style(), [Post]):
            cursor.execute(tell)


def _authors(article: Article, length: int) -> list[Author]:
    names = kinds()
    length = max(3, length)
    labels = [
        f"Anonymous {names[i % len(names)]}"
        + (f" {i // len(names) + 1}" if i >= len(names) else "")
        for i in range(length)
    ]
    keys = PostKey.objects.bulk_create(
        PostKey(digest=sha256(f"{article.slug} {label}".encode()).hexdigest())
        for label in labels
    )
    return Author.objects.bulk_create(
        Author(article=article, key=key, label=label)
        for key, label in zip(keys, labels, strict=True)
    )


def _texts() -> list[tuple[str, str]]:
    """Every pair of sentences, as written and as rendered."""
    pairs: Iterable[str] = (f"{a}\n\n{b}" for a in SENTENCES for b in SENTENCES)
    return [(text, render_untrusted(text)) for text in pairs]
