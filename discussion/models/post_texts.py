"""What belongs to a post besides its text: what it was before, and what was added."""

from django.db import models
from django.utils import timezone

from discussion import mentions
from mfr_site.markdown import clean_text

from .post_row import PostRow


class PostVersion(models.Model):
    """A text that an edit replaced. Public when it stood long enough to be answered."""

    post = models.ForeignKey(
        "discussion.Post", on_delete=models.CASCADE, related_name="versions"
    )
    source = models.TextField()
    html = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)
    is_public = models.BooleanField(default=True)
    # Who changed it, in role: the author, or a moderator taking personal data out.
    replaced_by = models.CharField(
        max_length=10, choices=PostRow.Role.choices, default=PostRow.Role.AUTHOR
    )

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.post}, before {self.replaced_at:%Y-%m-%d %H:%M}"


class PostUpdate(models.Model):
    """What an author added below a post that can no longer be edited."""

    post = models.ForeignKey(
        "discussion.Post", on_delete=models.CASCADE, related_name="updates"
    )
    source = models.TextField()
    html = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"Update to {self.post}"

    def rewrite(self, body: str) -> None:
        """Replace the text for good, or take the update away when none is left."""
        self.source = clean_text(body).strip()
        if not self.source:
            self.delete()
            return
        self.html = mentions.render(self.post.article, self.source, self.post.parent)
        self.save(update_fields=["source", "html"])
