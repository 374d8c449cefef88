"""Which limits a post counts against: those of an account, or those of a network."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from math import ceil
from typing import TYPE_CHECKING

from django.utils import timezone

from mfr_site.limits import Refusal, allow, take_back

if TYPE_CHECKING:
    from .submission import Submission

# An account of its first day has the limits of somebody without one (TRUST §1.1).
NEWCOMER = timedelta(days=1)
# What is refused, until when, and what is possible all the same.
GUEST_S_POST = (
    "Without an account, only a few posts can be sent from one network at a time. "
    "You can send this one in {wait}, or now with an account."
)
GUEST_S_THREAD = (
    "Without an account, only a few posts a day from one network can begin a new thread. "
    "You can send this one in {wait}, or now with an account. You can still reply to "
    "other posts."
)
NEWCOMER_S_THREAD = (
    "On its first day, an account can begin only a few new threads. You can send this "
    "one in {wait}. You can still reply to other posts."
)


def may_post(submission: "Submission") -> Refusal | None:
    """Count what is being sent, or answer when it can be sent.

    The same form sent again counts once, so asking never refuses a double click. Call it
    before the transaction: the counts may be on another host.
    """
    speaker = submission.speaker
    if speaker.user is None:
        # A key is no limit: whoever wants another one has it.
        who = speaker.net.names if speaker.net else speaker.names
        return _as_stranger(submission, who, GUEST_S_THREAD, GUEST_S_POST)
    first_day = speaker.user.date_joined + NEWCOMER - timezone.now()
    if first_day <= timedelta():
        return allow("member post", speaker.names, _digest(submission))
    refusal = _as_stranger(submission, speaker.names, NEWCOMER_S_THREAD)
    if refusal:
        sooner = min(refusal.retry_after, ceil(first_day.total_seconds()))
        refusal = replace(refusal, retry_after=sooner)
    return refusal


def _as_stranger(
    submission: "Submission", who: Sequence[str], thread: str, post: str = Refusal.said
) -> Refusal | None:
    """The same; refused with the sentence for a thread, or else that for any post."""
    what = _digest(submission)
    is_thread = submission.parent is None
    if is_thread and (refusal := allow("anonymous thread", who, what)):
        return replace(refusal, said=thread)
    refusal = allow("anonymous post", who, what)
    if refusal and is_thread:
        # It has not begun: what was not sent uses up nothing.
        take_back("anonymous thread", who, what)
    return refusal and replace(refusal, said=post)


def _digest(submission: "Submission") -> str:
    return sha256(submission.content.encode()).hexdigest()
