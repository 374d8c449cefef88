"""What somebody sends, and how it becomes a post: once, however often it is sent."""

import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.core import signing
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from articles.models import Article
from mfr_site.markdown import clean_text

from . import moderation
from .background import Background, draft_again, draft_of, in_discussion
from .models import Decision, Post, PostCredential
from .moderation import Outcome, Refused
from .quotes import NewAnchor

if TYPE_CHECKING:
    from .authors import Speaker

# What a form of one's own is given when it is shown: drawn, and signed with the time.
FORM = signing.Signer(salt="discussion.form")
# A form without a token of its own is the same form for this long, and at most for twice
# as long (TRUST R12).
SAME_FORM = 600


def new_token() -> str:
    return FORM.sign(f"{secrets.token_urlsafe(12)}.{int(time.time())}")


def age_of(token: str) -> float | None:
    """For how many seconds the form of a token has been open; None when nothing tells.

    A page that is the same for everybody has no token, and nothing on it could tell one
    reader's time from another's. So this is a hint of machines that fill in a form of
    their own, never a proof of people (PEERS §3).
    """
    try:
        signed = FORM.unsign(token)
    except signing.BadSignature:
        return None
    return time.time() - int(signed.rpartition(".")[2])


@dataclass(frozen=True)
class Submission:
    """A form that somebody sent under an article.

    `token` is what the form was given when it was rendered for this reader alone; a page
    that is the same for everybody has none, and the same text from the same speaker
    within some minutes is then the same form.
    """

    article: Article
    speaker: "Speaker"
    body: str
    parent: Post | None = None
    anchor: NewAnchor | None = None
    disputes: bool = False
    token: str = ""
    by_editor: bool = False

    @cached_property
    def text(self) -> str:
        return clean_text(self.body).strip()

    @cached_property
    def content(self) -> str:
        """What is said to whom: the same for the same form, whoever sends it."""
        parent = self.parent.pk if self.parent else 0
        quoted = self.anchor.passage if self.anchor else ""
        return f"{self.article.pk}|{parent}|{quoted}|{self.token}|{self.text}"

    @cached_property
    def digests(self) -> list[str]:
        """Every digest this form may have come under before; the first is its own."""
        period = int(time.time() // SAME_FORM)
        periods = ["once"] if self.token else [str(period), str(period - 1)]
        return [
            salted_hmac(
                "discussion.submission",
                f"{name}|{when}|{self.content}",
                algorithm="sha256",
            ).hexdigest()
            for name in self.speaker.names
            for when in periods
        ]

    # Every new post asks this while others wait; the ORM takes ten times as long.
    HAS_EARLIER = "SELECT 1 FROM discussion_post WHERE submission IN ({}) LIMIT 1"

    def earlier(self) -> Post | None:
        """The post that this form became when it came before.

        A network is not a person: what came from there belongs to a speaker with a key
        only if it is under that key.
        """
        if not self.digests:
            return None
        marks = ", ".join(["%s"] * len(self.digests))
        with connection.cursor() as cursor:
            cursor.execute(self.HAS_EARLIER.format(marks), self.digests)
            if not cursor.fetchone():  # as nearly always
                return None
        posts = Post.objects.filter(submission__in=self.digests)
        for post in posts.select_related("article", "author__user", "author__key"):
            theirs = self.speaker.key is None or post.author is None
            if theirs or self.speaker.owns(post):
                return post
        return None


def submit(submission: Submission) -> Post:
    """The post that a submission becomes, or became when it was sent before.

    One transaction under the article's lock. Raises Refused with a sentence when it
    cannot be taken; the caller gives the text back.
    """
    post = Post(
        article=submission.article,
        parent=submission.parent,
        by_editor=submission.by_editor,
    )
    if len(submission.text) <= moderation.MAX_LENGTH:
        post.write(submission.text)
    person = submission.speaker.user or submission.speaker.key
    background = Background.of(person, submission.text)
    draft = draft_of(
        person,
        submission.text,
        background,
        by_editor=submission.by_editor,
        form_age=age_of(submission.token),
    )
    with transaction.atomic():
        article = Article.objects.lock(submission.article.pk)
        if earlier := submission.earlier():
            submission.speaker.recognise(earlier, form=earlier.submission or "")
            return earlier
        if submission.parent and not submission.parent.can_be_answered:
            raise Refused("This post cannot be answered any more.", rule="parent")
        post.article = article
        post.submission = next(iter(submission.digests), None)
        post.author = submission.speaker.author(form=post.submission or "")
        verdict = moderation.judge(
            in_discussion(draft, post.author, article, submission.parent)
        )
        if verdict.outcome is Outcome.REFUSE:
            raise Refused(verdict.reason, verdict.rule)
        _place(post, verdict)
        if background.has_credential:
            PostCredential.take(post)
        if submission.anchor:
            submission.anchor.attach(post, disputes=submission.disputes)
    return post


def _place(post: Post, verdict: moderation.Verdict) -> None:
    """Save a new post as the rules will have it."""
    if verdict.outcome is Outcome.PUBLISH:
        post.publish_in(post.article)
    else:
        post.save()
        post.decide(Decision.Action.HOLD, rule=verdict.rule, reason=verdict.reason)
    if verdict.is_urgent:
        post.wait(is_urgent=True)


@transaction.atomic
def answer_doubt(post: Post) -> None:
    """Judge a post again whose writer has shown to be a person (captcha.py)."""
    article = Article.objects.lock(post.article_id)
    post.refresh_from_db()
    if not post.is_asked:
        return
    post.article = article
    verdict = moderation.judge(draft_again(post))
    if verdict.outcome is Outcome.PUBLISH:
        post.publish()
        post.decide(Decision.Action.PUBLISH, rule=moderation.PERSON)
    else:
        post.decide(Decision.Action.HOLD, rule=verdict.rule, reason=verdict.reason)
