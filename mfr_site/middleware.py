from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def security_headers(get_response: GetResponse) -> GetResponse:
    """The constant headers, on every answer: pages, files, errors and admin.

    Django's own middleware sets most of them too, but not on what it refuses itself,
    such as an unknown Host. A view may set a stricter policy of its own (STACK §2).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in constant_headers(request.is_secure()).items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def constant_headers(is_secure: bool) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }
    if is_secure and settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = (
            f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        )
    return headers


def personal_pages_stay_private(get_response: GetResponse) -> GetResponse:
    """What was made by looking into the session is for that reader alone (TRUST A14).

    So no view has to remember it, and a page that is declared public but asks who is
    reading is kept by nobody. `Vary: Cookie` comes from Django's session middleware.
    What nobody may keep, no search engine may list either (TRUST §4.4).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed or response.cookies:
            response["Cache-Control"] = "private, no-store"
        if "no-store" in response.get("Cache-Control", ""):
            response["X-Robots-Tag"] = "noindex"
        return response

    return middleware


def forget_the_browser(get_response: GetResponse) -> GetResponse:
    """Drop the browser's description of itself before anything could write it down.

    Nothing here needs it, and allauth's list of sessions would store it (TRUST §4.1).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META.pop("HTTP_USER_AGENT", None)
        return get_response(request)

    return middleware
