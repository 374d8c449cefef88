"""What to look at before a text is published. None of it is decided by a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.urls import Resolver404, resolve
from lxml import html

from mfr_site.markdown import excerpt

from .models import Article, OldSlug, Revision, Source, Topic, render_body
from .reading_age import long_sentences, reading_age
from .wording import claims

# The site promises words for a reader of about 11; the formula is rough, so some room.
MAX_READING_AGE = 13
SHOWN_SENTENCES = 3
# What the article page has besides the text.
PAGE_IDS = {"main", "discussion", "composer", "also", "toc-h"}


@dataclass(frozen=True)
class Finding:
    """One thing to look at; `is_fault` when a reader would meet something broken."""

    sentence: str
    is_fault: bool = False


def check(revision: Revision) -> list[Finding]:
    """What a careful reader would say about a text, faults first. Saved or not."""
    rendered = render_body(revision.body)
    tree = html.fromstring(f"<div>{rendered.html}</div>")
    passages = [block.text for block in revision.blocks]
    return [
        *(Finding(problem, is_fault=True) for problem in rendered.problems),
        *_pictures(tree),
        *_dead_links(tree, revision.article),
        *_sources(rendered.cited),
        *_missing(revision),
        *_reading(passages),
        *(
            Finding(f"“{c.words}” in “{excerpt(c.sentence, 120)}”: {c.advice}")
            for c in claims(passages)
        ),
    ]


def _pictures(tree: html.HtmlElement) -> Iterator[Finding]:
    for picture in tree.iter("img"):
        if not (picture.get("alt") or "").strip():
            yield Finding(f"A picture has no text: {picture.get('src')}", is_fault=True)


def _dead_links(tree: html.HtmlElement, article: Article) -> Iterator[Finding]:
    ids = {element.get("id") for element in tree.iter() if element.get("id")} | PAGE_IDS
    for href in dict.fromkeys(link.get("href") or "" for link in tree.iter("a")):
        if href.startswith("#"):
            is_dead = href[1:] not in ids
        else:
            address = urlsplit(href.removeprefix(settings.SITE_URL))
            is_dead = not (address.netloc or address.scheme) and not _leads_somewhere(
                address.path, article
            )
        if is_dead:
            yield Finding(f"A link leads nowhere: {href}", is_fault=True)


def _leads_somewhere(path: str, article: Article) -> bool:
    """Whether readers find a page of this site there, now."""
    try:
        match = resolve(path)
    except Resolver404:
        return False
    slug = match.kwargs.get("slug")
    if match.view_name == "page":
        return FlatPage.objects.filter(url=path).exists()
    if match.view_name == "articles:topic":
        return Topic.objects.filter(slug=slug).exists()
    if slug is None or slug == article.slug:
        return True
    return (
        Article.objects.published().filter(slug=slug).exists()
        or OldSlug.objects.filter(slug=slug).exists()
    )


def _sources(cited: list[str]) -> Iterator[Finding]:
    if not cited:
        yield Finding("The text cites no source.")
    for source in Source.objects.filter(key__in=cited, dead_since__isnull=False):
        yield Finding(f"The address of the source “{source.key}” no longer answers.")


def _missing(revision: Revision) -> Iterator[Finding]:
    if not revision.description:
        yield Finding(
            "There is no description: search engines will show the standfirst."
        )
    if revision.article.pk and not revision.article.topics.exists():
        yield Finding("The article is in no topic.")


def _reading(passages: list[str]) -> Iterator[Finding]:
    age = reading_age(passages)
    if age and age > MAX_READING_AGE:
        yield Finding(f"Reading age about {age}: we aim for 11. Shorten the sentences.")
    for sentence in long_sentences(passages)[:SHOWN_SENTENCES]:
        yield Finding(f"A long sentence: “{excerpt(sentence, 160)}”")
