"""The moderators' queue: what waits, why, and one decision at a time.

A moderator decides on what they have seen. `stamp` says what that was: when another has
decided meanwhile, or the text or the reports are others, nothing is done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Count, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from articles.models import Article
from mfr_site import caching

from . import learning, moderation, standing
from .kindness import Hints
from .models import Decision, Post, PostQuerySet, Report

if TYPE_CHECKING:
    from accounts.models import User

LEGAL = Report.Reason.LEGAL
# What shows in the words of a text; personal data or a legal notice does not.
LEARNED = {Post.Reason.SPAM, Post.Reason.ABUSE, Post.Reason.MACHINE}
UNREASONED = "{post}: somebody gave notice of a breach of law, so write in the note why you decide so."
SLOWED_FOR = timedelta(days=1)
# What else of a writer is shown: lately, and in this discussion alone, because nothing
# may link what a key wrote in two.
OTHERS = 5
# What concerns the discussion, and leaves its post waiting.
OF_DISCUSSION = {"slow", "close", "open"}


# The ids of an account and a post key, of which one is None.
Person = tuple[int | None, int | None]


class Changed(Exception):
    """It is not as the moderator saw it; the message says what happened."""


class Impossible(Exception):
    """This cannot be done to this post; the message says why."""


@dataclass(frozen=True)
class Waiting:
    """A post in the queue, with all that a moderator needs to decide."""

    post: Post
    # How many posts their writer has, by state; and the latest of them there.
    history: dict[str, int]
    others: list[Post]

    @property
    def stamp(self) -> str:
        return stamp(self.post)

    @property
    def latest(self) -> Decision | None:
        return next(iter(self.post.decisions.all()), None)

    @property
    def earlier(self) -> list[Decision]:
        """What was decided before the latest."""
        return list(self.post.decisions.all())[1:]

    @property
    def reports(self) -> list[Report]:
        return [report for report in self.post.reports.all() if not report.settled_at]

    @property
    def is_legal(self) -> bool:
        return any(report.reason == LEGAL for report in self.reports)

    @property
    def likely(self) -> str:
        """The reason to remove it that is offered first: that of a report."""
        reasons = set(Post.Reason.values)
        said = [report.reason for report in self.reports if report.reason in reasons]
        return said[0] if said else Post.Reason.SPAM

    @property
    def personal(self) -> list[str]:
        """What seems to say who somebody is."""
        return Hints.of(self.post.source).personal

    @property
    def is_slowed(self) -> bool:
        until = self.post.article.slowed_until
        return until is not None and until > timezone.now()

    @property
    def answer(self) -> Decision | None:
        """A decision that the writer has answered, and nobody since."""
        answered = (d for d in self.post.decisions.all() if d.appeal)
        return next((d for d in answered if not d.appeal_answer), None)

    @property
    def person(self) -> object:
        return standing.person_of(self.post.author)

    @property
    def approve(self) -> str:
        """What it is called here to say that a post is right."""
        return LABELS.get(self.post.state, "Show it again")


LABELS: dict[str, str] = {Post.State.HELD: "Publish", Post.State.PUBLISHED: "Keep it"}


def gather(posts: PostQuerySet) -> list[Waiting]:
    """Posts with their context and history, in a fixed number of queries."""
    found = list(
        posts.select_related(
            "author__user", "author__key", "parent__author__user", "anchor"
        ).prefetch_related(
            "reports__user",
            "decisions__by",
            "updates",
            models.Prefetch("article", queryset=Article.objects.with_live()),
        )
    )
    histories, others = _histories(found), _others(found)
    return [
        Waiting(
            post,
            histories.get(_who(post), {}),
            [other for other in others if other.author_id == post.author_id],
        )
        for post in found
    ]


def _others(posts: list[Post]) -> list[Post]:
    """The latest that each writer said in the same discussion, besides these posts."""
    turn = Window(RowNumber(), partition_by="author", order_by="-pk")
    theirs = Post.objects.filter(author__in={post.author_id for post in posts} - {None})
    rest = theirs.exclude(pk__in=[post.pk for post in posts]).only(
        "number", "state", "author"
    )
    return list(rest.annotate(turn=turn).filter(turn__lte=OTHERS).order_by("-pk"))


def _who(post: Post) -> Person:
    author = post.author
    return (author.user_id, author.key_id) if author else (None, None)


def _histories(posts: Iterable[Post]) -> dict[Person, dict[str, int]]:
    """How many posts of each state their writers have, by account or key."""
    people = {_who(post) for post in posts} - {(None, None)}
    histories: dict[Person, dict[str, int]] = {}
    theirs = Post.objects.filter(author__user__in=[u for u, _ in people if u]) | (
        Post.objects.filter(author__key__in=[k for _, k in people if k])
    )
    counts = theirs.order_by().values_list("author__user", "author__key", "state")
    for user, key, state, number in counts.annotate(number=Count("pk")):
        histories.setdefault((user, key), {})[state] = number
    return histories


def stamp(post: Post) -> str:
    """What a post was when it was looked at: its text, decisions and reports."""
    latest = max((decision.pk for decision in post.decisions.all()), default=0)
    reports = max((report.pk for report in post.reports.all()), default=0)
    updates = max((update.pk for update in post.updates.all()), default=0)
    edited = post.edited_at.timestamp() if post.edited_at else 0
    text = f"{edited}-{len(post.source)}-{updates}"
    return f"{post.state}-{latest}-{reports}-{text}"


@dataclass(frozen=True)
class Choice:
    """What a moderator wants done: `note` is read by the writer.

    `text` replaces that of the post; `updates` those of what was added to it, by id.
    """

    by: "User"
    reason: str = Post.Reason.OTHER
    note: str = ""
    text: str = ""
    updates: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def decide(pk: int, seen: str, act: str, choice: Choice) -> str:
    """Do one act to one post, and settle its reports. Answers what was done.

    Raises Changed, Impossible, KeyError for an unknown act, Post.DoesNotExist.
    """
    article_id = Post.objects.values_list("article_id", flat=True).get(pk=pk)
    Article.objects.lock(article_id)
    post = Post.objects.select_related("article", "author__user", "author__key").get(
        pk=pk
    )
    if stamp(post) != seen:
        raise Changed(_what_happened(post))
    if post.is_erased:
        raise Impossible(f"{post} was taken back by its author.")
    if act not in OF_DISCUSSION and not choice.note and _is_legal(post):
        raise Impossible(UNREASONED.format(post=post))
    answered = post.decisions.unanswered().first()
    text = post.source
    was_wrong, done = ACTS[act](post, choice)
    if act in {"approve", "trust"} or (act == "remove" and choice.reason in LEARNED):
        learning.learn(text, was_removed=act == "remove")
    if was_wrong is not None:
        outcome = _outcome(post, act)
        Report.objects.settle(
            post, upheld=was_wrong, outcome=outcome, reasons=choice.note
        )
    if answered and was_wrong is not None:
        answered.appeal_answer = choice.note or done
        answered.save(update_fields=["appeal_answer"])
    return done


def _is_legal(post: Post) -> bool:
    return Report.objects.open_about(post).filter(reason=LEGAL).exists()


def _outcome(post: Post, act: str) -> str:
    if act == "edit-out":
        return "changed"
    # Silencing its writer has hidden the post behind our back.
    post.refresh_from_db(fields=["state"])
    return "kept" if post.is_published else "removed"


def _what_happened(post: Post) -> str:
    latest = post.decisions.select_related("by").first()
    if latest and latest.by:
        done = latest.get_action_display().lower()
        return f"{post}: {latest.by} was quicker ({done}). Nothing was changed."
    return f"{post} has changed since you saw it. Nothing was done; please look again."


# --- What can be done. Each answers whether those who reported the post were right (None
# when that is still open), and a sentence.

Done = tuple[bool | None, str]


def _approve(post: Post, choice: Choice) -> Done:
    if post.state in {Post.State.HELD, Post.State.REFUSED}:
        post.publish(choice.by)
        return False, f"{post} is published."
    if post.is_tombstone:
        if not post.source:
            raise Impossible(f"The text of {post} is erased already.")
        post.restore(choice.by, choice.note)
        return False, f"{post} shows again."
    rule = moderation.CRISIS if _only_worries(post) else ""
    post.decide(Decision.Action.KEEP, rule=rule, reason=choice.note, by=choice.by)
    return False, f"{post} stays."


def _only_worries(post: Post) -> bool:
    """Whether it waits for nothing but that somebody may be in danger."""
    reports = Report.objects.open_about(post).exclude(reason=Report.Reason.WORRIED)
    return post.is_urgent and not reports.exists()


def _remove(post: Post, choice: Choice) -> Done:
    if post.state == Post.State.HELD:
        post.refuse(choice.by, choice.reason, choice.note)
        return True, "It will not be published, and its writer is told why."
    if post.state in {Post.State.REMOVED, Post.State.REFUSED}:
        action = Decision.Action.REMOVE
        post.decide(action, rule=post.removed_for, reason=choice.note, by=choice.by)
        return True, "The decision stands."
    post.remove(choice.by, choice.reason, choice.note)
    return True, f"{post} is removed, and its writer is told why."


def _edit_out(post: Post, choice: Choice) -> Done:
    if not choice.text.strip():
        raise Impossible("Nothing would be left of it: remove it instead.")
    post.edit_out(choice.text, choice.by, choice.note, choice.updates)
    if not post.is_published:
        _approve(post, choice)
    return True, f"{post} shows without what you took out, and says so."


def _trust(post: Post, choice: Choice) -> Done:
    if post.author is None:
        raise Impossible("Nobody knows any more who wrote it.")
    standing.trust(post.author, choice.by)
    post.refresh_from_db(fields=["state"])
    _, done = _approve(post, choice)
    return False, f"{done} What {post.author} writes next appears at once."


def _silence(post: Post, choice: Choice) -> Done:
    if post.author is None:
        raise Impossible("Nobody knows any more who wrote it.")
    try:
        hidden = standing.silence(post.author, choice.by)
    except standing.NotThisPerson as refused:
        raise Impossible(str(refused)) from refused
    posts = "1 post is" if hidden == 1 else f"{hidden} posts are"
    hid = f", and {posts} hidden" if hidden else ""
    return True, (
        f"{post.author} is silenced{hid}. Under “Silenced” you can take it all back."
    )


def _slow(post: Post, choice: Choice) -> Done:
    post.article.slowed_until = timezone.now() + SLOWED_FOR
    post.article.save(update_fields=["slowed_until"])
    _of_discussion(post, Decision.Action.SLOW, choice)
    return None, "For a day, each post there waits for a moderator."


def _close(post: Post, choice: Choice) -> Done:
    post.article.discussion_open = False
    post.article.save(update_fields=["discussion_open"])
    caching.bump(post.article.page_tag)
    _of_discussion(post, Decision.Action.CLOSE, choice)
    return None, "The discussion is closed."


def _open(post: Post, choice: Choice) -> Done:
    post.article.discussion_open, post.article.slowed_until = True, None
    post.article.save(update_fields=["discussion_open", "slowed_until"])
    caching.bump(post.article.page_tag)
    _of_discussion(post, Decision.Action.OPEN, choice)
    return None, "The discussion is open, and not slowed."


def _of_discussion(post: Post, action: Decision.Action, choice: Choice) -> None:
    """Note what was decided about the whole discussion; the post goes on waiting."""
    post.decisions.create(
        action=action, rule="moderator", reason=choice.note, by=choice.by
    )
    caching.bump("discussion")


ACTS: dict[str, Callable[[Post, Choice], Done]] = {
    "approve": _approve,
    "remove": _remove,
    "edit-out": _edit_out,
    "trust": _trust,
    "silence": _silence,
    "slow": _slow,
    "close": _close,
    "open": _open,
}
