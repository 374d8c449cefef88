"""Plain functions that make what a test needs; every argument has a usual value."""

import itertools

from articles.models import Article
from discussion.authors import Speaker
from discussion.models import Post
from discussion.quotes import NewAnchor

_count = itertools.count(1)

TEXT = {
    "title": "What is myofascial release?",
    "standfirst": "A slow, hands-on treatment.",
    "body": (
        "Fascia is thin tissue. It wraps every muscle.\n\n"
        "## How it works\n\n"
        "Nobody knows for sure. Some say it stretches the tissue.\n\n"
        "- Pressure is slow.\n"
        "- Soreness is common.\n"
    ),
}


def make_draft(slug=None, *, author=None, topics=(), **text):
    """The first revision of a new article that no reader can see."""
    slug = slug or f"article-{next(_count)}"
    return Article.objects.begin(slug, author, topics=topics, **{**TEXT, **text})


def make_article(
    slug=None, *, by=None, go_live_at=None, author=None, topics=(), **text
):
    """A published article, or one that goes live at a time."""
    revision = make_draft(slug, author=author, topics=topics, **text)
    revision.approve(by, go_live_at)
    return revision.article


def revise(article, *, by=None, go_live_at=None, based_on=None, **changes):
    """An approved new revision of an article."""
    based_on = based_on or article.latest
    revision = article.revise(by, based_on=based_on, **changes)
    revision.approve(by, go_live_at)
    article.refresh_from_db()
    article.__dict__.pop("live", None)
    return revision


def make_post(article, body="What helped me was time.", *, author=None, **given):
    """A published post; anonymous unless there is an author. `parent`, `number`, `at`…"""
    place = {name: given.pop(name) for name in ("number", "at") if name in given}
    author = author or make_author(article)
    post = Post(article=article, author=author, **given)
    post.write(body)
    post.publish(**place)
    article.refresh_from_db()
    return post


def make_author(article, user=None):
    """A member, or somebody with a new post key, in the discussion of an article."""
    return Speaker(article, user=user).author()


def make_quotation(article, quote, body="I doubt it.", *, disputes=False, **given):
    """A published post about words that stand in the live text of an article."""
    post = make_post(article, body, **given)
    live = article.revisions.approved_for(article.pk)[0]
    key = live.passages.filter(text__contains=quote)[0].key
    NewAnchor.in_revision(live, key, quote).attach(post, disputes=disputes)
    return Post.objects.for_reading().get(pk=post.pk)
