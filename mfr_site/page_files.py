"""Pages as files that nginx gives out by itself, and that are never older than the site.

    current -> GENERATION                        what nginx looks into
    GENERATION/now/TICK -> ../pages/SPAN         the lease: only while somebody watches
    GENERATION/pages/SPAN/articles/x/@           -> gates/A/17/gates/B/3/files/SPAN/ID
    GENERATION/gates/TAG/VERSION -> ../..        open while TAG is at VERSION
    GENERATION/files/SPAN/ID/page, .gz, .br      the bytes, in each encoding

A page's link leads through the gate of each of its tags. Closing one gate therefore ends
every page behind it at once, however many there are.

Why none is stale on one host. A writer bumps a tag under the database's lock (SQLite: the
one write lock; PostgreSQL: an advisory lock of the tag), closes the tag's gates while it
holds the lock, and the lock ends with the transaction, by commit, by roll-back or by the
death of either side. A page is placed only under the same lock, and only when its
versions, read before it was rendered, are still the present ones (`settled`). So when the
lock of the placing comes first, the writer closes the gate behind it, before its commit;
when the writer's comes first, the placing finds the lock taken, or other versions.
Nothing has to happen after the commit, so nothing is left undone by a kill.

Several hosts have a folder each, and the writer reaches only its own. The others hear of
the commit from PostgreSQL (`watch`). Each looks only at ticks of the clock that a watcher
has lent a moment before, so when the hearing breaks the files are off within a second,
without anybody having to switch them off. The same covers a process that does not know
the folder, and a database that was exchanged.

A generation is one start or reload of gunicorn: a release never meets pages of another.
A span is a stretch of time; its pages are dropped with it, which bounds the folder. A
page that will change within the span, by the clock, is not placed.
"""

import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from django.conf import settings

from .page_versions import UNCHECKED_SECONDS, Unreachable, Versions, VersionSource

log = logging.getLogger(__name__)

# The addresses that can be files, as a browser sends them: nothing in them means
# anything to a file system, and nginx need not decode them.
PATH = r"/(?:[a-z0-9_-]+/)*"
SPAN = 1000
TICKS_PER_SECOND = 10
# The lease, how often it is renewed, and how late that may be: together within a second.
LEASE_TICKS = 7
WAKE = 0.25
SLACK = 0.2
# For each process and span. What a page takes beside its bytes is its files and links.
MAX_BYTES = 256 * 2**20
OVERHEAD = 16 * 2**10
ENDINGS = {"": "page", "gzip": "page.gz", "br": "page.br"}


def stamp(data: bytes) -> int:
    """The time of change a file of these bytes is given.

    nginx makes its ETag of the time of change and the size, and the time alone is too
    coarse: two versions within one second could have the same. 31 bits of a digest fit
    every file system: one change in 2,000 million of equal length goes unnoticed.
    """
    return int.from_bytes(blake2b(data, digest_size=4).digest()) >> 1


def etag(data: bytes) -> str:
    """nginx's ETag of such a file, so that a page has one, whoever gives it out."""
    return f'"{stamp(data):x}-{len(data):x}"'


class Page(Protocol):
    """What the page cache keeps of a page."""

    tags: tuple[str, ...]
    versions: Versions
    until: float
    headers: list[tuple[str, str]]

    @property
    def encoded(self) -> dict[str, bytes]: ...


