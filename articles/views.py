from functools import cache, partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format

from mfr_site.caching import is_guest, public_page
from mfr_site.page_parts import Parts, parts_of

from .json_ld import members
from .models import (
    Article,
    ArticlePage,
    ArticleQuerySet,
    Correction,
    OldSlug,
    Revision,
    Topic,
    record_of,
)
from .related import related_to

LIST_LENGTH = 24
CORRECTIONS_LENGTH = 50


@public_page("articles", "discussion")
def article_list(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published().with_live().prefetch_related("topics")
    page = _list_of(articles, request)
    topics = Topic.objects.with_articles()
    return render(
        request, "articles/article_list.html", {"page": page, "topics": topics}
    )


@public_page("articles")
def topic_list(request: HttpRequest) -> HttpResponse:
    topics = Topic.objects.as_map()
    return render(request, "articles/topic_list.html", {"topics": topics})


@public_page("articles", "discussion")
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = get_object_or_404(Topic, slug=slug)
    articles = Article.objects.published().in_topic(topic).with_live()
    page = _list_of(articles, request)
    return render(request, "articles/topic_detail.html", {"topic": topic, "page": page})


@public_page("article:{slug}", "posts:{slug}", "names")
def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    text, posts = (f"article:{slug}", "names"), (f"posts:{slug}",)
    parts = parts_of(request, request.path, *text)
    # A reader's whole page is kept; a member's is made of parts.
    whole = is_guest(request)
    talk = None if whole else parts_of(request, request.get_full_path(), *text, *posts)
    revision = _live(slug, parts)
    if revision is None:
        return elsewhere(request, slug)
    article = revision.article
    article.live = revision
    record = cache(partial(record_of, article))
    context = {
        "article": article,
        "revision": revision,
        "fixed": parts_of(request, request.path),
        "parts": parts,
        "talk": talk,
        # All that follows is asked for only where a part of the page is not kept.
        "discussion": cache(partial(article.posts.page, article, request.GET)),
        "topic": Topic(
            slug=revision.topic_slug or "", title=revision.topic_title or ""
        ),
        "record": record,
        "related": partial(related_to, article),
        "json_ld": lambda: members(revision, record().corrections),
    }
    return render(request, "articles/article_detail.html", context)


def _live(slug: str, parts: Parts | None) -> Revision | None:
    """The live revision. Of what is kept of it, posts change the article's own row."""
    find = partial(Revision.objects.live_at, slug)
    if parts is None:
        return find()
    revision, was_kept = parts.row("revision", find)
    if revision and was_kept:
        revision.article = Article.objects.as_it_is(revision.article_id)
    return revision


def page_of(revision: Revision) -> dict[str, Any]:
    """What the page of a revision shows when it is not the article's own page.

    The revision may be public or not, saved or not.
    """
    article = revision.article
    page: dict[str, Any] = {"article": article, "revision": revision}
    if not article._state.adding:
        page["topic"] = article.topics.first()
        page["record"] = record_of(article)._replace(corrections=[])
    return page


def _list_of(articles: ArticleQuerySet, request: HttpRequest) -> ArticlePage:
    try:
        return articles.page_after(number(request.GET, "after"), LIST_LENGTH)
    except Article.DoesNotExist as unknown:
        raise Http404("no article has this id") from unknown


def elsewhere(request: HttpRequest, slug: str) -> HttpResponse:
    """The article has another address now, was withdrawn, or never was."""
    if moved := OldSlug.objects.filter(slug=slug).select_related("article").first():
        # Whatever was asked of the article: its page, its history, one revision.
        _, _, rest = request.get_full_path().partition(f"/{slug}/")
        return redirect(moved.article.get_absolute_url() + rest, permanent=True)
    withdrawn = get_object_or_404(Article, slug=slug, withdrawn_at__isnull=False)
    told = f"It was taken down on {date_format(withdrawn.withdrawn_at or '', 'j F Y')}."
    explanation = f"{told} The reason: {withdrawn.withdrawn_reason}"
    return render(request, "410.html", {"explanation": explanation}, status=410)


@public_page("articles")
def corrections(request: HttpRequest) -> HttpResponse:
    latest = Correction.objects.public()[:CORRECTIONS_LENGTH]
    return render(request, "articles/corrections.html", {"corrections": latest})


def number(query: QueryDict, name: str) -> int | None:
    """A whole number from the address, or none. Anything else there is a 404."""
    given = query.get(name)
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 9:
        raise Http404(f"{name} is not a number")
    return int(given)
