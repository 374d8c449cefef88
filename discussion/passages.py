"""What is said about each passage of a text: beside it, and gathered under it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse

from mfr_site.markdown import excerpt

from . import quotes, threads
from .kept_rows import KeptRows
from .threads import Gathered, Group, Page, Shown

if TYPE_CHECKING:
    from articles.models import Article

    from .models import Dispute, Post, PostQuerySet

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


def _on(article: "Article") -> "PostQuerySet":
    return article.posts.model.objects.on_article(article).for_reading()


QUOTING = KeptRows(_on)


def about(article: "Article") -> dict[str, Talk]:
    """What is said about each passage of the live text, by its key. One query."""
    return _talk(_quoting(article))


def _quoting(article: "Article") -> list["Post"]:
    """Every post that quotes the article, or quoted it as it was."""
    return quotes.up_to_date(_under(article, QUOTING.of(article)), article)


def _under(article: "Article", posts: "Iterable[Post]") -> list["Post"]:
    """Posts that were not asked for through their article, and need not ask for it."""
    found = list(posts)
    for post in found:
        post.article = article
    return found


def _talk(posts: "Iterable[Post]") -> dict[str, Talk]:
    """Only posts whose words stand in the live text: an anchor is never guessed."""
    talk: dict[str, Talk] = defaultdict(Talk)
    for post in posts:
        if post.anchor.current_passage:
            talk[post.anchor.current_passage].posts.append(post)
    return dict(talk)


def said_about(article: "Article", key: str) -> list[Shown]:
    """The latest posts that quote a passage, or quoted it as it was, and their answers."""
    here = Q(anchor__current_passage=key) | Q(anchor__passage=key)
    quoting = (
        article.posts.model.objects.on_article(article).filter(here).order_by("-number")
    )
    return _gather(article, [quoting[:ON_ITS_PAGE]])[0]


def by_passage(article: "Article") -> Page:
    """The posts that quote the article, in the order of the article."""
    posts = _quoting(article)
    talk = _talk(posts)
    every = article.live.blocks if article.live and talk else ()
    blocks = [block for block in every if block.key in talk]
    heads = [
        Group(
            excerpt(block.text, TITLE_LENGTH),
            url=reverse("discussion:passage", args=[article.slug, block.key]),
            left_out=len(talk[block.key].posts[:-IN_A_GROUP]),
        )
        for block in blocks
    ]
    quoting = [talk[block.key].posts[-IN_A_GROUP:] for block in blocks]
    if former := [post for post in posts if not post.anchor.current_passage]:
        heads.append(Group("Words that have been changed or removed since"))
        quoting.append(former[-ON_ITS_PAGE:])
    return Page(
        article, Gathered.PASSAGES, groups=_fill(heads, article, quoting), talk=talk
    )


def by_dispute(article: "Article") -> Page:
    """Every dispute: those that are open first, then the latest that are settled."""
    posts = _quoting(article)
    disputing = [post for post in reversed(posts) if hasattr(post, "dispute")]
    waiting = [post for post in disputing if post.dispute.is_open]
    settled = [post for post in disputing if not post.dispute.is_open]
    kinds = [waiting[:ON_ITS_PAGE], settled[:ON_ITS_PAGE]]
    groups = _fill([Group("Open"), Group("Settled")], article, kinds)
    return Page(article, Gathered.DISPUTES, groups=groups, talk=_talk(posts))


ORDERS: dict[str, Callable[["Article"], Page]] = {
    Gathered.PASSAGES: by_passage,
    Gathered.DISPUTES: by_dispute,
}


def _fill(
    heads: Iterable[Group], article: "Article", quoting: "Sequence[Iterable[Post]]"
) -> list[Group]:
    """The groups that have posts which are not in an earlier one."""
    filled = zip(heads, _gather(article, quoting), strict=True)
    return [replace(head, items=items) for head, items in filled if items]


def _gather(
    article: "Article", groups: "Sequence[Iterable[Post]]"
) -> list[list[Shown]]:
    """The posts of each group with their direct answers, each only once on the page."""
    wanted = [{post.pk for post in group} for group in groups]
    every = set().union(*wanted)
    # Of a long thread the first answers only: the others are on its own page.
    family = Q(pk__in=every) | Q(parent__in=every, folded=False)
    posts = (
        article.posts.model.objects.in_thread()
        .filter(family)
        .for_reading()
        .order_by("path")
    )
    left = threads.ready(_under(article, posts), article) if every else []
    gathered = []
    for here in wanted:
        rows = [row for row in left if row.pk in here or row.parent_id in here]
        taken = {row.pk for row in rows}
        left = [row for row in left if row.pk not in taken]
        gathered.append(threads.arrange(rows))
    return gathered
