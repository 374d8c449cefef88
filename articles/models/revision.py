"""A revision is immutable text. Which one is live is computed, never stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Unpack

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from articles.passages import Block, Named, cut
from mfr_site import full_text
from mfr_site.caching import bump
from mfr_site.markdown import RENDERER_VERSION

from .library import Source, render_body
from .revision_queryset import RevisionQuerySet
from .revision_text import FROZEN_FIELDS, RevisionText, refuse_frozen

if TYPE_CHECKING:
    from accounts.models import User

    from .article import Article
    from .record import Correction

SEARCH_KIND = "revision"
CLEARER = "The words were unclear. They say the same now, more clearly."
RENDERED_FIELDS = (
    "html",
    "text",
    "headings",
    "citations",
    "minutes",
    "renderer_version",
)


def second_person_is_needed() -> bool:
    """As the setting says; without one, as soon as there is a second editor."""
    if settings.NEWSROOM_SECOND_PERSON is not None:
        return bool(settings.NEWSROOM_SECOND_PERSON)
    return get_user_model().objects.editors().count() > 1


class Revision(models.Model):
    """One text of an article. Made by `Article.objects.begin` and `Article.revise`.

    Saved once. What changes afterwards (its review, its rendering) is saved by the
    methods below, which name the fields they change.
    """

    class Significance(models.TextChoices):
        TYPO = "typo", "Typo or wording: the meaning is the same"
        CONTENT = "content", "Content: something is new or different"
        CORRECTION = "correction", "Correction: something was wrong"

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    title = models.CharField(max_length=120)
    standfirst = models.TextField(max_length=300)
    description = models.CharField(
        max_length=160, blank=True, help_text="For search engines and shared links."
    )
    byline = models.CharField(max_length=120, default="The editors")
    body = models.TextField(help_text="Markdown.")

    html = models.TextField(editable=False)
    text = models.TextField(editable=False)
    headings = models.JSONField(default=list, editable=False)
    # The addresses of the cited sources, in the order of the text.
    citations = models.JSONField(default=list, editable=False)
    minutes = models.PositiveSmallIntegerField(default=1, editable=False)
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)
    sources = models.ManyToManyField(
        "articles.Source", related_name="cited_in", blank=True
    )

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="revisions",
    )
    created_at = models.DateTimeField(default=timezone.now)
    summary = models.CharField("what changed", max_length=300, blank=True)
    significance = models.CharField(
        max_length=12, choices=Significance.choices, default=Significance.CONTENT
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    go_live_at = models.DateTimeField(null=True, blank=True)

    # Told by `live_at`.
    topic_slug: str | None
    topic_title: str | None
    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="revision_once"),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(go_live_at__isnull=False),
                name="approved_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["article", "-go_live_at", "-number"],
                name="revision_live",
                condition=Q(approved_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse_frozen(kwargs.get("update_fields") or FROZEN_FIELDS)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("articles:revision", args=[self.article.slug, self.number])

    @property
    def contents(self) -> list[dict[str, str]]:
        """The headings that the contents list of the page names."""
        return [
            {"id": anchor, "text": text}
            for level, anchor, text in self.headings
            if level == 2
        ]

    @property
    def texts(self) -> RevisionText:
        return RevisionText(
            title=self.title,
            standfirst=self.standfirst,
            description=self.description,
            byline=self.byline,
            body=self.body,
        )

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def is_scheduled(self) -> bool:
        return bool(
            self.approved_at and self.go_live_at and self.go_live_at > timezone.now()
        )

    @property
    def was_public(self) -> bool:
        return self.is_approved and not self.is_scheduled

    def can_be_approved_by(self, user: "User") -> bool:
        """Whether a text may go live on this editor's word.

        What is new in it, typing mistakes aside, needs somebody who did not write it
        (NEWSROOM_SECOND_PERSON).
        """
        return user.pk not in self._writers_of_news() or not second_person_is_needed()

    def _writers_of_news(self) -> set[int | None]:
        live = self.article.live
        news = self.article.revisions.filter(number__lte=self.number, approved_at=None)
        if live:
            typos = Q(significance=Revision.Significance.TYPO)
            news = news.filter(number__gt=live.number).exclude(typos)
        return set(news.values_list("author_id", flat=True))

    @classmethod
    def unsaved(
        cls,
        article: "Article",
        based_on: "Revision | None",
        **text: Unpack[RevisionText],
    ) -> "Revision":
        """A text rendered to be looked at, and never saved."""
        revision = cls(article=article, based_on=based_on, **text)
        previous = list(based_on.passages.all()) if based_on else []
        revision.blocks, _ = revision._render(previous)
        return revision

    @cached_property
    def blocks(self) -> "Sequence[Block | Passage]":
        """The passages in order."""
        return list(self.passages.all())

    @transaction.atomic
    def write(self, previous: "Sequence[Named] | None" = None) -> None:
        """Save a new revision: rendered, cut into passages, its sources linked.

        The caller holds the article's lock and has set the number. Passages keep their
        keys from `based_on`; an import gives those that it had elsewhere as `previous`.
        """
        if previous is None:
            previous = list(self.based_on.passages.all()) if self.based_on else []
        blocks, cited = self._render(previous)
        self.save(force_insert=True)
        self._link(blocks, cited)

    @transaction.atomic
    def render_again(self) -> None:
        """Make HTML and passages anew, after a change of renderer, picture or source."""
        blocks, cited = self._render(list(self.passages.all()))
        self.save(update_fields=RENDERED_FIELDS)
        self.passages.all().delete()
        self._link(blocks, cited)
        if self.is_approved:
            self._make_findable()
            bump(*self.article.tags_of_pages())

    def _render(self, previous: "Sequence[Named]") -> tuple[list[Block], list[Source]]:
        rendered = render_body(self.body)
        used = Passage.objects.filter(revision__article=self.article_id)
        self.html, blocks = cut(
            rendered.html, previous, set(used.values_list("key", flat=True))
        )
        cited = Source.objects.in_order_of(rendered.cited)
        self.text = rendered.text
        self.headings = rendered.headings
        self.citations = [source.href for source in cited if source.href]
        self.minutes = rendered.minutes
        self.renderer_version = RENDERER_VERSION
        return blocks, cited

    def _link(self, blocks: list[Block], cited: list[Source]) -> None:
        Passage.objects.bulk_create(
            Passage(
                revision=self,
                key=block.key,
                position=position,
                kind=block.kind,
                text=block.text,
            )
            for position, block in enumerate(blocks)
        )
        self.sources.set(cited)

    def submit_for_review(self, by: "User") -> None:
        """Ask for approval. Raises ValidationError when it is approved already."""
        self._refuse_if_approved()
        self.submitted_at, self.submitted_by = timezone.now(), by
        self.save(update_fields=["submitted_at", "submitted_by"])

    @transaction.atomic
    def approve(self, by: "User | None", go_live_at: datetime | None = None) -> None:
        """Let readers see it now, or from a time to come. No job is needed for that.

        A revision that waits for its time may be approved again for another one. Raises
        ValidationError once readers could see it.
        """
        now = timezone.now()
        if self.go_live_at and self.go_live_at <= now:
            self._refuse_if_approved()
        self._set_live(by, now, max(now, go_live_at or now))

    @transaction.atomic
    def approve_as_of(self, when: datetime) -> None:
        """Let readers see a text that has been public elsewhere since a time.

        For importers: nobody here approved it, and a time to come means now.
        """
        self._refuse_if_approved()
        self.created_at = when = min(when, timezone.now())
        self.save(update_fields=["created_at"])
        self._set_live(None, when, when)

    def _set_live(self, by: "User | None", at: datetime, go_live_at: datetime) -> None:
        self.article = self.article.locked()
        self.approved_by, self.approved_at, self.go_live_at = by, at, go_live_at
        self.save(update_fields=["approved_at", "approved_by", "go_live_at"])
        self._make_findable()
        self.article.note_approval(self, go_live_at)

    @transaction.atomic
    def call_back(self) -> None:
        """Take back an approval whose time has not come. Raises ValidationError later."""
        if self.go_live_at and self.go_live_at <= timezone.now():
            self._refuse_if_approved()
        self.article = self.article.locked()
        self.approved_at = self.approved_by = self.go_live_at = None
        self.save(update_fields=["approved_at", "approved_by", "go_live_at"])
        self.corrections.all().delete()
        full_text.remove(SEARCH_KIND, self.pk)
        self.article.set_first_published()

    def correct(self, before: "Revision", text: str, editor: "User") -> "Correction":
        """Say in public what was wrong in an earlier text, and what this one says.

        It can be read from when this one is live. Whoever had to correct an article
        looks at the rest of it soon.
        """
        self.article.bring_review_forward("A correction was published.")
        return self._say_of(before, editor, text=text)

    def clarify(self, before: "Revision", editor: "User") -> "Correction":
        """Say that an earlier text was true but unclear, and this one says it better."""
        return self._say_of(before, editor, kind="clarification", text=CLEARER)

    def _say_of(self, before: "Revision", editor: "User", **said: str) -> "Correction":
        return self.corrections.create(
            article=self.article,
            before=before,
            editor=editor,
            created_at=self.go_live_at or timezone.now(),
            **said,
        )

    def _refuse_if_approved(self) -> None:
        if self.is_approved:
            raise ValidationError(
                f"Revision {self.number} is approved already.", code="approved"
            )

    def _make_findable(self) -> None:
        """In the place of the texts that this one has replaced."""
        approved = Revision.objects.approved().filter(article=self.article_id)
        findable = set(approved.findable().values_list("pk", flat=True))
        for pk in set(approved.values_list("pk", flat=True)) - findable:
            full_text.remove(SEARCH_KIND, pk)
        if self.pk in findable:
            full_text.store(self.as_search_entry())

    def as_search_entry(self) -> full_text.Entry:
        return full_text.Entry(
            SEARCH_KIND, self.pk, self.title, f"{self.standfirst}\n{self.text}"
        )


class Passage(models.Model):
    """One block of a revision's text: a paragraph, list item, table row or heading.

    `key` names the same block in every revision of the article, so that a link and a
    post can point at it; `passages.py` carries it from revision to revision.
    """

    class Kind(models.TextChoices):
        PARAGRAPH = "p"
        ITEM = "li"
        ROW = "tr"
        HEADING = "h"

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="passages"
    )
    key = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=2, choices=Kind.choices)
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "key"], name="passage_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:50]}"
