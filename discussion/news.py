"""What one reader is to be told, and what is still true of it when the mail leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from articles.models import Article

from .models import Decision, Dispute, Following, Mailbox, Notice, Post
from .subscriptions import Subscription, back

# Posts of one discussion that a mail shows; of the others it says how many there are.
SHOWN = 10


def gather(mailbox: Mailbox, now: datetime) -> dict[str, Any]:
    """Take all that is to be told, by numbers alone: from now on it is in one mail.

    Empty when there is nothing.
    """
    notices = list(mailbox.notices.tellable(now).select_related("post"))
    behind = list(mailbox.followings.behind(now).select_related("article"))
    if not (notices or behind):
        return {}
    told: dict[str, Any] = {
        kind.value: [_number(n) for n in notices if n.kind == kind]
        for kind in Notice.Kind
    }
    followed = {
        following.article_id: [
            following.told_number,
            following.article.last_post_number,
        ]
        for following in behind
    }
    mailbox.notices.filter(pk__in=[notice.pk for notice in notices]).delete()
    for article, (_, number) in followed.items():
        mailbox.followings.filter(article=article).update(told_number=number)
    answered = {n.post.article_id for n in notices if n.kind == Notice.Kind.REPLY}
    for article in sorted(answered | followed.keys()):
        mailbox.followings.update_or_create(
            article_id=article, defaults={"unread_since": now}
        )
    return {"mailbox": mailbox.pk, **told, "followed": followed}


def _number(notice: Notice) -> int:
    return notice.decision_id or notice.post_id


@dataclass
class Group:
    """What is new in one discussion: answers first, then the other posts."""

    article: Article
    following: Following | None
    replies: list[Post] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    # The last number that was told before.
    after: int = 0
    more: int = 0

    @property
    def url(self) -> str:
        """Back to where it can be read: to a single post, or to all that is new."""
        if self.following is None:
            return ""
        everything = [*self.replies, *self.posts]
        single = len(everything) == 1 and not self.more
        where = f"post={everything[0].number}" if single else f"since={self._since}"
        return f"{back(self.following, self.article.slug)}?{where}"

    @property
    def _since(self) -> int:
        numbers = [post.number or 0 for post in [*self.replies, *self.posts]]
        return max(min(numbers) - 1, 0)

    @property
    def count(self) -> int:
        return len(self.replies) + len(self.posts) + self.more


@dataclass(frozen=True)
class News:
    """What `gather` noted, as far as it may be told now."""

    mailbox: Mailbox
    told: dict[str, Any]

    @cached_property
    def groups(self) -> list[Group]:
        groups: dict[int, Group] = {}
        for post in self._visible(self.told[Notice.Kind.REPLY]):
            self._group(groups, post.article).replies.append(post)
        for article, (after, until) in self.told["followed"].items():
            self._add_new(groups, int(article), after, until)
        return list(groups.values())

    def _visible(self, numbers: list[int]) -> Iterator[Post]:
        posts = Post.objects.published().filter(pk__in=numbers).in_lists()
        return iter(posts.order_by("pk"))

    def _add_new(
        self, groups: dict[int, Group], article: int, after: int, until: int
    ) -> None:
        if not self.mailbox.followings.filter(
            article=article, everything=True
        ).exists():
            return
        told = self.told[Notice.Kind.REPLY]
        posts = Post.objects.published().filter(
            article=article, number__gt=after, number__lte=until
        )
        posts = posts.exclude(pk__in=told).but_by(self.mailbox.holder)
        first = list(posts.in_lists().order_by("number")[:SHOWN])
        if first:
            group = self._group(groups, first[0].article)
            group.posts = first
            group.more = posts.count() - len(first)

    def _group(self, groups: dict[int, Group], article: Article) -> Group:
        if article.pk not in groups:
            following = self.mailbox.followings.filter(article=article).first()
            groups[article.pk] = Group(article, following)
        return groups[article.pk]

    @cached_property
    def decisions(self) -> list[Decision]:
        found = Decision.objects.filter(pk__in=self.told[Notice.Kind.DECISION])
        found = found.select_related("post__article", "post__author").order_by("pk")
        return [one for one in found if self.mailbox.owns(one.post.author)]

    @cached_property
    def disputes(self) -> list[Dispute]:
        found = Dispute.objects.standing().filter(
            post__in=self.told[Notice.Kind.DISPUTE]
        )
        found = found.for_editors().select_related("correction__after").order_by("pk")
        return [one for one in found if self.mailbox.owns(one.post.author)]

    @property
    def name(self) -> str:
        """The mail that it makes; "" when there is nothing to tell any more."""
        replies = any(group.replies for group in self.groups)
        posts = any(group.posts for group in self.groups)
        names = {
            "replies": replies,
            "new_posts": posts,
            "decision": self.decisions,
            "dispute": self.disputes,
        }
        said = [name for name, there in names.items() if there]
        if len(said) > 1:
            return "digest"
        if said == ["dispute"]:
            return self._about_disputes()
        return "".join(said)

    def _about_disputes(self) -> str:
        if len(self.disputes) > 1:
            return "digest"
        settled = self.disputes[0].is_settled_by_text
        return "dispute_settled" if settled else "dispute_answered"

    @property
    def stops(self) -> Subscription:
        """What the link in the mail stops: this kind of mail, or all of it."""
        followed = [group.following for group in self.groups if group.following]
        if self.name == "new_posts" and len(followed) == 1:
            return Subscription("following", followed[0].pk)
        scope = {"replies": "replies", "digest": "all", "new_posts": "all"}
        return Subscription(scope.get(self.name, "decisions"), self.mailbox.pk)

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)

    def forget(self) -> None:
        """Nothing of it may be told: then no mail waits to be read either."""
        articles = [int(article) for article in self.told["followed"]]
        replies = Post.objects.filter(pk__in=self.told[Notice.Kind.REPLY])
        articles += replies.values_list("article", flat=True)
        waits = self.mailbox.followings.filter(article__in=articles)
        waits.update(unread_since=None)
