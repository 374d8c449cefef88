"""Parts of pages that this process keeps: a new post renders the discussion, no article.

A page dies with every post, but most of it is still what it was. What a part shows is
named by tags, as for whole pages (caching.py), and their versions are read before
anything else of the request, so a part is never older than the database. Members get
the same parts as everybody: a part says nothing that depends on who reads.
"""

import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model
from django.http import HttpRequest

from .page_versions import Unreachable, Versions, VersionSource

Row = TypeVar("Row", bound=Model)
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# The name of the memory in the WSGI environment. Without one, parts are always rendered.
MEMORY = "mfr_site.page_parts"
MAX_CHARACTERS = 8 * 2**20


class Part(NamedTuple):
    made: str | bytes
    versions: Versions
    until: float


class PartMemory:
    """The WSGI application, each of whose requests may keep parts of its page."""

    def __init__(
        self,
        application: Application,
        source: VersionSource,
        max_characters: int = MAX_CHARACTERS,
    ) -> None:
        self.application = application
        self.source = source
        self.max_characters = max_characters
        self.parts: OrderedDict[str, Part] = OrderedDict()
        self.characters = 0
        self.changing = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ[MEMORY] = self
        return self.application(environ, start_response)

    def put(self, name: str, part: Part) -> None:
        with self.changing:
            old = self.parts.pop(name, None)
            self.characters += len(part.made) - (len(old.made) if old else 0)
            self.parts[name] = part
            while self.characters > self.max_characters and self.parts:
                _, longest_kept = self.parts.popitem(last=False)
                self.characters -= len(longest_kept.made)


@dataclass(frozen=True)
class Parts:
    """The parts of one page, while its tags have these versions."""

    page: str
    memory: PartMemory
    versions: Versions
    until: float

    def keep(self, name: str, render: Callable[[], str]) -> str:
        """The part as it is kept, or rendered now and kept."""
        kept = self._find(name)
        if kept is None:
            kept = render()
            self._put(name, kept)
        return str(kept)

    def row(self, name: str, read: Callable[[], Row | None]) -> tuple[Row | None, bool]:
        """A row that the parts are made of, and whether it was kept.

        Each caller gets a copy of their own. That there is none is not kept: anybody can
        invent addresses.
        """
        if isinstance(kept := self._find(name), bytes):
            return pickle.loads(kept), True  # noqa: S301 - written below, in this process
        if (row := read()) is not None:
            self._put(name, pickle.dumps(row))
        return row, False

    def _find(self, name: str) -> str | bytes | None:
        part = self.memory.parts.get(f"{self.page} {name}")
        if part and part.versions == self.versions and time.time() < part.until:
            return part.made
        return None

    def _put(self, name: str, made: str | bytes) -> None:
        part = Part(made, self.versions, self.until)
        self.memory.put(f"{self.page} {name}", part)


def parts_of(request: HttpRequest, page: str, *tags: str) -> Parts | None:
    """The kept parts of a page, which show what the tags name; None if nothing is kept.

    `page` names the page among all of them. Call it before asking the database for
    anything that the parts show. Without tags the parts never change.
    """
    memory: PartMemory | None = request.META.get(MEMORY)
    if memory is None:
        return None
    if not tags:
        return Parts(page, memory, (), float("inf"))
    try:
        versions = memory.source.current(tags)
        until = memory.source.next_bump(tags) or float("inf")
    except Unreachable:
        return None
    return Parts(page, memory, versions, until)
