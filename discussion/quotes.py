"""Where in an article a post points, and where those words stand after an edit.

An anchor is never guessed. Its exact words stand in the same passage, or exactly once
elsewhere with the same words around them; else it says that they were changed or removed
(DESIGN §5, PEERS D1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mfr_site.caching import bump

from .models.anchors import Anchor
from .models.disputes import Dispute

if TYPE_CHECKING:
    from articles.models import Article, Revision

    from .models import Post

# How much of the text around a quotation is kept, to know it again elsewhere.
AROUND = 32


class NotInPassage(ValueError):
    """The quoted words do not stand in the passage."""


class Block(Protocol):
    """A passage of a revision, as far as it matters here: `articles.models.Passage`."""

    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class NewAnchor:
    """What a post that is being written points at."""

    revision: "Revision"
    passage: str
    exact: str
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def in_revision(
        cls, revision: "Revision", passage: str, quote: str = ""
    ) -> "NewAnchor":
        """An anchor at the words of a quote, or at the whole passage without one.

        Raises Passage.DoesNotExist, and NotInPassage when the words are not in it.
        """
        text = _plain(revision.passages.get(key=passage).text)
        exact = _plain(quote) or text
        start = text.find(exact)
        if start < 0:
            raise NotInPassage(quote)
        before, after = _around(text, start, exact)
        return cls(revision, passage, exact, before, after)

    def attach(self, post: "Post", *, disputes: bool) -> None:
        """Tie a saved post to the words; with `disputes`, ask the editors for an answer."""
        Anchor.objects.create(
            post=post,
            revision=self.revision,
            passage=self.passage,
            exact=self.exact,
            prefix=self.prefix,
            suffix=self.suffix,
            checked=self.revision,
            current_passage=self.passage,
        )
        bump(post.article.page_tag)
        if disputes:
            Dispute.objects.begin(post)


class Found(NamedTuple):
    """What became of an anchor's words, and the key of the passage they stand in."""

    state: Anchor.State
    passage: str


def locate(anchor: Anchor | NewAnchor, blocks: Sequence[Block]) -> Found:
    """Where the words of an anchor stand among the passages of some revision."""
    texts = {block.key: _plain(block.text) for block in blocks}
    home = getattr(anchor, "current_passage", "") or anchor.passage
    for key in (anchor.passage, home):
        if anchor.exact in texts.get(key, ""):
            moved = key != anchor.passage
            return Found(Anchor.State.MOVED if moved else Anchor.State.CURRENT, key)
    places = [
        (key, start)
        for key, text in texts.items()
        for start in _places(text, anchor.exact)
    ]
    if len(places) == 1:
        key, start = places[0]
        if _agrees(anchor, _around(texts[key], start, anchor.exact)):
            return Found(Anchor.State.MOVED, key)
    if anchor.passage in texts or home in texts:
        return Found(Anchor.State.CHANGED, "")
    return Found(Anchor.State.REMOVED, "")


def up_to_date(posts: "Iterable[Post]", article: "Article") -> "list[Post]":
    """Posts whose anchors say what holds against the text that is live now.

    Anchors are compared when a text is published (`reanchor`). Where one has gone live by
    the clock since, they are compared here, for this page alone.
    """
    posts = list(posts)
    anchors = [post.anchor for post in posts if getattr(post, "anchor", None)]
    live = article.live if anchors else None
    stale = [anchor for anchor in anchors if live and anchor.checked_id != live.pk]
    blocks = live.blocks if live and stale else []
    for anchor in stale:
        anchor.state, anchor.current_passage = locate(anchor, blocks)
    return posts


def reanchor(article: "Article", revision: "Revision") -> list[Anchor]:
    """Compare every anchor of an article with a revision that is going live.

    Call it in the transaction that publishes. Answers those whose state has changed.
    """
    blocks = list(revision.passages.all())
    touched, changed = [], []
    for anchor in Anchor.objects.filter(post__article=article).exclude(
        checked=revision
    ):
        found = locate(anchor, blocks)
        if found.state != anchor.state:
            changed.append(anchor)
        anchor.state, anchor.current_passage = found
        anchor.checked = revision
        touched.append(anchor)
    Anchor.objects.bulk_update(
        touched, ["state", "current_passage", "checked"], batch_size=500
    )
    return changed


def _plain(text: str) -> str:
    """With single spaces: how browsers select text and how blocks are cut may differ."""
    return " ".join(text.split())


def _around(text: str, start: int, exact: str) -> tuple[str, str]:
    end = start + len(exact)
    return text[max(0, start - AROUND) : start], text[end : end + AROUND]


def _places(text: str, exact: str) -> Iterable[int]:
    start = text.find(exact)
    while start >= 0:
        yield start
        start = text.find(exact, start + 1)


def _agrees(anchor: Anchor | NewAnchor, around: tuple[str, str]) -> bool:
    """Both sides are the same, or one whole side is: a passage may have been split."""
    before, after = anchor.prefix == around[0], anchor.suffix == around[1]
    whole_before = before and len(anchor.prefix) == AROUND
    whole_after = after and len(anchor.suffix) == AROUND
    return (before and after) or whole_before or whole_after
