"""Whole discussions at once, by who answers whom."""

from dataclasses import asdict
from itertools import count

from discussion.loading import Grower
from discussion.models import Post

# Far from those that a database gives.
ids = count(1_000_000, 10_000)


def plant(article, parents, gone=()):
    """Posts 1, 2, 3…; each answers the one whose number `parents` gives, 0 for none."""
    article.posts.all()._raw_delete("default")
    grower = Grower()
    for pk, parent in zip(count(next(ids)), parents):
        grower.place(pk, grower.posts[parent - 1] if parent else None)
    posts = [
        Post(
            article=article,
            state="removed" if placed.number in gone else "published",
            source="x",
            html="x",
            **asdict(placed),
        )
        for placed in grower.posts
    ]
    Post.objects.bulk_create(posts)
    article.last_post_number = article.post_count = len(parents)
    article.save()
    return posts
