"""Reading a discussion: which posts a page shows, in which order, and how they nest.

Every page is one range of one index, read in its order, with nothing to sort or skip
(STACK §8), so it costs the same in a discussion of ten posts and of a hundred thousand.
A page holds whole threads as far as they are not folded, and its address names a post's
number, so a link to a page never moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.db.models import Subquery, prefetch_related_objects
from django.db.models.query import ModelIterable
from django.http import Http404, QueryDict
from django.urls import reverse

from . import quotes
from .kept_rows import KeptRows
from .placing import FOLD_AFTER, HIGHEST

if TYPE_CHECKING:
    from articles.models import Article

    from .models import Anchor, Dispute, Post, PostCredential, PostQuerySet, PostUpdate
    from .passages import Talk

# A page ends with the first thread that brings it to this many posts, so it never has
# more than PAGE + FOLD_AFTER - 1.
PAGE = 50
BRANCH_PAGE = 100


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    FLAT = "flat"


class Gathered(StrEnum):
    """Orders in which posts stand by what they are about; see passages.py."""

    PASSAGES = "passages"
    DISPUTES = "disputes"


@dataclass
class Shown:
    """One post on a page, and the lists that open and close around it.

    A template makes one flat pass inside an outer `<ol>`: `<ol>` before the post if it
    `opens`, then `<li>` and the post, and `</li>` for each of what it `completes`, with
    `</ol>` before it if that is another post.
    """

    post: "Post"
    level: int = 1
    opens: bool = False
    # Nothing on the page stands below it.
    ends: bool = True
    # The posts above this one whose answers end here, the nearest first.
    closes: list["Shown"] = field(default_factory=list)
    # The number of the next post that is not below this one.
    skips_to: int | None = None
    # Posts below this one that this page does not show: the way to them is its thread.
    hidden_replies: int = 0
    # Numbers of the published answers to this very post that the page shows.
    answered_in: list[int] = field(default_factory=list)
    # Shown only so that a reader knows what was answered.
    is_context: bool = False

    @property
    def updates(self) -> "list[PostUpdate]":
        """What its author added later."""
        return list(self.post.updates.all()) if self.post.has_updates else []

    @property
    def anchor(self) -> "Anchor | None":
        return cast("Anchor | None", self._found("anchor"))

    @property
    def credential(self) -> "PostCredential | None":
        return cast("PostCredential | None", self._found("credential"))

    @property
    def dispute(self) -> "Dispute | None":
        return cast("Dispute | None", self._found("dispute"))

    def _found(self, name: str) -> object:
        """What `for_reading` found, or None.

        `post.anchor` raises where there is none, and so costs more than asking the
        database for the whole post.
        """
        return self.post._state.fields_cache.get(name)

    @property
    def completes(self) -> list["Shown"]:
        """The posts that the page is done with after this one."""
        return [self, *self.closes] if self.ends else []


@dataclass(frozen=True)
class Group:
    """Posts that belong together for another reason than answering each other."""

    title: str
    items: list[Shown] = field(default_factory=list)
    # Where all of them are, and how many are not here.
    url: str = ""
    left_out: int = 0


@dataclass(frozen=True)
class Page:
    """What one page of a discussion shows. `newer` and `older` are query strings."""

    article: "Article"
    order: Order | Gathered
    items: list[Shown] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    newer: str = ""
    older: str = ""
    # Set when the page shows only what came after a number.
    since: int | None = None
    # What is said about each passage, where the page had to know it anyway.
    talk: "dict[str, Talk] | None" = None

    @property
    def count(self) -> int:
        return self.article.post_count

    @property
    def is_gathered(self) -> bool:
        return isinstance(self.order, Gathered)

    @property
    def bookmark(self) -> str:
        """The query string of the page that will show what is new after this one."""
        last = self.article.last_post_number
        if self.since is not None:
            last = max([item.post.number or 0 for item in self.items] + [self.since])
        order = Order.NEWEST if isinstance(self.order, Gathered) else self.order
        return _link(order, since=last)


# --- Which page -----------------------------------------------------------------------


def page(article: "Article", query: QueryDict) -> Page:
    """The page of an article's discussion that an address asks for.

    `?order=`, and one of `?before=`, `?after=`, `?since=` with a post's number. Raises
    Http404 for what no link of ours says.
    """
    try:
        order = Order(query.get("order", Order.NEWEST))
    except ValueError as unknown:
        raise Http404("no such order") from unknown
    before, after, new_since = (
        number_in(query, name) for name in ("before", "after", "since")
    )
    if new_since is not None:
        return since(article, new_since, order)
    return read(article, order, before=before, after=after)


def read(
    article: "Article",
    order: Order = Order.NEWEST,
    *,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """One page in an order; `before` and `after` are numbers, in time."""
    if order is Order.FLAT:
        return _flat(article, before, after)
    oldest_first = order is Order.OLDEST
    # Towards which end of time the rows are read; a page is shown in its own order.
    to_newer = after is not None or (oldest_first and before is None)
    backwards = to_newer is not oldest_first
    if before is None and after is None:
        posts = first_page(order, PAGE + FOLD_AFTER).of(article)
    else:
        threads = article.posts.in_thread().unfolded()
        there = threads.for_reading().by_thread(
            before, after, newest_first=not oldest_first, backwards=backwards
        )
        there = there.annotate(beyond=_beyond(threads, before, after))
        # Lazily: a queryset would make a post of every row, also of those not shown.
        posts = ModelIterable(there[: PAGE + FOLD_AFTER])
    rows, more = _whole_threads(posts)
    if backwards:
        rows.reverse()
    # A page without posts is at an end: whatever there is lies on its other side.
    other = getattr(rows[0], "beyond", None) if rows else before or after
    newer, older = (more, other) if to_newer else (other, more)
    roots = [row.root for row in rows if row.root]
    return Page(
        article,
        order,
        arrange(ready(rows, article)),
        newer=_link(order, after=max(roots, default=(before or 1) - 1))
        if newer
        else "",
        older=_link(order, before=min(roots, default=(after or 0) + 1))
        if older
        else "",
    )


def branch(article: "Article", number: int, after: int | None = None) -> Page:
    """A post and all that was said below it, in reading order; `after` pages.

    `newer` leads on. Raises Post.DoesNotExist when the numbers are not of this branch.
    """
    posts = article.posts.in_thread()
    posts = posts.in_branch(posts.path_of(number))
    if after is not None:
        posts = posts.filter(path__gt=posts.path_of(after))
    posts = posts.for_reading()
    rows = list(posts.order_by("path")[: BRANCH_PAGE + 1])
    more = len(rows) > BRANCH_PAGE
    items = arrange(ready(rows[:BRANCH_PAGE], article))
    for item in items:
        item.hidden_replies = 0  # whatever is not here is on the branch's next page
    last = items[-1].post.number if items else None
    return Page(
        article,
        Order.OLDEST,
        items,
        newer="?" + urlencode({"after": last}) if more else "",
    )


def since(article: "Article", number: int, order: Order = Order.NEWEST) -> Page:
    """What is new after a number, with the posts it answers; `newer` leads on."""
    posts = article.posts.in_thread().for_reading()
    rows = list(posts.filter(number__gt=number).order_by("number")[: BRANCH_PAGE + 1])
    more = len(rows) > BRANCH_PAGE
    new = rows[:BRANCH_PAGE]
    shown = {row.number for row in new}
    wanted = {row.parent_number for row in new if row.parent_number} - shown
    context = list(posts.filter(number__in=wanted)) if wanted else []
    both = sorted(new + context, key=lambda post: post.path or "")
    items = arrange(ready(both, article))
    for item in items:
        item.is_context = item.post.number not in shown
        item.hidden_replies = 0
    last = new[-1].number if new else None
    return Page(
        article,
        order,
        items,
        newer=_link(order, since=last) if more else "",
        since=number,
    )


def around(article: "Article", number: int) -> list[Shown]:
    """A post below the one that it answers, and above the answers to it.

    Raises Post.DoesNotExist.
    """
    posts = article.posts.in_thread().for_reading()
    post = posts.get(number=number)
    answered = [posts.get(pk=post.parent_id)] if post.parent_id else []
    answers = posts.filter(parent=post).order_by("number")[:PAGE]
    items = arrange(ready([*answered, post, *answers], article))
    for item in items:
        item.is_context = item.post.pk == post.parent_id
    return items


def where(post: "Post", order: Order = Order.NEWEST) -> str:
    """The address of a page that shows a numbered post, computed from its row alone."""
    if order is Order.FLAT and post.number:
        first = (post.number - 1) // PAGE * PAGE
        link = _link(order, after=first) if first else _link(order)
    elif post.folded or post.root is None:
        return _thread_url(post)
    elif order is Order.OLDEST:
        link = _link(order, after=post.root - 1)
    else:
        link = _link(order, before=post.root + 1)
    return f"{post.article.get_absolute_url()}{link}#post-{post.number}"


def number_in(query: QueryDict, name: str) -> int | None:
    """A post's number in an address, or none. Raises Http404 for anything else."""
    given = query.get(name)
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 9 or int(given) > HIGHEST:
        raise Http404(f"{name} is not a post's number")
    return int(given)


