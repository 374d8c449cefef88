"""Which posts, in which order: the one place that says who may see what."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import QueryDict
from django.utils import timezone

from articles.models import Article
from discussion import passages, placing, threads
from mfr_site import full_text

from .authors import PostKey
from .disputes import Dispute

if TYPE_CHECKING:
    from accounts.models import User
    from discussion.submission import Submission

    from .posts import Post

# For so long a form that comes again is the same form (TRUST R12).
FORM_LIFE = timedelta(hours=48)
# Shorter lines are said by many.
SHORTEST_QUOTATION = 20
QUOTED_LINE = re.compile(r"^ {0,3}>[ >]*(.+)$", re.MULTILINE)

# What a page shows of a post and of what belongs to it. A whole row has twice as many
# columns, and each of them costs time for each of a hundred posts.
OF_A_POST = (
    *("article", "state", "number", "parent", "parent_number", "root", "path"),
    *("descendants", "html", "published_at", "edited_at", "by_editor", "is_sample"),
    *("removed_at", "removed_by", "removed_for"),
    *("author__user__username", "author__user__display_name", "author__label"),
    *("anchor__passage", "anchor__exact", "anchor__prefix", "anchor__suffix"),
    *("anchor__state", "anchor__checked", "anchor__current_passage"),
    *("credential__state", "credential__text"),
    *("dispute__state", "dispute__answer_html", "dispute__answered_at"),
    *("dispute__answered_by__username", "dispute__answered_by__display_name"),
    *("dispute__correction__kind", "dispute__correction__text"),
    *("dispute__correction__before__number", "dispute__correction__after__number"),
    "dispute__correction__after__approved_at",
    "dispute__correction__after__go_live_at",
)
WITH_A_POST = (
    *("author__user", "anchor", "credential", "dispute__answered_by"),
    *("dispute__correction__before", "dispute__correction__after"),
)


class PostQuerySet(models.QuerySet["Post"]):
    # --- Which posts

    def published(self) -> Self:
        """Posts whose text anybody may read: the rule of every list, feed and count."""
        return self.filter(state="published", article__withdrawn_at=None)

    def in_thread(self) -> Self:
        """What a thread shows: published posts, and tombstones in their places.

        A thread must keep a tombstone, or replies would seem to answer somebody else.
        Held posts have no number yet and cannot have replies, so they leave no gap.
        """
        return self.filter(number__isnull=False)

    def written_by(self, owner: "User | PostKey") -> Self:
        """What an account or a post key owns, whatever became of it; the latest first."""
        kind = "key" if isinstance(owner, PostKey) else "user"
        return self.filter(**{f"author__{kind}": owner}).order_by("-pk")

    def quoting(self, post: "Post") -> "list[Post]":
        """Published answers to a post that repeat some of its words as a quotation."""
        said = " ".join(post.source.split())
        answers = self.published().filter(parent=post)
        return [answer for answer in answers if _quotes(answer.source, said)]

    def but_by(self, owner: "User | PostKey") -> Self:
        """Those of everybody else."""
        kind = "key" if isinstance(owner, PostKey) else "user"
        return self.exclude(**{f"author__{kind}": owner})

    def waiting(self) -> Self:
        """What a moderator should look at: the urgent first, then the longest waiting."""
        waiting = self.filter(waits_since__isnull=False)
        return waiting.order_by("-is_urgent", "waits_since")

    def out_of_sight_since(self, before: datetime) -> Self:
        """Those that moderators removed or refused before a time, with a text left."""
        removed = Q(state="removed", removed_at__lt=before)
        refused = Q(state="refused", created_at__lt=before)
        return self.filter(removed | refused).exclude(source="")

    def findable(self) -> Self:
        """What the search holds; also of withdrawn articles, which may come back."""
        return self.filter(state="published")

    def disputing(self) -> Self:
        """Those that wait for the editors' decision, the most urgent first."""
        waiting = Dispute.objects.undecided().values("pk")
        posts = self.filter(dispute__in=waiting).select_related("anchor", "dispute")
        return posts.order_by("dispute__due_on", "number")

    def on_article(self, article: Article) -> Self:
        """Published posts that quote a text of the article, by number. Ask it of all posts.

        Through the revisions: however long the discussion, those that quote are few, and
        a database that began with the article's posts would look all of them through.
        """
        quoting = self.published().filter(anchor__revision__article=article)
        return quoting.order_by("number")

    def unfolded(self) -> Self:
        """Those that a page of several threads shows."""
        return self.filter(folded=False)

    def search(
        self, text: str, *, start: int = 0, length: int = 20
    ) -> "full_text.Results[Post]":
        """One page of the published posts that match, as `full_text.Results`."""
        visible = self.published().in_lists()
        return full_text.find("post", text, visible, start=start, length=length)

    # --- In which order (see threads.py)

    def by_thread(
        self,
        before: int | None,
        after: int | None,
        *,
        newest_first: bool,
        backwards: bool = False,
    ) -> Self:
        """Thread by thread, each in reading order, between two numbers of first posts."""
        posts = self
        if before is not None:
            posts = posts.filter(root__lt=before)
        if after is not None:
            posts = posts.filter(root__gt=after)
        posts = posts.order_by("-root" if newest_first else "root", "path")
        return posts.reverse() if backwards else posts

    def older_than(self, pk: int | None) -> Self:
        """Those after a post in `newest_first`: the next page of a list."""
        if pk is None:
            return self
        there = Subquery(self.model.objects.filter(pk=pk).values("published_at"))
        return self.filter(Q(published_at__lt=there) | Q(published_at=there, pk__lt=pk))

    def in_branch(self, path: str) -> Self:
        """The post at a path and all below it."""
        return self.filter(path__gte=path, path__lt=path + placing.BEYOND)

    def path_of(self, number: int) -> str:
        """Raises Post.DoesNotExist when no post among these has the number."""
        return self.values_list("path", flat=True).get(number=number) or ""

    def last_number_until(self, number: int) -> int | None:
        """The highest number among these up to a number."""
        there = self.filter(number__lte=number).order_by("-number")
        return there.values_list("number", flat=True).first()

    def newest_first(self) -> Self:
        """As they were published, across articles."""
        return self.order_by("-published_at", "-pk")

    def on_passages(self) -> Self:
        """The latest of those that speak of words which still stand in the article."""
        there = Q(anchor__state__in=["current", "moved"])
        return self.filter(there).select_related("anchor").newest_first()

    def for_reading(self) -> Self:
        """With everything that a page shows of each post, and no more, in one query.

        What its author added later is asked for only where `has_updates` says so.
        """
        from .post_texts import PostUpdate

        updates = PostUpdate.objects.filter(post=OuterRef("pk"))
        posts = self.select_related(*WITH_A_POST).only(*OF_A_POST)
        return posts.annotate(has_updates=Exists(updates))

    def in_lists(self) -> Self:
        """With the author's name and the article's title, for lists across articles."""
        articles = Article.objects.with_live()
        return (
            self.select_related("author__user")
            .prefetch_related(models.Prefetch("article", queryset=articles))
            .defer("source")
        )

    # --- Doing

    def page(self, article: Article, query: QueryDict) -> threads.Page:
        """The page of an article's discussion that an address asks for."""
        gather = passages.ORDERS.get(query.get("order", ""))
        return gather(article) if gather else threads.page(article, query)

    def about_passages(self, article: Article) -> dict[str, passages.Talk]:
        """What is said about each passage of an article, by its key."""
        return passages.about(article)

    def submit(self, submission: "Submission") -> "Post":
        """Take what somebody sent: publish it, or hold it. See `submission.submit`."""
        from discussion.submission import submit

        return submit(submission)

    def forget_forms(self) -> int:
        """Erase what old posts keep of the forms they came by. Answers how many did."""
        old = timezone.now() - FORM_LIFE
        return self.filter(created_at__lt=old, submission__isnull=False).update(
            submission=None
        )


def _quotes(text: str, said: str) -> bool:
    lines = (" ".join(line.split()) for line in QUOTED_LINE.findall(text))
    return any(len(line) >= SHORTEST_QUOTATION and line in said for line in lines)
