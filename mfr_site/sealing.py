"""What must be stored and not be readable from the database: sealed under SECRET_KEY.

A copy of the database alone, such as a backup, opens nothing (TRUST §4.1). Former keys
(SECRET_KEY_FALLBACKS) still open what was sealed under them.
"""

import base64
import unicodedata
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "mfr_site.sealing"


class Unreadable(Exception):
    """Sealed under a key that this site no longer has."""


def seal(text: str) -> str:
    return _box(_secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    try:
        return _box(_secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def digests(address: str) -> list[str]:
    """What a mail address is found by: a keyed hash, first under the present key."""
    folded = unicodedata.normalize("NFKC", address.strip()).casefold()
    return [
        salted_hmac(SALT, folded, secret=secret, algorithm="sha256").hexdigest()
        for secret in _secrets()
    ]


def _secrets() -> tuple[str, ...]:
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


@cache
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    keys = [
        HKDF(SHA256(), length=32, salt=None, info=SALT.encode()).derive(secret.encode())
        for secret in secrets
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