class PageFiles:
    """The folder from which nginx serves, as one process sees it.

    `generation`: the same for all processes of one start, rising with each; `site`: the
    scheme and Host header that pages are placed for; `query`: the pattern of the query
    strings that pages have; `headers`: what nginx sends with each.
    """

    def __init__(
        self,
        folder: Path,
        generation: str,
        site: tuple[str, str],
        query: str,
        headers: Mapping[str, str],
    ) -> None:
        self.folder = folder
        self.root = folder / generation
        self.site = site
        self.address = re.compile(rf"({PATH})(?:\?({query}))?")
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.counting = threading.Lock()
        self.span = 0
        self.bytes = 0
        self.confirmed = 0.0

    def start(self) -> None:
        """Begin with no page. A younger generation is left in its place."""
        for name in ("gates", "pages", "files", "now"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        current = self.folder / "current"
        if not current.is_symlink() or int(os.readlink(current)) < int(self.root.name):
            mine = self.folder / f".current-{secrets.token_hex(8)}"
            mine.symlink_to(self.root.name)
            mine.replace(current)
        for old in self.folder.iterdir():
            if old.name.isdigit() and int(old.name) < int(os.readlink(current)):
                shutil.rmtree(old, ignore_errors=True)

    # --- A page -------------------------------------------------------------------------

    def link_of(self, scheme: str, host: str, path: str, query: str) -> Path | None:
        """Where nginx looks for the page of a request, if it looks at all."""
        asked = f"{path}?{query}" if query else path
        if (scheme, host) != self.site or not (found := self.address.fullmatch(asked)):
            return None
        span = str(int(time.time()) // SPAN)
        return self.root / "pages" / span / found[1][1:] / f"@{found[2] or ''}"

    def place(self, link: Path, page: Page, source: VersionSource) -> None:
        """Put a page where nginx finds it, unless that may be wrong: then do nothing."""
        span = int(link.relative_to(self.root).parts[1])
        fits = {name.lower(): value for name, value in page.headers} == self.headers
        if not fits or page.until < (span + 1) * SPAN or link.exists():
            return
        size = sum(map(len, page.encoded.values())) + OVERHEAD
        if not self._take(size, span, is_rare=link.name != "@"):
            return
        is_more = False
        try:
            is_more = self._place(link, page, source)
        except OSError as error:
            # The disk is full, or the span is being dropped. nginx will ask us again.
            log.warning("A page was not placed: %s", type(error).__name__)
        finally:
            if not is_more:
                self._take(-size, span, is_rare=False)

    def _take(self, size: int, span: int, *, is_rare: bool) -> bool:
        """Whether there is room. Half of it is kept for pages without a question: there
        are as many of those as we made, and of the others as many as anybody asks for."""
        with self.counting:
            if span != self.span:
                self.span, self.bytes = span, 0
            if self.bytes + size > (MAX_BYTES // 2 if is_rare else MAX_BYTES):
                return False
            self.bytes += size
            return True

    def _place(self, link: Path, page: Page, source: VersionSource) -> bool:
        """Whether there is one page more than before."""
        where = link.parent.relative_to(self.root)
        files = Path("files", where.parts[1], secrets.token_hex(8))
        (self.root / files).mkdir(parents=True)
        for name, data in page.encoded.items():
            file = self.root / files / ENDINGS[name]
            file.write_bytes(data)
            os.utime(file, (stamp(data), stamp(data)))
        gates = [
            Path("gates", _name(tag), str(version))
            for tag, version in zip(page.tags, page.versions, strict=True)
        ]
        new = self.root / f"{files}.link"
        new.symlink_to(Path(*[".."] * len(where.parts), *gates, files))
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            with source.settled(page.tags) as present:
                if is_placed := present == page.versions:
                    for gate in gates:
                        (self.root / gate.parent).mkdir(exist_ok=True)
                        with suppress(FileExistsError):
                            (self.root / gate).symlink_to(Path("..", ".."))
                    former = os.readlink(link) if link.is_symlink() else None
                    new.replace(link)
        except Unreachable:
            # The lock may have been lost before we had done: undo it all.
            is_placed = False
            for tag in page.tags:
                _close(self.root, tag)
        if is_placed and former is None:
            return True
        # The dead page that it replaces, or itself.
        gone = Path(former).name if is_placed and former else files.name
        shutil.rmtree(self.root / files.parent / gone, ignore_errors=True)
        new.unlink(missing_ok=True)
        return False

    def last(self, link: Path) -> bytes | None:
        """What nginx gave out as a page while the database could be asked (TRUST R6)."""
        if time.monotonic() - self.confirmed > UNCHECKED_SECONDS:
            return None
        try:
            return (link / ENDINGS[""]).read_bytes()
        except OSError:
            return None

    # --- The watch ----------------------------------------------------------------------

    def watch(self, source: VersionSource) -> None:
        """Renew the lease for as long as we hear what others commit. Never returns."""
        while True:
            began = time.monotonic()
            try:
                self.compare(source, source.changes(WAKE))
            except Unreachable:
                time.sleep(WAKE)
                continue
            self.confirmed = began
            if time.monotonic() - began < WAKE + SLACK:
                self.renew()

    def compare(self, source: VersionSource, tags: Iterable[str] | None) -> None:
        """Close gates that are not those of the rows; of these tags, or (None) of all."""
        if tags is None:
            tags = [unquote(name) for name in os.listdir(self.root / "gates")]
        tags = tuple(tags)
        present = source.current(tags) if tags else ()
        for tag, version in zip(tags, present, strict=True):
            with suppress(FileNotFoundError):
                if {*os.listdir(self.root / "gates" / _name(tag))} - {str(version)}:
                    _close(self.root, tag)

    def renew(self) -> None:
        """Lend nginx the next ticks, and drop the past ones with their spans."""
        tick = int(time.time() * TICKS_PER_SECOND)
        span = SPAN * TICKS_PER_SECOND
        for coming in range(tick, tick + LEASE_TICKS + 1):
            with suppress(FileExistsError):
                (self.root / "now" / str(coming)).symlink_to(
                    f"../pages/{coming // span}"
                )
        for past in (self.root / "now").iterdir():
            if int(past.name) < tick:
                past.unlink(missing_ok=True)
        for past in (
            *(self.root / "pages").iterdir(),
            *(self.root / "files").iterdir(),
        ):
            if int(past.name) < tick // span:
                shutil.rmtree(past, ignore_errors=True)


def close(tags: Iterable[str]) -> None:
    """End every file of pages with these tags. The caller holds the tags' lock.

    Raises OSError when that cannot be done; then what was to change must not change.
    """
    if settings.PAGE_FILES:
        for tag in tags:
            _close(settings.PAGE_FILES / "current", tag)


def _close(root: Path, tag: str) -> None:
    gates = root / "gates" / _name(tag)
    with suppress(FileNotFoundError):
        for version in os.listdir(gates):
            (gates / version).unlink(missing_ok=True)


def _name(tag: str) -> str:
    return quote(tag, safe=":")
