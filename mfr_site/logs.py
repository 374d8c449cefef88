"""Logs and error mails that say what failed, and never whose words it failed on.

An exception's message may hold what somebody typed, and a path may hold a token. So a
line carries the route, the kind of exception and the places it came through; not its
message, no variable, header, cookie or address (TRUST §4.4).
"""

import logging
import traceback
from types import TracebackType

from django.conf import settings

ExcInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)
# What could forge a second line, or colour a terminal.
CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}


class WithoutWords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.name}: {_said(record)}".translate(CONTROL)
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's name
        """The kinds of exception and the places, outermost first."""
        lines: list[str] = []
        error = ei[1]
        while error:
            kind = f"{type(error).__module__}.{type(error).__qualname__}"
            frames = traceback.extract_tb(error.__traceback__)
            places = [f"  {f.filename}:{f.lineno} {f.name}" for f in frames]
            lines = [*places, kind, *lines]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def _said(record: logging.LogRecord) -> str:
    """The message, or for a request its method and route in place of its path."""
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    if request is None:
        return record.getMessage()
    status = getattr(record, "status_code", "")
    return f"{status} {request.method} {match.route if match else '(no route)'}".strip()


class ErrorMail(logging.Handler):
    """Mails each failed page to ERROR_MAIL, ten an hour at most."""

    def emit(self, record: logging.LogRecord) -> None:
        # Logging is set up before the apps are, and these need them.
        from mfr_site import limits, mail  # noqa: PLC0415

        if not settings.ERROR_MAIL or limits.allow("error mail", ["site"]):
            return
        try:
            for to in settings.ERROR_MAIL:
                mail.send("error_report", to, {"report": self.format(record)})
        except Exception:  # noqa: BLE001 - the failure itself is already in the log
            self.handleError(record)
