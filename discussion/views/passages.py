"""One passage: its sentences to choose from, and what was said about it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from articles.models import Article
from discussion import passages
from discussion.forms import PassageForm
from mfr_site.caching import public_page

from .finding import with_article

# More than a reader selects; longer ones are the whole passage.
MAX_QUOTE = 600


@public_page("article:{slug}", "posts:{slug}", "names")
@with_article
def passage(request: HttpRequest, article: Article, key: str) -> HttpResponse:
    """`?quote=` gives words of the passage that are chosen already."""
    found = article.live.passages.filter(key=key).first() if article.live else None
    if found is None:
        return _former(request, article, key)
    quote = " ".join(request.GET.get("quote", "")[:MAX_QUOTE].split())
    if quote not in found.text:
        quote = ""
    context = {
        "article": article,
        "passage": found,
        "form": PassageForm(article, found, quote),
        "items": passages.said_about(article, key),
    }
    response = render(request, "discussion/passage.html", context)
    if request.GET:
        # There are as many of these as there are selections: no cache should keep them.
        response["Cache-Control"] = "no-store"
    return response


def _former(request: HttpRequest, article: Article, key: str) -> HttpResponse:
    """A passage of an earlier text: what it said, and what became of it."""
    public = article.revisions.public().filter(passages__key=key)
    revision = public.without_texts().latest_first().first()
    if revision is None:
        raise Http404("no such passage")
    context = {
        "article": article,
        "revision": revision,
        "passage": revision.passages.get(key=key),
        "items": passages.said_about(article, key),
    }
    return render(request, "discussion/passage_gone.html", context)
