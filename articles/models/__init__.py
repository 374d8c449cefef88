from .answer import Answer
from .article import Article, OldSlug
from .article_queryset import ArticlePage, ArticleQuerySet
from .library import Image, Source, render_body
from .note import Note
from .preview_link import PreviewLink
from .record import Correction, Record, Review, Told, record_of
from .related import Related
from .revision import Passage, Revision
from .revision_queryset import RevisionQuerySet
from .revision_text import FrozenTextError, RevisionText
from .standing_page import StandingPage
from .topic import Topic

__all__ = [
    "Answer",
    "Article",
    "ArticlePage",
    "ArticleQuerySet",
    "Correction",
    "FrozenTextError",
    "Image",
    "Note",
    "OldSlug",
    "Passage",
    "PreviewLink",
    "Record",
    "Related",
    "Review",
    "Revision",
    "RevisionQuerySet",
    "RevisionText",
    "Source",
    "StandingPage",
    "Told",
    "Topic",
    "record_of",
    "render_body",
]
