from .anchors import Anchor
from .authors import Author, PostKey
from .credentials import Credential, CredentialType, PostCredential
from .disputes import Dispute, Outcome
from .followings import Following
from .mailboxes import Mailbox, Pace
from .moderation import Decision, LearnedWord, Report
from .notices import Notice
from .post_queryset import PostQuerySet
from .post_texts import PostUpdate, PostVersion
from .posts import MAX_LENGTH, ErasedText, Post

__all__ = [
    "MAX_LENGTH",
    "Anchor",
    "Author",
    "Credential",
    "CredentialType",
    "Decision",
    "Dispute",
    "ErasedText",
    "Following",
    "LearnedWord",
    "Mailbox",
    "Notice",
    "Outcome",
    "Pace",
    "Post",
    "PostCredential",
    "PostKey",
    "PostQuerySet",
    "PostUpdate",
    "PostVersion",
    "Report",
]
