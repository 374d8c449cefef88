"""The pages that belong to no one app, because they show several."""

import re
import sys
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.defaults import server_error as broken
from django.views.static import serve

from articles.models import Article, Correction, Topic
from articles.views import number
from discussion.models import Post
from discussion.views.writing import confirm_post

from .caching import public_page
from .context_processors import site
from .limits import allow
from .network import net

Field = tuple[str, str]

HOME_ARTICLES = 6
HOME_POSTS = 5
HOME_PASSAGES = 3
HOME_CORRECTIONS = 3
LONGEST_QUERY = 200
# What is given back when the database is away: never a password; a text as a text.
SECRET_FIELDS = re.compile("password|code", re.IGNORECASE)
SHORTEST_TEXT = 60
AWAY_SECONDS = 10
# A drawing opened by itself must not be able to run anything in our name.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
SECURITY_TXT_LIFE = timedelta(days=180)


@public_page("articles", "discussion", "names")
def home(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published().with_live()
    context = {
        "start": articles.featured_first().first(),
        "articles": articles.newest_first()[:HOME_ARTICLES],
        "topics": Topic.objects.as_map(),
        "passages": Post.objects.published().in_lists().on_passages()[:HOME_PASSAGES],
        "posts": Post.objects.published().in_lists().newest_first()[:HOME_POSTS],
        "corrections": Correction.objects.public()[:HOME_CORRECTIONS],
    }
    return render(request, "home.html", context)


@cache_control(private=True, no_store=True)
def search(request: HttpRequest) -> HttpResponse:
    """Find articles and posts. What somebody looks for is kept by nobody."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    if not query:
        return render(request, "search.html")
    if refusal := allow("search", net(request, "search").names):
        context = {"query": query, "refusal": refusal}
        response = render(request, "search.html", context, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    start = number(request.GET, "start") or 0
    articles = Article.objects.search(query, start=start)
    posts = Post.objects.search(query, start=start)
    more = articles.next_start or posts.next_start
    context = {
        "query": query,
        "articles": articles,
        "posts": posts,
        "more": more and urlencode({"q": query, "start": more}),
        "nothing": not articles.items and not posts.items,
    }
    return render(request, "search.html", context)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came from nowhere we know. A post is given back, to be sent again."""
    match = request.resolver_match
    if match and match.view_name == "discussion:new_post":
        return confirm_post(request, **match.kwargs)
    return render(request, "403.html", {"reason": reason}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke. Where it is only that the database is away, what was sent is
    given back in a form that sends it again (TRUST R6).
    """
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return broken(request)
    texts, rest = _sent(request)
    # Who is logged in cannot be asked now.
    context = {**site(request), "has_session": False, "path": request.get_full_path()}
    context |= {"texts": texts, "rest": rest, "was_sent": request.method == "POST"}
    page = render_to_string("503.html", context)
    headers = {"Retry-After": AWAY_SECONDS, "Cache-Control": "private, no-store"}
    return HttpResponse(page, status=503, headers=headers)


def _sent(request: HttpRequest) -> tuple[list[Field], list[Field]]:
    """The fields that came in: what somebody wrote, and what else belongs to it."""
    try:
        sent = request.POST
    except (SuspiciousOperation, OSError):
        sent = QueryDict()
    fields = [
        (name, value)
        for name, values in sent.lists()
        for value in values
        if not SECRET_FIELDS.search(name)
    ]
    texts = [field for field in fields if _is_text(*field)]
    return texts, [field for field in fields if field not in texts]


def _is_text(name: str, value: str) -> bool:
    return name == "body" or "\n" in value or len(value) > SHORTEST_TEXT


@cache_control(public=True, max_age=31_536_000, immutable=True)
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture. Its name carries a digest of its content, so it never changes.

    Behind nginx these are files that nginx serves by itself (deploy/).
    """
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response  # type: ignore[return-value]


@cache_control(public=True, max_age=3600)
def robots_txt(request: HttpRequest) -> HttpResponse:
    """Keeps robots out of admin alone: they must read a page to see its noindex."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@cache_control(no_store=True)
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether this process answers and reaches its database. Says nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@cache_control(public=True, max_age=86400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116)."""
    expires = (timezone.now() + SECURITY_TXT_LIFE).replace(microsecond=0)
    lines = [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {expires.isoformat()}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
