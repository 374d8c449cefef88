"""What may be shared between readers, and how a shared page learns that it is old.

A view that is the same for everybody without a session says so with `public_page`, and
names the tags of what it shows. Whoever writes bumps those tags in the same transaction,
so that the bump appears exactly with the commit (STACK §9). `page_cache` keeps the pages.

Tags in use: `article:<slug>` (all pages of one article), `posts:<slug>` (those of them
that change with every post), `articles` (lists of articles),
`discussion` (lists of posts across articles, counts of posts), `names` (who is called
what), `pages` (standing pages, site texts).
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from . import page_files, page_versions
from .models import PageVersion, ScheduledBump

View = Callable[..., HttpResponse]

# Under this name in the WSGI environment the page cache waits to be told the tags.
PAGE_CACHE = "mfr_site.page_cache"
# Kept by whoever likes, and asked about each time.
SHARED = "public, max-age=0, must-revalidate"


def has_session(request: HttpRequest) -> bool:
    """Whether the request carries a session cookie, without touching the session."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def is_guest(request: HttpRequest) -> bool:
    """Whether the request carries nothing by which we could tell readers apart."""
    return not any(name in request.COOKIES for name in settings.PERSONAL_COOKIES)


def public_page(*tags: str) -> Callable[[View], View]:
    """Declare that guests all get the same page, and what it shows.

    `tags` may name arguments of the view: `@public_page("article:{slug}")`. Whether it
    is a guest who asks is asked before anything could be looked up or kept: a page
    rendered for a guest must never reach a member, nor the other way round (HOUSE §6).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(
            request: HttpRequest, *args: object, **kwargs: object
        ) -> HttpResponse:
            if not is_guest(request):
                return _private(view(request, *args, **kwargs))
            kept = (
                request.environ.get(PAGE_CACHE) if hasattr(request, "environ") else None
            )
            if kept is not None:
                # Before rendering: a render that overlaps a write must not be kept as new.
                kept.depends_on(tag.format(**kwargs) for tag in tags)
            response = _public(view(request, *args, **kwargs))
            etag = response.headers.get("ETag")
            if kept is not None or etag is None:
                return response
            return (
                get_conditional_response(request, etag, response=response) or response
            )

        return wrapped

    return decorate


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["Cookie"])
    return response


def _public(response: HttpResponse) -> HttpResponse:
    """A page for every guest; answers other than 200 are for the asker alone."""
    patch_vary_headers(response, ["Cookie"])
    if hasattr(response, "render"):
        response.render()
    if response.status_code == 200 and not response.has_header("Cache-Control"):
        response["Cache-Control"] = SHARED
        digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
        response["ETag"] = f'"{digest}"'
    return response


def bump(*tags: str) -> None:
    """Say that every page with one of these tags is old.

    Call it inside the transaction that changes what the pages show.
    """
    # Sorted, so that two writers lock the rows in the same order.
    named = sorted(set(tags))
    if not named:
        return
    with transaction.atomic(savepoint=False):
        page_versions.announce(named)
        page_versions.add_one(named)
        # Before the commit, and under the lock: `page_files` says why.
        page_files.close(named)


def outdate_everything(former: Mapping[str, int]) -> None:
    """Say that every page is old, after a restore brought versions back.

    `former`: the versions from before, which pages may still be kept under; no tag may
    have one of them again.
    """
    with transaction.atomic():
        for tag, version in former.items():
            rows = PageVersion.objects.filter(tag=tag, version__lt=version)
            if not rows.update(version=version):
                PageVersion.objects.get_or_create(
                    tag=tag, defaults={"version": version}
                )
        bump(*PageVersion.objects.values_list("tag", flat=True))


def bump_at(when: datetime, *tags: str) -> None:
    """Say that pages with these tags change by the clock at `when`, with no job run.

    Call it beside `bump`: a page that is kept already was made without knowing of it.
    """
    ScheduledBump.objects.bulk_create(ScheduledBump(tag=tag, at=when) for tag in tags)
