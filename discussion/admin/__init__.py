"""The discussion as editors see it."""

from .credentials import CredentialAdmin, CredentialTypeAdmin
from .disputes import DisputeAdmin
from .queue import PostAdmin
from .rules import SiteRulesAdmin

__all__ = [
    "CredentialAdmin",
    "CredentialTypeAdmin",
    "DisputeAdmin",
    "PostAdmin",
    "SiteRulesAdmin",
]
