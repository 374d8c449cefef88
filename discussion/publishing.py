"""Publishing a text closes the loop: what becomes of the disputes that it touches.

Nothing of it is decided by a program. The editor is shown every dispute that waits, with
what its passage says now and would say, and says of each what the new text means to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.safestring import SafeString

from articles.differences import words
from articles.models import Correction, Revision
from mfr_site.tasks import retrying

from .models import Dispute, Outcome
from .quotes import locate, reanchor

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Waiting:
    """A dispute that waits while a text is published.

    `now` and `then` are its passage as readers see it and as they would; either may be
    empty, where the passage is gone.
    """

    dispute: Dispute
    now: str
    then: str
    is_touched: bool

    @property
    def difference(self) -> SafeString:
        return words(self.now, self.then)


def waiting_on(revision: Revision) -> list[Waiting]:
    """Every undecided dispute of the article, those that this text touches first."""
    live = revision.article.live
    disputes = Dispute.objects.undecided().filter(post__article=revision.article_id)
    now = {block.key: block.text for block in live.blocks} if live else {}
    then = {block.key: block.text for block in revision.blocks}
    found = []
    for dispute in disputes.for_editors().filter(post__anchor__isnull=False):
        anchor = dispute.post.anchor
        state, _ = locate(anchor, list(revision.blocks))
        was, _ = locate(anchor, list(live.blocks)) if live else (anchor.state, "")
        home = anchor.current_passage or anchor.passage
        before, after = now.get(home, ""), then.get(home, "")
        found.append(Waiting(dispute, before, after, state != was or before != after))
    return sorted(found, key=lambda waiting: not waiting.is_touched)


@transaction.atomic
def publish(
    revision: Revision,
    by: "User",
    *,
    go_live_at: datetime | None = None,
    correction: str = "",
    outcomes: Mapping[Dispute, str] | None = None,
) -> None:
    """Approve a text, and settle with it what it settles.

    `outcomes` says of disputes what the text means to them (`Outcome.What`);
    `correction`, in words for readers, is public from when the text is live. Raises
    ValidationError when readers could see the text already.
    """
    before = revision.article.live
    revision.approve(by, go_live_at)
    said: dict[str, Correction] = {}
    outcomes = outcomes or {}
    if before and correction:
        said[Outcome.What.CORRECTED] = revision.correct(before, correction, by)
    if before and Outcome.What.REWORDED in outcomes.values():
        said[Outcome.What.REWORDED] = revision.clarify(before, by)
    for dispute, what in outcomes.items():
        Outcome.objects.update_or_create(
            dispute=dispute, revision=revision, defaults={"what": what, "by": by}
        )
        if what in said:
            dispute.settle_by(said[what])
    if revision.is_scheduled:
        follow_up.using(run_after=revision.go_live_at).enqueue(revision.pk)
    else:
        _follow_up(revision)


@retrying
def follow_up(pk: int) -> None:
    """What is left to do when a text is live, or nothing if it was called back."""
    revision = Revision.objects.filter(pk=pk).first()
    if revision and revision.was_public:
        _follow_up(revision)


def _follow_up(revision: Revision) -> None:
    """Safe to do twice."""
    article = revision.article
    article.count_reviews_of(revision)
    if revision == article.live:
        reanchor(article, revision)
    for correction in revision.corrections.all():
        for dispute in correction.disputes.for_editors():
            dispute.tell()
