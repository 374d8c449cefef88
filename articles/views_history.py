"""What an article said before, for everybody: nothing that was public disappears."""

from collections.abc import Callable
from functools import wraps
from itertools import zip_longest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from mfr_site.caching import public_page

from .comparison import compare
from .models import Article
from .views import elsewhere, page_of


def of_article(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the published article that the address names."""

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        article = Article.objects.published().filter(slug=slug).first()
        if article is None:
            return elsewhere(request, slug)
        return view(request, article, **kwargs)

    return wrapped


@public_page("article:{slug}")
@of_article
def history(request: HttpRequest, article: Article) -> HttpResponse:
    public = article.revisions.public().without_texts().latest_first()
    told = list(public.prefetch_related("corrections", "reviews"))
    changes = list(zip_longest(told, told[1:]))
    return render(
        request, "articles/history.html", {"article": article, "changes": changes}
    )


@public_page("article:{slug}")
@of_article
def revision(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    shown = get_object_or_404(article.revisions.public(), number=number)
    shown.article = article
    return render(request, "articles/revision.html", page_of(shown))


@public_page("article:{slug}")
@of_article
def diff(request: HttpRequest, article: Article, a: int, b: int) -> HttpResponse:
    public = article.revisions.public()
    before, after = (get_object_or_404(public, number=n) for n in sorted((a, b)))
    context = {"article": article, "comparison": compare(before, after)}
    return render(request, "articles/diff.html", context)
