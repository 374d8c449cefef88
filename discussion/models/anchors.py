"""Where in an article a post points."""

from django.db import models


class Anchor(models.Model):
    """The passage a post speaks of: revision, block, exact text and surroundings.

    `state` is what holds against `checked`, the revision it was last compared with. It
    is never guessed: either the exact words stand there, or it is changed or removed.
    """

    class State(models.TextChoices):
        CURRENT = "current", "the same words in the same place"
        MOVED = "moved", "the same words in another place"
        CHANGED = "changed", "the passage has been changed since"
        REMOVED = "removed", "the passage has been removed since"

    post = models.OneToOneField(
        "discussion.Post", on_delete=models.CASCADE, related_name="anchor"
    )
    revision = models.ForeignKey(
        "articles.Revision", on_delete=models.PROTECT, related_name="+"
    )
    passage = models.CharField(max_length=8)
    exact = models.TextField()
    prefix = models.CharField(max_length=64, blank=True)
    suffix = models.CharField(max_length=64, blank=True)

    state = models.CharField(max_length=8, choices=State.choices, default=State.CURRENT)
    checked = models.ForeignKey(
        "articles.Revision", on_delete=models.PROTECT, related_name="+"
    )
    # Where the words stand in `checked`: another block's key when they moved.
    current_passage = models.CharField(max_length=8, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["checked", "current_passage"], name="anchor_now")
        ]

    def __str__(self) -> str:
        return self.exact[:60]

    @property
    def is_former(self) -> bool:
        """Whether the words no longer stand in the article."""
        return self.state in {self.State.CHANGED, self.State.REMOVED}
