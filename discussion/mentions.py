"""`Post 3`, `#3` and `@name` in a post become links, where they can mean only one thing."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.names import skeleton
from mfr_site.markdown import render_untrusted

if TYPE_CHECKING:
    from articles.models import Article

    from .models import Author, Post

NUMBER = re.compile(r"(?:#|\bPost )([1-9][0-9]{0,8})")
# One word or two; the renderer decides which of both it asks for.
NAME = re.compile(r"@(\w+(?:[.-]\w+)*)( \w+)?")
# More than a person names in one post; the rest stays text.
MOST = 50


def render(article: "Article", source: str, parent: "Post | None" = None) -> str:
    """The HTML of a post in an article's discussion. Never raises.

    A name is linked to the post that is answered when that is theirs, else to the latest
    they wrote there.
    """
    posts = _posts(article, source)
    people = _people(article, source, parent)
    return render_untrusted(
        source,
        post_url=posts.get,
        name_url=lambda name: people.get(name.casefold()),
    )


def _posts(article: "Article", source: str) -> dict[int, str]:
    named = {int(found) for found in NUMBER.findall(source)[:MOST]}
    if not named:
        return {}
    there = article.posts.in_thread().filter(number__in=named)
    return {n: _url(article, n) for n in there.values_list("number", flat=True) if n}


def _people(article: "Article", source: str, parent: "Post | None") -> dict[str, str]:
    """The address for each name that exactly one author of the discussion goes by."""
    named = set(_names(source))
    if not named:
        return {}
    going_by: dict[str, set[Author]] = defaultdict(set)
    for author in _authors(article, named):
        for name in author.names:
            going_by[name.casefold()].add(author)
    people = {}
    for name in named & going_by.keys():
        if len(going_by[name]) == 1:
            author = going_by[name].pop()
            answered = parent and parent.author_id == author.pk
            number = parent.number if parent and answered else author.last_number()
            if number:
                people[name] = _url(article, number)
    return people


def _authors(article: "Article", named: set[str]) -> Iterator["Author"]:
    """Those in the discussion who may be meant. By index: a text can name fifty."""
    labels = {name.title() for name in named}
    # With those of the same label and a number: "Anonymous Heron 2" is somebody else.
    labels |= {f"{label} {turn}" for label in labels for turn in range(2, 6)}
    yield from article.authors.filter(user=None, label__in=labels)
    yield from (
        article.authors.filter(user__isnull=False)
        .select_related("user")
        .annotate(shown_name=Lower("user__display_name"))
        .filter(
            Q(user__skeleton__in={skeleton(name) for name in named})
            | Q(shown_name__in=named)
        )
    )


def _names(source: str) -> Iterator[str]:
    for one, second in NAME.findall(source)[:MOST]:
        yield one.casefold()
        if second:
            yield (one + second).casefold()


def _url(article: "Article", number: int) -> str:
    return reverse("discussion:post", args=[article.slug, number])
