"""A mail to the moderators when somebody may be in danger, or a post waits too long."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from mfr_site import limits, mail
from mfr_site.models import SiteRules

from .models import Post


def tell_moderators() -> int:
    """Write to each editor what waits, rarely enough to be read. Answers how many mails."""
    hours = SiteRules.current().waits_too_long_hours
    waiting = Post.objects.waiting()
    late = waiting.filter(waits_since__lt=timezone.now() - timedelta(hours=hours))
    urgent = waiting.filter(is_urgent=True).count()
    if not urgent and not late.exists():
        return 0
    act = "urgent mail to a moderator" if urgent else "mail to a moderator"
    context = {"urgent": urgent, "waiting": waiting.count(), "hours": hours}
    told = 0
    for editor in User.objects.editors().exclude(email=""):
        if limits.allow(act, [f"user:{editor.pk}"]) is None:
            mail.send("posts_wait", editor.email, context)
            told += 1
    return told
