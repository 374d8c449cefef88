"""A site from the folder that `site_export` wrote."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management import call_command
from django.db import DatabaseError, transaction

from articles.importers import site as articles
from articles.models import Article
from discussion.importers import site as discussion
from discussion.models import CredentialType

from .export_folder import Folder, FolderError, digest
from .import_report import ImportReport, Outcome
from .models import LoadedContent
from .site_export import article_parts

# What a file that somebody has written by hand may not have.
WRONG = (
    *(AttributeError, KeyError, LookupError, TypeError, ValueError, AssertionError),
    *(DatabaseError, ObjectDoesNotExist, ValidationError),
)


def import_site(folder: Folder, report: ImportReport, *, commit: bool) -> None:
    """Bring in what is not here yet. Nothing that is here is ever changed.

    With `commit` each article is a transaction, so that what was stopped goes on there.
    Without it all is undone at the end. Raises FolderError.
    """
    if commit:
        _import(folder, report, commit=True)
        return
    with transaction.atomic():
        _import(folder, report, commit=False)
        transaction.set_rollback(True)


def _import(folder: Folder, report: ImportReport, *, commit: bool) -> None:
    library = articles.Library(folder, report, commit=commit)
    with _one("the library"):
        library.bring_in()
        for position, row in enumerate(folder.yaml("registers.yaml")):
            now = discussion.register_here(row["name"])
            if library.is_new("register", row["name"], now, row):
                articles.save(CredentialType(position=position, **row))
    for name in folder.names("articles/", "/article.yaml"):
        slug = name.split("/")[1]
        if _is_new(folder, report, slug):
            with _one(f"articles/{slug}"):
                article, said = articles.write_article(folder, slug)
                last = said.get("last_post_number", 0)
                discussion.write_posts(folder, article, last)
    with _one("related.yaml"):
        articles.pick_related(folder.yaml("related.yaml"), library.is_new)
        for ref, loaded in folder.yaml("starter_content.yaml").items():
            LoadedContent.objects.get_or_create(ref=ref, defaults={"digest": loaded})
    if commit:
        call_command("rebuild_search", stdout=StringIO())
        articles.find_related()


def _is_new(folder: Folder, report: ImportReport, slug: str) -> bool:
    article = Article.objects.filter(slug=slug).first()
    if article is None and not Article.objects.is_taken(slug):
        report.tell("article", slug, Outcome.NEW)
        return True
    here = article and {name: digest(chunks) for name, chunks in article_parts(article)}
    there = {name: folder.files[name] for name in folder.names(f"articles/{slug}/")}
    if here == there:
        report.tell("article", slug, Outcome.HERE)
    else:
        why = "here it is different, and stays as it is"
        report.tell("article", slug, Outcome.NOT_UNDERSTOOD, why)
    return False


@contextmanager
def _one(what: str) -> Iterator[None]:
    """One transaction, and one clear sentence for whatever is wrong in the files."""
    try:
        with transaction.atomic():
            yield
    except FolderError:
        raise
    except WRONG as error:
        kind = type(error).__name__
        raise FolderError(f"{what} cannot be read: {kind}: {error}") from error
