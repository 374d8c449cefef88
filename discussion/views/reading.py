"""Pages for readers: a post, a thread, versions, and lists across discussions."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from articles.models import Article
from discussion import threads
from discussion.authors import Speaker
from discussion.models import Decision, Post
from mfr_site.caching import is_guest, public_page

from .finding import rights, with_article

LATEST_LENGTH = 30
LOG_LENGTH = 100


@require_safe
@public_page("article:{slug}", "posts:{slug}", "names")
@with_article
def post_detail(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    try:
        items = threads.around(article, number)
    except Post.DoesNotExist as missing:
        raise Http404("no such post") from missing
    post = next(item.post for item in items if item.post.number == number)
    context = {
        "article": article,
        "post": post,
        "items": items,
        "where": threads.where(post),
        "own": {} if is_guest(request) else rights(post, Speaker.of(request, article)),
    }
    if post.is_published:
        return render(request, "discussion/post_detail.html", context)
    if context["own"]:
        context["decision"] = post.decisions.first()
    # Gone for good, or only until a moderator has looked.
    status = 404 if post.state == Post.State.HIDDEN else 410
    return render(request, "discussion/post_gone.html", context, status=status)


@require_safe
@public_page("article:{slug}", "posts:{slug}", "names")
@with_article
def thread(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    try:
        page = threads.branch(article, number, threads.number_in(request.GET, "after"))
    except Post.DoesNotExist as missing:
        raise Http404("no such post") from missing
    where = threads.where(page.items[0].post) if page.items else ""
    context = {"article": article, "number": number, "page": page, "where": where}
    return render(request, "discussion/thread.html", context)


@require_safe
@public_page("article:{slug}", "posts:{slug}", "names")
@with_article
def versions(request: HttpRequest, article: Article, number: int) -> HttpResponse:
    post = get_object_or_404(article.posts.published().for_reading(), number=number)
    former = post.versions.filter(is_public=True)
    context = {"article": article, "post": post, "versions": former}
    return render(request, "discussion/versions.html", context)


@require_safe
@public_page("discussion", "articles", "names")
def latest(request: HttpRequest) -> HttpResponse:
    posts = Post.objects.published().newest_first().in_lists()
    before = threads.number_in(request.GET, "before")
    page = posts.older_than(before)[: LATEST_LENGTH + 1]
    return render(
        request, "discussion/latest.html", _keyset(page, LATEST_LENGTH, "posts")
    )


@require_safe
@public_page("discussion")
def moderation_log(request: HttpRequest) -> HttpResponse:
    """Which rule decided what about which post. Never a text or a name (TRUST A32)."""
    before = threads.number_in(request.GET, "before")
    decisions = Decision.objects.public().older_than(before)
    page = _keyset(decisions[: LOG_LENGTH + 1], LOG_LENGTH, "decisions")
    return render(request, "discussion/moderation_log.html", page)


def _keyset(found: Any, length: int, name: str) -> dict[str, Any]:
    """One page of a list that asked for one row more, and where the next one starts."""
    rows = list(found)
    older = rows[length - 1].pk if len(rows) > length else None
    return {name: rows[:length], "older": older}
