"""What accounts add to every request: sessions that end, and editors' second step."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from mfr_site.caching import has_session

from . import sessions

GetResponse = Callable[[HttpRequest], HttpResponse]


def sessions_end(get_response: GetResponse) -> GetResponse:
    """Logs out who has not been here for long, or has been logged in for too long."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if has_session(request) and request.user.is_authenticated:
            sessions.end_or_prolong(request)
        return get_response(request)

    return middleware


def editors_need_a_second_step(get_response: GetResponse) -> GetResponse:
    """Keeps staff out of admin until they have set up two-step log-in (TRUST §2.32)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _lacks_second_step(request):
            messages.info(
                request, "Editors need two-step log-in. Please set it up first."
            )
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _lacks_second_step(request: HttpRequest) -> bool:
    return (
        settings.STAFF_SECOND_FACTOR
        and request.path.startswith(reverse("admin:index"))
        and has_session(request)
        and request.user.is_authenticated
        and request.user.is_staff
        and not is_mfa_enabled(request.user)
    )


class ReauthenticateWithoutKeeping:
    """Asks who it is without putting the form that was sent aside.

    allauth would keep the whole request in the session to repeat it later: with its
    passwords, cookies and address (TRUST §4.1). Stands below allauth's middleware, so
    that it sees the exception first.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired):
            return None
        ways = get_adapter().get_reauthentication_methods(request.user)
        url = ways[0]["url"] if ways else reverse("account_login")
        return redirect(f"{url}?{urlencode({REDIRECT_FIELD_NAME: request.path})}")
