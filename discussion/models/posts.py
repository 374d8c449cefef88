"""A post, and what becomes of it. What is stored of it: post_row.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from articles.models import Article
from discussion import mentions, moderation, placing
from discussion.kindness import Hints
from discussion.moderation import Refused
from mfr_site import caching, erasures, full_text
from mfr_site.markdown import RENDERER_VERSION, clean_text, plain_text

from .anchors import Anchor
from .authors import Author
from .credentials import PostCredential
from .disputes import Dispute
from .moderation import Decision, Report
from .notices import Notice
from .post_row import PostRow
from .post_texts import PostUpdate, PostVersion

if TYPE_CHECKING:
    from accounts.models import User

# Long enough for a thought with its sources; what the parser is measured for (STACK §6).
MAX_LENGTH = 10_000


class Post(PostRow):
    """What somebody said in a discussion."""

    # --- Its text

    def write(self, body: str) -> None:
        """Set the text and what is made of it; the caller saves."""
        self.source = clean_text(body).strip()
        self.html = mentions.render(self.article, self.source, self.parent)
        self.renderer_version = RENDERER_VERSION

    TEXT = ("source", "html", "renderer_version")

    @transaction.atomic
    def render_again(self) -> None:
        """Make the HTML of all its texts anew, after a change of renderer."""
        self._lock()
        self.write(self.source)
        self.save(update_fields=self.TEXT)
        others: list[PostUpdate | PostVersion]
        others = [*self.updates.all(), *self.versions.all()]
        for other in others:
            other.html = mentions.render(self.article, other.source, self.parent)
            other.save(update_fields=["html"])
        if self.is_published:
            self._make_findable()
            self._bump()

    # --- What becomes of it. Each is one transaction, locks the article first, and does
    # nothing when somebody else was quicker.

    @transaction.atomic
    def publish(
        self,
        by: "User | None" = None,
        *,
        number: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """Give the post its number and place, and show it.

        `by` is who decided, if somebody did. An import gives `number` (it must be free)
        and `at`; otherwise the number is the next one and the time is now.
        """
        article = self._lock()
        if self.state not in {self.State.HELD, self.State.REFUSED}:
            return
        self.publish_in(article, number, at)
        self._bump()  # it may quote the article
        if by:
            self.decide(Decision.Action.PUBLISH, by=by)

    def publish_in(
        self, article: Article, number: int | None = None, at: datetime | None = None
    ) -> None:
        """Publish in a discussion that is locked already.

        The article around the discussion stays as it is: `NewAnchor.attach` says where
        it does not.
        """
        self._take_place(article, number)
        self.published_at = at or timezone.now()
        self.state = self.State.PUBLISHED
        self.save()
        self._count_in(article)
        caching.bump(article.posts_tag, "discussion")
        full_text.add(self._entry([]))
        if at is None:
            Notice.objects.about_reply(self)

    @transaction.atomic
    def stand_removed(self, *, number: int | None = None, at: datetime) -> None:
        """Give a new post without a text its place as a tombstone: an import found that
        it was removed elsewhere, and that others had answered it."""
        article = self._lock()
        self._take_place(article, number)
        self.published_at = at
        self.state = self.State.REMOVED
        self.save()
        self._save_counts(article)

    @transaction.atomic
    def edit(self, body: str, by: Author | None) -> None:
        """Its author replaces the text. What others may have read stays as a version.

        Raises Refused when it is too late, or a rule forbids the text; a rule that only
        doubts it puts the post out of sight until a moderator has looked.
        """
        self._lock()
        if not self.can_be_edited_by(by):
            raise Refused("This post can no longer be edited. You can add to it.")
        if not self.changes_silently:
            self._keep_version(self.Role.AUTHOR)
        self.write(body)
        verdict = self._judge(self.source)
        self._save_text()
        self._heed(verdict)

    @transaction.atomic
    def edit_out(
        self,
        body: str,
        by: "User",
        note: str = "",
        updates: Mapping[int, str] | None = None,
    ) -> None:
        """A moderator takes personal data out. It is marked; nobody reads the old text.

        `updates`: new texts of what its author added, by id; an empty one takes it away.
        """
        self._lock()
        self._keep_version(self.Role.MODERATOR)
        self.write(body)
        for update in self.updates.filter(pk__in=updates or ()):
            update.rewrite((updates or {})[update.pk])
        self._save_text()
        self.decide(
            Decision.Action.EDIT_OUT,
            rule=self.Reason.PERSONAL_DATA,
            reason=note,
            by=by,
        )

    @transaction.atomic
    def append_update(self, body: str) -> "PostUpdate":
        """Add to a post that can no longer be edited. Ask `can_be_updated_by` first.

        The rules are those of `edit`.
        """
        self._lock()
        source = clean_text(body).strip()
        verdict = self._judge(source)
        html = mentions.render(self.article, source, self.parent)
        update = self.updates.create(source=source, html=html)
        self._make_findable()
        self._bump()
        self._heed(verdict)
        return update

    @transaction.atomic
    def delete_by_author(self) -> None:
        """Erase the text and all that belongs to it; number, date and place stay.

        Erasure wins over replies, reports and moderators: nobody can bring it back.
        """
        article = self._lock()
        if self.is_erased:
            return
        author = self.author
        erasures.note(erasures.POST, self.pk)
        for answer in Post.objects.quoting(self):
            Report.objects.ask_about_quotation(answer, of=self)
        self._disappear(article)
        self._erase()
        self.author = None
        self._tombstone(self.Role.AUTHOR, self.Reason.OWN_WISH)
        Report.objects.settle(self, upheld=None, outcome="gone")
        if author:
            author.let_go()

    @transaction.atomic
    def remove(self, by: "User | None", reason: str, note: str = "") -> None:
        """A moderator takes the post away. Its text can be brought back until erased."""
        article = self._lock()
        if not (self.is_published or self.state == self.State.HIDDEN):
            return
        self._disappear(article)
        self._tombstone(self.Role.MODERATOR, reason)
        self.decide(Decision.Action.REMOVE, rule=reason, reason=note, by=by)

    @transaction.atomic
    def hide(self, rule: str, reason: str = "", by: "User | None" = None) -> None:
        """Put a published post out of sight until a moderator has looked."""
        article = self._lock()
        if not self.is_published:
            return
        self._disappear(article)
        self.state = self.State.HIDDEN
        self.save(update_fields=["state"])
        self.decide(Decision.Action.HIDE, rule=rule, reason=reason, by=by)

    @transaction.atomic
    def restore(self, by: "User | None", note: str = "") -> None:
        """Show again what was hidden or a moderator removed.

        Raises ErasedText when there is nothing left to show.
        """
        article = self._lock()
        if not self.is_tombstone:
            return
        if self.is_erased or not self.source:
            raise ErasedText(f"{self} was erased")
        self.state = self.State.PUBLISHED
        self.removed_at, self.removed_by, self.removed_for = None, "", ""
        self.save(update_fields=["state", "removed_at", "removed_by", "removed_for"])
        self.decide(Decision.Action.RESTORE, reason=note, by=by)
        self._count_in(article)
        self._bump()
        self._make_findable()

    @transaction.atomic
    def refuse(self, by: "User | None", reason: str, note: str = "") -> None:
        """Decide that a held post will not be published. It never had a number."""
        self._lock()
        if self.state != self.State.HELD:
            return
        self.state = self.State.REFUSED
        self.removed_for = reason
        self.save(update_fields=["state", "removed_for"])
        self.decide(Decision.Action.REFUSE, rule=reason, reason=note, by=by)

    @transaction.atomic
    def erase_text(self) -> None:
        """Overwrite what is left of a removed or refused post (TRUST §4.3)."""
        self._lock()
        erasures.note(erasures.TEXT, self.pk)
        self._erase()
        self.save(update_fields=self.TEXT)

    def decide(
        self,
        action: Decision.Action,
        *,
        rule: str = "",
        reason: str = "",
        by: "User | None" = None,
    ) -> Decision:
        """Record a decision about the post. A rule's doubt waits for somebody.

        What a rule finds good waits no more, unless somebody may be in danger.
        """
        if by is None and action in {Decision.Action.HOLD, Decision.Action.HIDE}:
            self.wait()
        elif by is not None or not self.is_urgent:
            self.waits_since, self.is_urgent = None, False
            self.save(update_fields=["waits_since", "is_urgent"])
        decision = self.decisions.create(
            action=action, rule=rule or "moderator", reason=reason, by=by
        )
        caching.bump("discussion")  # the public log is one of its pages
        if action in Decision.TOLD:
            Notice.objects.about_decision(decision)
        return decision

    @property
    def hints(self) -> Hints:
        """What its writer may want to know of all its texts."""
        texts = [self.source, *(update.source for update in self.updates.all())]
        return Hints.of("\n\n".join(texts))

    @property
    def is_asked(self) -> bool:
        """Whether it waits only because a rule doubts that its writer is a person."""
        if self.state != self.State.HELD or not (self.author and self.author.key_id):
            return False
        latest = self.decisions.first()
        return bool(latest and not latest.by_id and latest.rule in moderation.ASKING)

    def wait(self, *, is_urgent: bool = False) -> None:
        """Put the post in the moderators' queue, or keep its place there."""
        self.waits_since = self.waits_since or timezone.now()
        self.is_urgent = self.is_urgent or is_urgent
        self.save(update_fields=["waits_since", "is_urgent"])

    # --- Steps of the above

    def _keep_version(self, role: PostRow.Role) -> None:
        self.versions.create(
            source=self.source,
            html=self.html,
            replaced_by=role,
            is_public=role == self.Role.AUTHOR,
        )
        self.edited_at = timezone.now()

    def _judge(self, text: str) -> moderation.Verdict:
        verdict = moderation.judge(moderation.Draft.of_change(self, text))
        if verdict.outcome is moderation.Outcome.REFUSE:
            raise Refused(verdict.reason)
        return verdict

    def _heed(self, verdict: moderation.Verdict) -> None:
        """Do what the rules ask for when the text of a post has changed."""
        if verdict.is_urgent:
            self.wait(is_urgent=True)
        if self.is_published and verdict.outcome is moderation.Outcome.HOLD:
            self.hide(verdict.rule, verdict.reason)

    def _save_text(self) -> None:
        self.save(update_fields=[*self.TEXT, "edited_at"])
        if self.is_published:
            self._make_findable()
            self._bump()

    def _lock(self) -> Article:
        """Lock the discussion, and read anew what others may have changed meanwhile."""
        article = Article.objects.lock(self.article_id)
        if self.pk:
            self.refresh_from_db(fields=self.CHANGEABLE)
        self.article = article
        return article

    CHANGEABLE = (
        *("state", "number", "root", "path", "depth", "folded", "descendants"),
        *("published_at", "edited_at", "removed_at", "removed_by", "removed_for"),
        *("source", "html", "author", "waits_since", "is_urgent"),
    )

    def _take_place(self, article: "Article", number: int | None) -> None:
        number = number or article.last_post_number + 1
        article.last_post_number = max(article.last_post_number, number)
        self.number = self.root = number
        self.folded = False
        above = ""
        if self.parent:
            above = self.parent.path or ""
            self.parent_number = self.parent.number
            self.root = placing.numbers(above)[0]
            self.folded = self._join_thread(article, above)
        self.path = placing.below(above, number)
        self.depth = placing.depth(self.path)

    def _join_thread(self, article: "Article", above: str) -> bool:
        """Count the post in those it stands below. Answers whether it is folded."""
        ancestors = placing.numbers(placing.below(above, 0))[:-1]
        line = article.posts.filter(number__in=ancestors)
        size = line.values_list("descendants", flat=True).get(number=self.root)
        line.update(descendants=F("descendants") + 1)
        return size + 1 >= placing.FOLD_AFTER

    def _count_in(self, article: Article) -> None:
        article.post_count += 1
        article.last_post_at = max(
            filter(None, [article.last_post_at, self.published_at])
        )
        self._save_counts(article)

    def _disappear(self, article: Article) -> None:
        self._bump()  # also when it is hidden: its place says what became of it
        if not self.is_published:
            return
        others = article.posts.filter(state=self.State.PUBLISHED).exclude(pk=self.pk)
        latest = others.order_by("-number").values_list("published_at", flat=True)
        article.post_count -= 1
        article.last_post_at = latest.first()
        self._save_counts(article)
        full_text.remove("post", self.pk)

    # Every new post does this while others wait; `save` takes six times as long.
    SAVE_COUNTS = """
        UPDATE articles_article
        SET last_post_number = %s, post_count = %s, last_post_at = %s WHERE id = %s
    """

    def _save_counts(self, article: Article) -> None:
        last = connection.ops.adapt_datetimefield_value(article.last_post_at)
        counts = [article.last_post_number, article.post_count, last, article.pk]
        with connection.cursor() as cursor:
            cursor.execute(self.SAVE_COUNTS, counts)

    def _bump(self) -> None:
        """The article around the discussion shows only posts that quote it."""
        article = self.article
        quotes = Anchor.objects.filter(post=self).exists()
        caching.bump(article.page_tag if quotes else article.posts_tag, "discussion")

    def _make_findable(self) -> None:
        full_text.store(self.as_search_entry())

    def as_search_entry(self) -> full_text.Entry:
        return self._entry([update.html for update in self.updates.all()])

    def _entry(self, updates: list[str]) -> full_text.Entry:
        body = "\n".join(map(plain_text, [self.html, *updates]))
        return full_text.Entry("post", self.pk, title="", body=body)

    def _tombstone(self, role: PostRow.Role, reason: str) -> None:
        self.state = self.State.REMOVED
        self.removed_at = timezone.now()
        self.removed_by, self.removed_for = role, reason
        self.waits_since, self.is_urgent = None, False
        self.save()

    def _erase(self) -> None:
        self.source = self.html = ""
        self.versions.all().delete()
        self.updates.all().delete()
        self.reports.update(note="")
        Notice.objects.filter(post=self).delete()
        # The quotation is the article's text, but that it moved somebody is theirs.
        Anchor.objects.filter(post=self).delete()
        PostCredential.objects.filter(post=self).delete()
        Dispute.objects.filter(post=self, state__in=Dispute.OPEN_STATES).delete()


class ErasedText(Exception):
    """There is nothing left to bring back."""
