"""What no test may break, whatever it is about. `conftest.py` asks after every test."""

import os
from collections.abc import Callable
from itertools import count

from django.http import HttpRequest, HttpResponse

broken: list[str] = []

_numbers = count()
_this_test = next(_numbers)


def start_of_a_test() -> None:
    """Give the test a cache of its own, and forget what the last one broke."""
    global _this_test  # noqa: PLW0603 - the live server's threads must see it too
    _this_test = next(_numbers)
    broken.clear()


def key_of_this_test(key: str, prefix: str, version: int) -> str:
    """A cache key that no other test and no other run uses, so nothing is cleared.

    Beware: the cache table is no model, so it is not emptied between tests; and a Redis
    is shared by every process that tests.
    """
    return f"{os.getpid()}.{_this_test}:{prefix}:{version}:{key}"


def watch_shared_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: note each page that could show one reader what is another's.

    A shared page sets no cookie; what read the session is kept by nobody (TRUST A14).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        control = response.headers.get("Cache-Control", "")
        where = f"{request.method} {request.path} ({response.status_code})"
        if "public" in control and response.cookies:
            broken.append(f"{where} is public and sets {', '.join(response.cookies)}")
        if read_the_session(request) and control != "private, no-store":
            broken.append(f"{where} read the session and may be kept: {control!r}")
        return response

    return middleware


def read_the_session(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return session is not None and session.accessed
