"""Settings that would make the site unsafe or useless are said at the start, with an id."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.http.request import validate_host

HEADERS = "mfr_site.middleware.security_headers"
SSL_REDIRECT = "django.middleware.security.SecurityMiddleware"


def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """What must hold also in development."""
    address = urlsplit(settings.SITE_URL)
    host = address.hostname or ""
    files = settings.PAGE_FILES
    rules = [
        (
            address.scheme in {"http", "https"} and host and not address.path,
            "SITE_URL must be http:// or https:// and a host, with no path.",
            "mfr_site.E001",
        ),
        (
            validate_host(host, settings.ALLOWED_HOSTS),
            f"The site would refuse its own address: add {host} to ALLOWED_HOSTS.",
            "mfr_site.E002",
        ),
        (
            _comes_first(HEADERS, SSL_REDIRECT),
            f"{HEADERS} must stand before {SSL_REDIRECT}, whose answers need headers too.",
            "mfr_site.E003",
        ),
        (
            not settings.RUNTIME_DIR.is_relative_to(settings.DATA_DIR),
            "RUNTIME_DIR must lie outside DATA_DIR: what is in it must not be backed up.",
            "mfr_site.E004",
        ),
        (
            bool(settings.RECAPTCHA_PUBLIC_KEY) == bool(settings.RECAPTCHA_PRIVATE_KEY),
            "reCAPTCHA needs both RECAPTCHA_PUBLIC_KEY and RECAPTCHA_PRIVATE_KEY.",
            "mfr_site.E005",
        ),
        (
            not (files and files.is_relative_to(settings.DATA_DIR)),
            "PAGE_FILES must lie outside DATA_DIR, best in memory: nothing of it is kept.",
            "mfr_site.E006",
        ),
    ]
    return [Error(sentence, id=name) for holds, sentence, name in rules if not holds]


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """What must hold where strangers can reach the site."""
    rules = [
        (
            "*" not in settings.ALLOWED_HOSTS,
            "ALLOWED_HOSTS takes every name: unknown ones must be refused.",
            "mfr_site.W001",
        ),
        (
            settings.STAFF_SECOND_FACTOR,
            "STAFF_SECOND_FACTOR is off: a stolen password is enough to reach admin.",
            "mfr_site.W002",
        ),
    ]
    return [Warning(sentence, id=name) for holds, sentence, name in rules if not holds]


def _comes_first(one: str, other: str) -> bool:
    order = settings.MIDDLEWARE
    return one in order and order.index(one) < order.index(other)
