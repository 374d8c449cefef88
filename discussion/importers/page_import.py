"""Writing a page of the old site: its article first, then the posts under their numbers."""

from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from articles.models import Article, Related, Revision, Topic
from mfr_site.markdown import excerpt

from .page import OldPage
from .posts import OldPost, bring_in

# The page does not say who wrote what, so neither do we: one author, in name alone.
AUTHOR = "Anonymous"
DESCRIPTION_LENGTH = 155


class Conflict(Exception):
    """What is on the site cannot be reconciled with the page. Says why."""


@transaction.atomic
def import_page(page: OldPage, topic: Topic | None, *, commit: bool) -> list[str]:
    """Bring in what is not here yet, and report on every part.

    A page is known again by its title, a post by its number. Nothing that is here is
    ever changed. Without `commit` all is undone. Raises Conflict, with nothing written.
    """
    ref = _ref(page.title)
    article = Article.objects.filter(import_ref=ref).first()
    if article:
        if article.revisions.get(number=1).body != page.body:
            raise Conflict(
                "A page with this title was imported before, and its text was another."
            )
        report = [f"Article: is here already, at {article.get_absolute_url()}"]
    else:
        article, report = _new_article(page, topic, ref)
    report += _new_posts(page, article)
    if not commit:
        transaction.set_rollback(True)
    return report


def _ref(title: str) -> str:
    known_by = " ".join(title.casefold().split())
    return f"page/{sha256(known_by.encode()).hexdigest()[:16]}"


def _new_article(
    page: OldPage, topic: Topic | None, ref: str
) -> tuple[Article, list[str]]:
    revision = Article.objects.begin(
        Article.objects.free_slug(slugify(page.title)),
        None,
        topics=[topic] if topic else [],
        import_ref=ref,
        title=page.title,
        standfirst="",
        description=excerpt(page.paragraphs[0], DESCRIPTION_LENGTH),
        body=page.body,
    )
    revision.approve_as_of(timezone.now())
    article = revision.article
    found, report = [], []
    for title in page.related:
        other = _titled(title)
        if other and other != article:
            found.append(other)
            report.append(f"Related: “{title}”, at {other.get_absolute_url()}")
        else:
            report.append(f"Related: “{title}”, left out: no article has this title")
    if found:
        Related.objects.pick(article, list(dict.fromkeys(found)))
    paragraphs = len(page.paragraphs)
    return article, [
        f"Article: new, “{page.title}”, {paragraphs} paragraphs,"
        f" at {article.get_absolute_url()}",
        *report,
    ]


def _titled(title: str) -> Article | None:
    live = Revision.objects.live().filter(title__iexact=title).select_related("article")
    revision = live.first()
    return revision.article if revision else None


def _new_posts(page: OldPage, article: Article) -> list[str]:
    """In the order of their numbers, so that each can name those before it."""
    here = dict(article.posts.values_list("number", "import_ref"))
    now, report = timezone.now(), []
    author, _ = article.authors.get_or_create(label=AUTHOR, user=None)
    for place, number in enumerate(sorted(page.posts)):
        ref, text = f"{article.import_ref}#{number}", page.posts[number]
        if not text:
            report.append(f"Post {number}: left out, it has no text")
        elif number not in here:
            at = now - timedelta(seconds=len(page.posts) - place)
            bring_in(article, OldPost(ref, number, text, at), author)
            report.append(f"Post {number}: new")
        elif here[number] == ref:
            report.append(f"Post {number}: is here already")
        else:
            raise Conflict(f"Post {number} is another post here.")
    return report
