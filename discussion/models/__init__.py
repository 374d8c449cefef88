from .anchors import Anchor
from .authors import Author, PostKey
from .credentials import Credential, CredentialType, PostCredential
from .disputes import Dispute, Outcome
from .moderation import Decision, LearnedWord, Report
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
    "LearnedWord",
    "Outcome",
    "Post",
    "PostCredential",
    "PostKey",
    "PostQuerySet",
    "PostUpdate",
    "PostVersion",
    "Report",
]
