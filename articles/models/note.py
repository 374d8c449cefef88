from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from .revision import Revision

if TYPE_CHECKING:
    from accounts.models import User


class NoteQuerySet(models.QuerySet["Note"]):
    def open(self) -> Self:
        return self.filter(done_at=None).order_by("created_at")


class Note(models.Model):
    """What one editor leaves for another about a text. Readers never see it."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="notes"
    )
    # The text it was written about; it stays until somebody says that it is done.
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=1000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Set for what somebody without an account left with a preview link.
    author_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def writer(self) -> str:
        return self.author_name or (str(self.author) if self.author else "Somebody")

    def finish(self, by: "User") -> None:
        """Whoever is second changes nothing."""
        open_note = Note.objects.open().filter(pk=self.pk)
        open_note.update(done_at=timezone.now(), done_by=by)
