from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class FetchMetadataCsrfMiddleware(CsrfViewMiddleware):
    """Django's protection, which also accepts what the browser says of itself.

    A page that is the same for everybody can carry no token, so a form on it is accepted
    when the browser says that it comes from our own origin (STACK §11). A browser that
    says nothing still needs the token; `csrf_failure` then gives the text back.

    Beware: `_check_token` is private to Django; tests/site/test_csrf.py pins it.
    """

    def _check_token(self, request: HttpRequest) -> None:
        # process_view has refused a foreign Origin before this is called.
        site = request.headers.get("Sec-Fetch-Site")
        if site == "same-origin":
            return
        origin_given = site is None and "HTTP_ORIGIN" in request.META
        if origin_given and self._origin_verified(request):  # type: ignore[attr-defined]
            return
        super()._check_token(request)  # type: ignore[misc]
