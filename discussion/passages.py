"""What is said about each passage of a text: beside it, and gathered under it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from mfr_site.markdown import excerpt

from . import quotes, threads
from .threads import Gathered, Group, Page, Shown

if TYPE_CHECKING:
    from articles.models import Article

    from .models import Dispute, Post

# Of one passage, a page of all passages shows so many posts; its own page shows more.
IN_A_GROUP = 5
ON_ITS_PAGE = 50
TITLE_LENGTH = 90


@dataclass
class Talk:
    """The posts that quote one passage, in the order of their numbers."""

    posts: list["Post"] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.posts)

    @property
    def quotations(self) -> list[str]:
        return [post.anchor.exact for post in self.posts]

    @cached_property
    def disputes(self) -> list["Dispute"]:
        return [post.dispute for post in self.posts if hasattr(post, "dispute")]

    @property
    def open_disputes(self) -> int:
        return sum(dispute.is_open for dispute in self.disputes)

    @property
    def answer(self) -> "Dispute | None":
        """The latest answer of the editors, which stands beside the passage."""
        answered = [dispute for dispute in self.disputes if dispute.answer_html]
        return answered[-1] if answered else None

    @property
    def voice(self) -> "Post":
        return self.answer.post if self.answer else self.posts[-1]


def about(article: "Article") -> dict[str, Talk]:
    """What is said about each passage of the live text, by its key. One query.

    Only posts whose words stand in this very text: an anchor is never guessed.
    """
    talk: dict[str, Talk] = defaultdict(Talk)
    posts = article.posts.published().beside_text()
    for post in quotes.up_to_date(posts, article):
        if post.anchor.current_passage:
            talk[post.anchor.current_passage].posts.append(post)
    return dict(talk)


def said_about(article: "Article", key: str) -> list[Shown]:
    """The latest posts that quote a passage, or quoted it as it was, and their answers."""
    here = Q(anchor__current_passage=key) | Q(anchor__passage=key)
    quoting = article.posts.published().filter(here).order_by("-number")
    return Gathering(article).take(quoting[:ON_ITS_PAGE])


def by_passage(article: "Article") -> Page:
    """The posts that quote the article, in the order of the article."""
    talk = about(article)
    blocks = article.live.passages.filter(key__in=talk) if article.live else ()
    gathering = Gathering(article)
    groups = []
    for block in blocks:
        posts = talk[block.key].posts
        title = excerpt(block.text, TITLE_LENGTH)
        url = reverse("discussion:passage", args=[article.slug, block.key])
        items = gathering.take(posts[-IN_A_GROUP:])
        groups.append(Group(title, items, url, len(posts[:-IN_A_GROUP])))
    found = [post.pk for there in talk.values() for post in there.posts]
    former = article.posts.published().with_anchor().exclude(pk__in=found)
    if items := gathering.take(former.order_by("-number")[:ON_ITS_PAGE]):
        groups.append(Group("Words that have been changed or removed since", items))
    return Page(article, Gathered.PASSAGES, groups=groups)


def by_dispute(article: "Article") -> Page:
    """Every dispute: those that are open first, then the latest that are settled."""
    disputing = article.posts.published().filter(dispute__isnull=False)
    posts = list(disputing.for_reading().order_by("-number"))
    waiting = [post for post in posts if post.dispute.is_open]
    settled = [post for post in posts if not post.dispute.is_open]
    gathering = Gathering(article)
    groups = [
        Group(title, gathering.take(found[:ON_ITS_PAGE]))
        for title, found in (("Open", waiting), ("Settled", settled))
        if found
    ]
    return Page(article, Gathered.DISPUTES, groups=groups)


ORDERS: dict[str, Callable[["Article"], Page]] = {
    Gathered.PASSAGES: by_passage,
    Gathered.DISPUTES: by_dispute,
}


class Gathering:
    """Posts in groups on one page, each with its direct answers, and each only once."""

    def __init__(self, article: "Article") -> None:
        self.article = article
        self.taken: set[int] = set()

    def take(self, posts: "Iterable[Post]") -> list[Shown]:
        wanted = [post.pk for post in posts]
        family = self.article.posts.in_thread().for_reading().exclude(pk__in=self.taken)
        family = family.filter(Q(pk__in=wanted) | Q(parent__in=wanted))
        rows = quotes.up_to_date(family.order_by("path"), self.article)
        self.taken |= {row.pk for row in rows}
        return threads.arrange(rows)
