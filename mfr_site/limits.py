"""How often somebody may do something: one table, and the question asked of it."""

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from .models import SiteRules
from .short_memory import DAY, Window, short_memory

HOUR = 3600
MINUTE = 60

# The windows of each act (TRUST §1.1). All of an act's windows hold at once.
LIMITS: dict[str, tuple[Window, ...]] = {
    # By network, and for accounts of the first day by account.
    "anonymous post": (Window(1, 15), Window(5, 10 * MINUTE), Window(20, DAY)),
    "anonymous thread": (Window(3, DAY),),
    # By account.
    "member post": (Window(1, 10), Window(30, HOUR), Window(100, DAY)),
    # By account or post key.
    "edit": (Window(30, HOUR),),
    # By account, or by network.
    "report": (Window(10, DAY),),
    # By network and post, from people without an account.
    "report of one post": (Window(1, DAY),),
    # By the address that an answer to a legal notice goes to.
    "answer to a notice": (Window(5, DAY),),
    # By network: each keeps a thread for some seconds while Google is slow.
    "check of a person": (Window(5, 10 * MINUTE), Window(30, DAY)),
    "post key": (Window(10, 10 * MINUTE), Window(50, DAY)),
    # Tries to log in; a right one is taken back. By name or address as typed, by network
    # and for the whole site; on a device that has logged in before, by that device alone.
    "log-in": (Window(5, 5 * MINUTE), Window(50, DAY)),
    "log-in from a network": (Window(10, MINUTE),),
    "log-in anywhere": (Window(1000, 5 * MINUTE),),
    "log-in on a known device": (Window(5, 5 * MINUTE), Window(50, DAY)),
    # Mails that anybody can have sent. Two in ten minutes, so that one can be sent again.
    "mailed code": (Window(2, 10 * MINUTE), Window(5, DAY)),
    "mailed codes from a network": (Window(10, HOUR),),
    "mailed codes anywhere": (Window(200, HOUR),),
    # By network.
    "sign-up": (Window(5, HOUR), Window(20, DAY)),
    # By account or post key: each may mean work for an editor.
    "credential": (Window(5, DAY),),
    "search": (Window(30, MINUTE),),
    # Whether a page was useful: by network and article, and by network.
    "useful": (Window(1, DAY),),
    "useful from a network": (Window(20, DAY),),
    "export": (Window(1, DAY),),
    # Asking for reply mail: by post key. Besides, each such mail is a mailed code.
    "reply mail": (Window(5, DAY),),
    # News by mail, by mailbox: what comes beyond waits, and goes with the next.
    "news": (Window(5, HOUR), Window(20, DAY)),
    # By editor.
    "mail to a moderator": (Window(1, 12 * HOUR),),
    "urgent mail to a moderator": (Window(1, HOUR),),
    "error mail": (Window(10, HOUR),),
}
# No editor changes how the doors are kept; and an error is counted while it is logged,
# when nothing may go wrong any more.
FIXED = {
    *("log-in", "log-in from a network", "log-in anywhere", "log-in on a known device"),
    *("mailed code", "mailed codes from a network", "mailed codes anywhere"),
    *("sign-up", "error mail", "answer to a notice"),
}
UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}
WINDOW = re.compile(r"(\d{1,6})\s*/\s*(\d{0,5})\s*([smhd])")


@dataclass(frozen=True)
class Refusal:
    """Why something cannot be done now, in a sentence, and for how many seconds."""

    retry_after: int
    # Where more can be said than that: with {wait}, where the time stands.
    said: str = "That was a lot at once. Please try again in {wait}."

    @property
    def sentence(self) -> str:
        return self.said.format(wait=_span(self.retry_after))


def windows(act: str) -> tuple[Window, ...]:
    """The windows in force for an act: what editors have set, or else the usual."""
    edited = {} if act in FIXED else _in_force(SiteRules.current().limits)
    return edited.get(act, LIMITS[act])


@lru_cache(maxsize=4)
def _in_force(text: str) -> dict[str, tuple[Window, ...]]:
    """What editors have set, without the lines of limits that this version has not."""
    edited: dict[str, tuple[Window, ...]] = {}
    for line in text.splitlines():
        with suppress(ValueError):
            edited |= read(line)
    return edited


def read(text: str) -> dict[str, tuple[Window, ...]]:
    """Limits as editors write them, "edit: 30/h, 100/d", one act a line.

    Raises ValueError with the line that is not understood.
    """
    return dict(_read_line(line) for line in text.splitlines() if line.strip())


def _read_line(line: str) -> tuple[str, tuple[Window, ...]]:
    act, _, given = line.partition(":")
    found = [WINDOW.fullmatch(part.strip()) for part in given.split(",")]
    if act.strip() not in LIMITS.keys() - FIXED:
        raise ValueError(f"There is no limit called “{act.strip()}”.")
    windows = [
        Window(int(match[1]), int(match[2] or 1) * UNITS[match[3]])
        for match in found
        if match
    ]
    fair = all(w.limit > 0 and 0 < w.seconds <= DAY for w in windows)
    if None in found or not fair:
        raise ValueError(f"“{line.strip()}” is not understood: “edit: 30/h, 100/d”.")
    return act.strip(), tuple(windows)


def usual() -> str:
    """The limits that editors may change, as they would write them."""
    return "; ".join(
        f"{act}: {', '.join(map(_written, windows))}"
        for act, windows in LIMITS.items()
        if act not in FIXED
    )


def _written(window: Window) -> str:
    unit = max(
        (n for n in UNITS if window.seconds % UNITS[n] == 0), key=UNITS.__getitem__
    )
    count = window.seconds // UNITS[unit]
    return f"{window.limit}/{count if count > 1 else ''}{unit}"


def allow(act: str, who: Sequence[str], what: str = "") -> Refusal | None:
    """Count an act, or answer when it will be possible again.

    Args:
        act: a row of LIMITS.
        who: the names the act counts under: an account, or a `Net`'s names.
        what: what is done; the same again within ten minutes counts as one.
    """
    names = [f"{act}:{name}" for name in who]
    wait = short_memory().act(names, what or secrets.token_hex(8), windows(act))
    return Refusal(wait) if wait else None


def take_back(act: str, who: Sequence[str], what: str) -> None:
    """Uncount an act that `allow` has counted."""
    short_memory().undo(f"{act}:{who[0]}", what)


def _span(seconds: int) -> str:
    for size, name in ((HOUR, "hour"), (MINUTE, "minute"), (1, "second")):
        if seconds >= size:
            count = -(-seconds // size)
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "a moment"
