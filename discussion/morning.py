"""What waits for an editor: how much of it and where, never what it says."""

from dataclasses import dataclass

from django.urls import reverse

from articles.models import Revision
from mfr_site import tasks

from .models import Credential, Dispute, Post


@dataclass(frozen=True)
class Waits:
    count: int
    one: str
    many: str
    list: str

    @property
    def what(self) -> str:
        return self.one if self.count == 1 else self.many

    @property
    def path(self) -> str:
        return reverse(f"admin:{self.list}_changelist")


def what_waits() -> list[Waits]:
    """Each kind of thing that waits, the most pressing first."""
    kinds = [
        Waits(Post.objects.waiting().count(), "post", "posts", "discussion_post"),
        Waits(
            Dispute.objects.undecided().count(),
            *("dispute", "disputes", "discussion_dispute"),
        ),
        Waits(
            Revision.objects.waiting_for_review().count(),
            *("text to review", "texts to review", "articles_article"),
        ),
        Waits(
            Credential.objects.waiting().count(),
            *("profession to look up", "professions to look up"),
            "discussion_credential",
        ),
        Waits(
            tasks.parked().count(),
            *("piece of work that failed", "pieces of work that failed"),
            "django_tasks_database_dbtaskresult",
        ),
    ]
    return [kind for kind in kinds if kind.count]
