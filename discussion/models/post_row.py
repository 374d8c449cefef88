"""The row of a post: its number, its place in the tree, its text, its state."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from mfr_site.markdown import excerpt, plain_text

from .authors import Author
from .light_row import LightRow
from .post_queryset import PostQuerySet

# As other good discussions have it (PEERS §3): a slip is mended without a trace, a change
# of mind leaves one, and what others have lived with for a day stays as it was.
SILENT_EDIT = timedelta(minutes=15)
EDIT_WINDOW = timedelta(hours=24)
EXCERPT_LENGTH = 200


class PostRow(LightRow):
    """What is stored of a post, and what can be asked of it without changing it."""

    class State(models.TextChoices):
        HELD = "held", "Held for a moderator"
        PUBLISHED = "published", "Published"
        HIDDEN = "hidden", "Hidden until a moderator has looked"
        REMOVED = "removed", "Removed"
        REFUSED = "refused", "Refused before it was published"

    class Role(models.TextChoices):
        AUTHOR = "author", "its author"
        MODERATOR = "moderator", "a moderator"

    class Reason(models.TextChoices):
        OWN_WISH = "own-wish", "its author's wish"
        SPAM = "spam", "spam or advertising"
        ABUSE = "abuse", "abuse"
        PERSONAL_DATA = "personal-data", "personal data"
        DANGEROUS = "dangerous", "dangerous advice"
        MACHINE = "machine", "written by a machine"
        LEGAL = "legal", "a legal notice"
        OTHER = "other", "the community rules"

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="posts"
    )
    # None after the author deleted the post, or their account with its texts.
    author = models.ForeignKey(
        "discussion.Author",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="posts",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)

    # Given at first publication, under the article's lock; immutable from then on.
    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    parent = models.ForeignKey(
        "discussion.Post",
        null=True,
        blank=True,
        # A post goes only with its replies: with the whole discussion.
        on_delete=models.RESTRICT,
        related_name="replies",
        db_index=False,  # `post_answers` begins with it
    )
    parent_number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # The number of the thread's first post; its own for a first post.
    root = models.PositiveIntegerField(null=True, blank=True, editable=False)
    depth = models.PositiveIntegerField(default=0, editable=False)
    # See placing.py. Beware: on PostgreSQL its collation is "C" (migration 0003), which a
    # later change of this field must keep.
    path = models.CharField(max_length=500, null=True, blank=True, editable=False)
    # True for the later posts of a long thread: they show on the thread's own page.
    folded = models.BooleanField(default=True, editable=False)
    # How many numbered posts lie below this one, at any depth.
    descendants = models.PositiveIntegerField(default=0, editable=False)

    source = models.TextField(blank=True)
    html = models.TextField(blank=True, editable=False)
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)

    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    # Shown as "edited" when set; an edit within the first minutes does not set it.
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=10, choices=Role.choices, blank=True)
    removed_for = models.CharField(max_length=14, choices=Reason.choices, blank=True)

    # Since when a moderator should look at it; None when nobody need (see `decide`).
    waits_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Its writer, or somebody else, may be in danger: it comes first in the queue. Shown
    # to moderators alone (TRUST §4.6).
    is_urgent = models.BooleanField(default=False, editable=False)

    by_editor = models.BooleanField(
        default=False, help_text="Speaks for the editors; shown with that role."
    )
    # A digest of the form and its sender: a form sent twice is one post.
    submission = models.CharField(max_length=64, unique=True, null=True, editable=False)
    import_ref = models.CharField(
        max_length=200, unique=True, null=True, blank=True, editable=False
    )
    is_sample = models.BooleanField(default=False, editable=False)

    # Told by `for_reading`: whether its author added to it later.
    has_updates: bool
    objects = PostQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"], name="post_number_once"
            ),
            models.CheckConstraint(
                name="post_placed_when_numbered",
                condition=Q(number=None, root=None, path=None)
                | Q(number__isnull=False, root__isnull=False, path__isnull=False),
            ),
            models.CheckConstraint(
                name="post_shown_has_number",
                condition=Q(number__isnull=False)
                | ~Q(state__in=["published", "hidden"]),
            ),
        ]
        indexes = [
            # Each serves one reading order with no sort (STACK §8, threads.py).
            models.Index(
                fields=["article", "-root", "path"],
                name="post_newest",
                condition=Q(folded=False),
            ),
            models.Index(
                fields=["article", "root", "path"],
                name="post_oldest",
                condition=Q(folded=False),
            ),
            models.Index(fields=["article", "path"], name="post_branch"),
            models.Index(fields=["parent", "number"], name="post_answers"),
            models.Index(
                fields=["-published_at", "-id"],
                name="post_latest",
                condition=Q(state="published"),
            ),
            models.Index(
                fields=["-is_urgent", "waits_since"],
                name="post_queue",
                condition=Q(waits_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.number:
            return f"Post {self.number}"
        return f"Post not yet numbered ({self.pk})"

    def get_absolute_url(self) -> str:
        return reverse("discussion:post", args=[self.article.slug, self.number])

    # --- Questions

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    @property
    def is_tombstone(self) -> bool:
        return self.state in {self.State.REMOVED, self.State.HIDDEN}

    @property
    def is_erased(self) -> bool:
        """Taken back by its author: nothing of it is left, for anybody."""
        return self.removed_by == self.Role.AUTHOR

    @property
    def excerpt(self) -> str:
        """The first words, for lists, feeds and titles."""
        return excerpt(plain_text(self.html), EXCERPT_LENGTH)

    @property
    def obituary(self) -> str:
        """What stands in the place of a post that is not shown."""
        if self.state == self.State.HIDDEN:
            return f"{self} is hidden until a moderator has looked at it."
        if not self.removed_by:
            return f"{self} was removed before this discussion came here."
        gone = f"{self} was removed by {self.get_removed_by_display()}"
        if self.removed_at:
            gone += f" on {date_format(timezone.localtime(self.removed_at), 'j F Y')}"
        return gone + (
            "." if self.is_erased else f": {self.get_removed_for_display()}."
        )

    @property
    def can_be_answered(self) -> bool:
        return self.is_published and self.article.takes_posts

    def can_be_edited_by(self, author: Author | None) -> bool:
        """Within a day, while it stands or waits. `author`: `Speaker.author_of(post)`."""
        return self._is_live_text_of(author) and self._age() < EDIT_WINDOW

    def can_be_updated_by(self, author: Author | None) -> bool:
        """When it can no longer be edited, its author can add to it."""
        return (
            self.is_published
            and self._is_live_text_of(author)
            and not self.can_be_edited_by(author)
        )

    def can_be_deleted_by(self, author: Author | None) -> bool:
        """At any time, also what a moderator holds, hid or removed."""
        return author is not None and author.pk == self.author_id and not self.is_erased

    def _is_live_text_of(self, author: Author | None) -> bool:
        """Whether a post stands or waits, and is this author's."""
        alive = self.state in {self.State.PUBLISHED, self.State.HELD}
        return alive and author is not None and author.pk == self.author_id

    def _age(self) -> timedelta:
        return timezone.now() - (self.published_at or self.created_at)

    @property
    def changes_silently(self) -> bool:
        """Whether an edit leaves no trace: nobody can have taken note of the text yet."""
        unseen = self.state == self.State.HELD
        return unseen or (self._age() < SILENT_EDIT and not self.descendants)
