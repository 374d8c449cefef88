"""Which limits a post counts against: those of an account, or those of a network."""

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.utils import timezone

from mfr_site.limits import Refusal, allow

if TYPE_CHECKING:
    from .submission import Submission

# An account of its first day has the limits of somebody without one (TRUST §1.1).
NEWCOMER = timedelta(days=1)


def may_post(submission: "Submission") -> Refusal | None:
    """Count what is being sent, or answer when it can be sent.

    The same form sent again counts once, so asking never refuses a double click. Call it
    before the transaction: the counts may be on another host.
    """
    speaker = submission.speaker
    what = sha256(submission.content.encode()).hexdigest()
    if speaker.user and speaker.user.date_joined < timezone.now() - NEWCOMER:
        return allow("member post", speaker.names, what)
    # A key is no limit: whoever wants another one has it.
    who = speaker.net.names if speaker.net and not speaker.user else speaker.names
    if submission.parent is None:
        refusal = allow("anonymous thread", who, what)
        if refusal:
            return refusal
    return allow("anonymous post", who, what)
