from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .caching import has_session


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page may say. Nothing here touches the session or the user."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + request.path,
        "contact_email": settings.CONTACT_EMAIL,
        "has_session": has_session(request),
    }
