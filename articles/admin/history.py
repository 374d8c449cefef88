"""The revisions of an article, for its editors: every one, drafts too."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from articles.comparison import compare
from articles.models import Answer, Article, Revision
from articles.views import page_of

WORDS_SHOWN = 200

may_view = permission_required("articles.view_article", raise_exception=True)


@may_view
def revisions(request: HttpRequest, object_id: str) -> HttpResponse:
    if not object_id.isdecimal():
        raise Http404("not the number of an article")
    article = get_object_or_404(Article, pk=object_id)
    told = article.revisions.without_texts().select_related("author", "approved_by")
    return _page(request, "revisions", article, revisions=told.order_by("-number"))


@may_view
def revision(request: HttpRequest, pk: int) -> HttpResponse:
    """The page as this text makes it."""
    shown = get_object_or_404(Revision.objects.select_related("article"), pk=pk)
    return render(request, "articles/preview.html", page_of(shown))


@may_view
def difference(request: HttpRequest, a: int, b: int) -> HttpResponse:
    after = get_object_or_404(Revision.objects.select_related("article"), pk=b)
    before = get_object_or_404(after.article.revisions, pk=a)
    comparison = compare(before, after)
    return _page(request, "difference", after.article, comparison=comparison)


@may_view
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What readers say of each text: whether it answered, and what they missed."""
    article = get_object_or_404(Article, pk=pk)
    given = Answer.objects.filter(revision__article=article)
    return _page(
        request,
        "answers",
        article,
        by_revision=given.by_revision(),
        words=given.with_words()[:WORDS_SHOWN],
    )


def _page(
    request: HttpRequest, name: str, article: Article, **context: Any
) -> HttpResponse:
    shared = {**admin.site.each_context(request), "article": article}
    return render(request, f"admin/articles/article/{name}.html", {**shared, **context})