def ready(posts: "Iterable[Post]", article: "Article") -> "list[Post]":
    """Posts from `for_reading`, with all that a page asks of them."""
    posts = quotes.up_to_date(posts, article)
    prefetch_related_objects([post for post in posts if post.has_updates], "updates")
    return posts


# --- How posts nest -------------------------------------------------------------------


def arrange(posts: Iterable["Post"]) -> list[Shown]:
    """Posts in reading order with the lists around them, whatever of a tree they are.

    A post whose ancestors are not among them stands at the outer level.
    """
    items: list[Shown] = []
    by_id: dict[int, Shown] = {}
    open_items: list[Shown] = []
    for post in posts:
        path = post.path or ""
        while open_items and not path.startswith(open_items[-1].post.path or ""):
            _close(open_items.pop(), items[-1], skips_to=post.number)
        item = Shown(post, level=len(open_items) + 1, hidden_replies=post.descendants)
        if open_items:
            item.opens = open_items[-1] is items[-1]
            open_items[-1].ends = False
            open_items[-1].hidden_replies -= 1 + post.descendants
        if post.parent_id in by_id and post.is_published and post.number:
            by_id[post.parent_id].answered_in.append(post.number)
        open_items.append(item)
        by_id[post.pk] = item
        items.append(item)
    while open_items:
        _close(open_items.pop(), items[-1])
    return items


