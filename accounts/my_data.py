"""What an account holds about its member: all of it, and nothing of anybody else's."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from .models import User


def about(member: User) -> dict[str, Any]:
    """The account in words. Passwords, keys and codes are not for taking away."""
    sessions = UserSession.objects.filter(user=member).order_by("created_at")
    steps = Authenticator.objects.filter(user=member).order_by("created_at")
    return {
        "user name": member.username,
        "display name": member.display_name,
        "about you": member.bio,
        "e-mail address": member.email,
        "made": member.date_joined,
        "last log-in": member.last_login,
        "editor": member.is_staff,
        "posts appear without a first check since": member.trusted_at,
        "posts wait for an editor since": member.silenced_at,
        "leaves the site": member.deletion_due_at,
        "logged in": [session.created_at for session in sessions],
        "two-step log-in": [
            {
                "kind": step.get_type_display(),
                "added": step.created_at,
                "last used": step.last_used_at,
            }
            for step in steps
        ],
    }
