"""Whether a text answered its readers' questions, and what they missed."""

from typing import Any, Self

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from .revision import Revision

MAX_NOTE = 500


class AnswerQuerySet(models.QuerySet["Answer"]):
    def by_revision(self) -> models.QuerySet["Answer", Any]:
        """How often each text was found to answer, the newest text first."""
        return (
            self.order_by("-revision__number")
            .values("revision__number")
            .annotate(
                yes=Count("pk", filter=Q(helped="yes")),
                partly=Count("pk", filter=Q(helped="partly")),
                no=Count("pk", filter=Q(helped="no")),
            )
        )

    def with_words(self) -> Self:
        return self.exclude(note="").select_related("revision")

    def named(self, token: str) -> "Answer | None":
        try:
            return self.filter(pk=int(signer().unsign(token))).first()
        except (BadSignature, ValueError):
            return None


def signer() -> Signer:
    return Signer(salt="articles.answer")


class Answer(models.Model):
    """One reader's word on one text. Nothing says whose: not even the hour is kept."""

    class Helped(models.TextChoices):
        YES = "yes", "Yes"
        PARTLY = "partly", "Partly"
        NO = "no", "No"

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="answers"
    )
    helped = models.CharField(max_length=6, choices=Helped.choices)
    note = models.TextField(max_length=MAX_NOTE, blank=True)
    on = models.DateField(default=timezone.localdate)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_helped_display()} ({self.revision})"

    @property
    def token(self) -> str:
        """Lets whoever gave it add a few words to it."""
        return signer().sign(str(self.pk))

    def add_words(self, note: str) -> None:
        self.note = note
        self.save(update_fields=["note"])