def _close(item: Shown, last: Shown, skips_to: int | None = None) -> None:
    """Note that the last post so far is the last one below an item."""
    item.skips_to = skips_to
    if item is not last:
        last.closes.append(item)


# --- The pages of each order ----------------------------------------------------------


def _whole_threads(posts: "Iterable[Post]") -> tuple[list["Post"], bool]:
    """The posts up to the first end of a thread from PAGE on; whether there are more."""
    rows: list[Post] = []
    for post in posts:
        if len(rows) >= PAGE and post.root != rows[-1].root:
            return rows, True
        rows.append(post)
    return rows, False


@cache
def first_page(order: Order, length: int) -> "KeptRows[Post]":
    """Kept, because every new post makes the first page anew."""
    newest_first = order is Order.NEWEST

    def posts(article: "Article") -> "PostQuerySet":
        threads = article.posts.in_thread().unfolded().for_reading()
        return threads.by_thread(None, None, newest_first=newest_first)[:length]

    return KeptRows(posts)


def _beyond(threads: "PostQuerySet", before: int | None, after: int | None) -> Subquery:
    """A thread on the side that a page is not read towards, if there is one.

    In order: without, PostgreSQL would look for any such row, and not by the index.
    """
    if after is not None:
        there = threads.by_thread(after + 1, None, newest_first=True)
    else:
        there = threads.by_thread(None, (before or 0) - 1, newest_first=False)
    return Subquery(there.values("root")[:1])


def _flat(article: "Article", before: int | None, after: int | None) -> Page:
    """Posts by number, in pages that are fixed for ever: 1 to 50, 51 to 100, …

    Empty pages, which an import with gaps can leave, are stepped over.
    """
    posts = article.posts.in_thread()
    start = _block((after or 0) + 1)
    if before is not None:
        start = _block(posts.last_number_until(before - 1) or 1)
    there = posts.filter(number__lte=start).order_by("-number").values("number")[:1]
    rows = list(
        posts.for_reading()
        .filter(number__gt=start)
        .order_by("number")
        .annotate(previous=Subquery(there))[: PAGE + 1]
    )
    numbers = [row.number or 0 for row in rows]
    end = _block(numbers[0]) + PAGE if rows else start
    here = [row for row in rows if (row.number or 0) <= end]
    following = numbers[len(here) :]
    previous: int | None = (
        getattr(rows[0], "previous", None) if rows else posts.last_number_until(start)
    )
    return Page(
        article,
        Order.FLAT,
        [Shown(post, hidden_replies=post.descendants) for post in ready(here, article)],
        newer=_link(Order.FLAT, after=_block(following[0])) if following else "",
        older=_link(Order.FLAT, after=_block(previous)) if previous else "",
    )


def _block(number: int) -> int:
    """The number before the first of the page that a number is on."""
    return (number - 1) // PAGE * PAGE


def _link(order: Order, **place: int | None) -> str:
    query = {name: str(number) for name, number in place.items() if number is not None}
    if order is not Order.NEWEST:
        query = {"order": order.value, **query}
    return "?" + urlencode(query) if query else ""


def _thread_url(post: "Post") -> str:
    return reverse("discussion:thread", args=[post.article.slug, post.number])
