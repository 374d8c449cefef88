"""The whole site as a folder of open formats, for leaving with it or for reading."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from articles.exporters import site as articles
from articles.models import Article
from discussion.exporters import site as discussion

from . import export_folder
from .backups.databases import one_moment
from .export_folder import Part, as_yaml
from .models import LoadedContent

HOLDS = (
    "topics, sources, registers, pictures, standing pages",
    "every article, also drafts and withdrawn ones, with every revision and passage",
    "every numbered post, also as a tombstone; quotations, disputes, decisions",
    "corrections, reviews, what editors picked as related",
)
LEFT_OUT = (
    "accounts, e-mail addresses, passwords, post keys, who follows what: posts keep the"
    " name that stood beside them, and belong to nobody after an import",
    "who wrote, approved, answered or decided, where readers did not see it",
    "texts that were removed, are hidden, wait for a moderator or were refused",
    "reports, appeals, moderators' and editors' notes, preview links, answers to"
    " “Was this useful?”, rules and limits",
    "what is made from the rest: HTML, search, page versions",
)


def export_site(folder: Path) -> dict[str, str]:
    """Write the site as of one moment to an empty folder. Answers each file's SHA-256.

    Raises FolderError.
    """
    about = {
        "site": settings.SITE_URL,
        "name": settings.SITE_NAME,
        "holds": HOLDS,
        "left_out": LEFT_OUT,
    }
    with one_moment():
        return export_folder.write(folder, _parts(), about)


def _parts() -> Iterator[Part]:
    yield from articles.library()
    yield discussion.registers()
    for article in Article.objects.order_by("pk"):
        yield from article_parts(article)
    yield articles.related()
    loaded = LoadedContent.objects.order_by("ref").values_list("ref", "digest")
    yield "starter_content.yaml", as_yaml(dict(loaded))


def article_parts(article: Article) -> Iterator[Part]:
    yield from articles.article(article)
    yield discussion.posts(article)
