"""Readers without a session are answered from memory, and never with an old page.

This wraps the whole WSGI application, because Django's own handling of a request costs
more than everything here (SPEED §4). A page is kept with the versions of its tags, which
were read before it was rendered; it is given out only while they are still the present
versions. A write bumps them inside its transaction, so the first read after the commit
renders anew: on every thread, process and host, and nothing needs to be purged.

What is kept: answers that a view has declared with `caching.public_page`, with status
200 and no cookie. Nothing else is touched.
"""

import gzip
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from queue import SimpleQueue
from typing import Any, Protocol
from weakref import ReferenceType, ref

import brotli
from django.conf import settings

from .caching import PAGE_CACHE, SHARED
from .middleware import constant_headers
from .page_files import PageFiles, etag
from .page_versions import UNCHECKED_SECONDS, Unreachable, Versions, VersionSource

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# In all, with all encodings: enough for some thousand pages, little beside a process.
MAX_BYTES = 48 * 2**20
MAX_PAGE_BYTES = 2 * 2**20
# Half as dear as 5 and 6 % larger, which matters little for a page that is new.
BROTLI_QUALITY = 4
# A fifth smaller, for as much as rendering the page several times: for pages that live.
BROTLI_BEST = 11
SQUEEZE_AFTER = 2.0  # seconds
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=BROTLI_QUALITY),
}
# Query strings that pages are made for. Any other goes to Django and is not kept, so
# that invented ones cannot fill the memory. nginx is told the same.
KNOWN_QUERY = (
    r"(?:(?:order=(?:newest|oldest|flat|passages|disputes)|(?:before|after|since)=\d{1,8})"
    r"(?:&(?!$)|$)){1,3}"
)
IS_KNOWN_QUERY = re.compile(KNOWN_QUERY).fullmatch
# Requests with a body, or with a wish of their own.
NOT_PLAIN = frozenset({"CONTENT-LENGTH", "TRANSFER-ENCODING", "EXPECT", "UPGRADE"})
VARY = "Accept-Encoding, Cookie"
NOT_MODIFIED_HEADERS = {"cache-control", "vary", "content-security-policy"}


@dataclass
class Answer:
    """What a request gets: for WSGI, and as it goes over the wire."""

    status: str
    headers: Headers
    body: bytes

    @cached_property
    def head(self) -> bytes:
        """The status and the headers, a line each."""
        lines = [self.status, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1")


class Page:
    """One kept answer: its bytes in each encoding, and what it depends on."""

    def __init__(self, headers: Headers, body: bytes, slot: "Slot") -> None:
        self.tags = slot.tags or ()
        self.versions = slot.versions
        self.until = slot.until
        self.checked = time.monotonic()
        own = {"etag", "content-length", "vary"}
        self.headers = [h for h in headers if h[0].lower() not in own]
        self.headers.append(("Vary", VARY))
        self.not_modified = [
            h for h in self.headers if h[0].lower() in NOT_MODIFIED_HEADERS
        ]
        self.body = body
        # For each encoding an ETag, the page with it, and what is said to who has it.
        self.answers: dict[str, tuple[str, Answer, Answer]] = {}
        # With all encodings, as nearly as can be known before somebody asks for them.
        self.size = len(body) * 3 // 2

    @property
    def encoded(self) -> dict[str, bytes]:
        """Its bytes in every encoding."""
        return {name: self.choose(name, None).body for name in COMPRESS}

    def choose(self, accepted: str, known: str | None) -> Answer:
        """For a reader who accepts these encodings, and has what If-None-Match says.

        Compressed when somebody first asks for it: most readers ask for the same.
        """
        encoding = "br" if "br" in accepted else "gzip" if "gzip" in accepted else ""
        found = self.answers.get(encoding)
        if found is None:
            found = self._encode(encoding, COMPRESS[encoding](self.body))
        etag, whole, unchanged = found
        return unchanged if known and etag in known else whole

    def squeeze(self) -> None:
        """Compress it as well as can be."""
        self._encode("br", brotli.compress(self.body, quality=BROTLI_BEST))

    def _encode(self, encoding: str, data: bytes) -> tuple[str, Answer, Answer]:
        tag = etag(data)
        headers = [*self.headers, ("ETag", tag), ("Content-Length", str(len(data)))]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        whole = Answer("200 OK", headers, data)
        unchanged = Answer("304 Not Modified", [*self.not_modified, ("ETag", tag)], b"")
        found = self.answers[encoding] = tag, whole, unchanged
        return found

    def give(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        answer = self.choose(accepted, environ.get("HTTP_IF_NONE_MATCH"))
        start_response(answer.status, answer.headers)
        is_whole = answer.body and environ["REQUEST_METHOD"] == "GET"
        return (answer.body,) if is_whole else ()


class Request(Protocol):
    """What gunicorn has read of one (gunicorn.http.message); header names in capitals."""

    method: str
    version: tuple[int, int]
    scheme: str
    path: str
    query: str
    headers: list[tuple[str, str]]


class Slot:
    """Where a view that is being rendered says what its page depends on."""

    def __init__(self, source: VersionSource) -> None:
        self.source = source
        self.tags: tuple[str, ...] | None = None
        self.versions: Versions = ()
        self.until = float("inf")
        self.is_cut_off = False

    def depends_on(self, tags: Iterable[str]) -> None:
        """Note the tags and their present versions. Call it before rendering."""
        named = tuple(tags)
        try:
            self.versions = self.source.current(named)
            self.until = self.source.next_bump(named) or float("inf")
        except Unreachable:
            self.is_cut_off = True
            return
        self.tags = named


class PageCache:
    """The WSGI application that answers readers from memory where it can.

    `hosts`: the Host headers that pages are kept for; `session_cookies`: names of the
    cookies whose bearer always gets a page of their own; `files`: where nginx looks for
    pages before it asks here.
    """

    def __init__(
        self,
        application: Application,
        source: VersionSource,
        hosts: Iterable[str],
        session_cookies: Iterable[str],
        files: PageFiles | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.application = application
        self.source = source
        self.hosts = frozenset(hosts)
        self.our_cookies = tuple(f"{name}=" for name in session_cookies)
        self.files = files
        self.max_bytes = max_bytes
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self.bytes = 0
        self.changing = threading.Lock()
        self.rendering: dict[str, tuple[threading.Lock, int]] = {}
        self.young: SimpleQueue[tuple[float, ReferenceType[Page]]] = SimpleQueue()

    def squeeze(self) -> None:
        """Compress pages better when they have lived for a while: for ever, in a thread.

        So a first visit takes one round trip, and a page that every post renders anew
        costs no more than before.
        """
        while True:
            self.squeeze_next()

    def squeeze_next(self) -> None:
        kept_at, found = self.young.get()
        time.sleep(max(0, kept_at + SQUEEZE_AFTER - time.monotonic()))
        if (page := found()) is not None:
            page.squeeze()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        key = self._key(environ)
        if key is None:
            return self.application(environ, start_response)
        if page := self._fresh(key):
            self._place(page, environ)
            return page.give(environ, start_response)
        with self._alone(key):
            if page := self._fresh(key):
                return page.give(environ, start_response)
            return self._render(key, environ, start_response)

    def ready(self, request: Request) -> Answer | None:
        """The answer to a request that gunicorn has only read, if a page is kept for it.

        None for whatever is less plain than nearly all requests for a page are: the same
        answer, or another one, then comes by WSGI. With page files, a page that nginx
        asks for must also be placed, and does so there.
        """
        given = dict(request.headers)
        if (
            self.files
            or request.method != "GET"
            or request.version != (1, 1)
            or len(given) < len(request.headers)
            or not NOT_PLAIN.isdisjoint(given)
            or "%" in request.path
            or self._is_personal(given.get("COOKIE"))
        ):
            return None
        site = f"{request.scheme}://{given.get('HOST')}"
        if page := self._fresh(f"{site}{request.path}?{request.query}"):
            accepted = given.get("ACCEPT-ENCODING", "")
            return page.choose(accepted, given.get("IF-NONE-MATCH"))
        return None

    def _is_personal(self, cookies: str | None) -> bool:
        return cookies is not None and any(ours in cookies for ours in self.our_cookies)

    def _key(self, environ: Environ) -> str | None:
        """What a page is kept under, or none when this request is not a plain reader's."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        if self._is_personal(environ.get("HTTP_COOKIE")):
            return None
        scheme, host, path, query = _address(environ)
        if host not in self.hosts or (query and not IS_KNOWN_QUERY(query)):
            return None
        return f"{scheme}://{host}{path}?{query}"

    def _fresh(self, key: str) -> Page | None:
        page = self.pages.get(key)
        if page is None or page.until <= time.time():
            return None
        try:
            if self.source.current(page.tags) != page.versions:
                return None
        except Unreachable:
            age = time.monotonic() - page.checked
            return page if age < UNCHECKED_SECONDS else None
        page.checked = time.monotonic()
        # Another thread may just have put it out; it is fresh all the same.
        with suppress(KeyError):
            self.pages.move_to_end(key)
        return page

    def _render(
        self, key: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        slot = environ[PAGE_CACHE] = Slot(self.source)
        # Rendered and kept whole, also when this reader asks only for the head.
        method, environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"], "GET"
        begun: list[Any] = []
        chunks = self.application(environ, lambda *args: begun.extend(args))
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        environ["REQUEST_METHOD"] = method
        status, headers = begun[0], begun[1]
        if self._may_keep(status, headers, body, slot):
            page = Page(headers, body, slot)
            self._keep(key, page)
            self._place(page, environ)
            return page.give(environ, start_response)
        if slot.is_cut_off and (last := self._last(environ, slot)):
            return last.give(environ, start_response)
        start_response(status, headers)
        return (body,) if method == "GET" else ()

    def _place(self, page: Page, environ: Environ) -> None:
        """Give nginx the page that it did not find."""
        if self.files and (link := self.files.link_of(*_address(environ))):
            self.files.place(link, page, self.source)

    def _last(self, environ: Environ, slot: Slot) -> Page | None:
        """What another process had given nginx, when we cannot make it."""
        link = self.files and self.files.link_of(*_address(environ))
        if self.files and link and (body := self.files.last(link)):
            return Page([*self.files.headers.items()], body, slot)
        return None

    @staticmethod
    def _may_keep(status: str, headers: Headers, body: bytes, slot: Slot) -> bool:
        given = {name.lower(): value for name, value in headers}
        return (
            slot.tags is not None
            and status.startswith("200")
            and len(body) <= MAX_PAGE_BYTES
            and given.get("cache-control", "").startswith("public")
            and "set-cookie" not in given
            and "etag" in given
            and "content-encoding" not in given
        )

    def _keep(self, key: str, page: Page) -> None:
        with self.changing:
            old = self.pages.pop(key, None)
            self.bytes += page.size - (old.size if old else 0)
            self.pages[key] = page
            self.young.put((time.monotonic(), ref(page)))
            while self.bytes > self.max_bytes and self.pages:
                _, least_used = self.pages.popitem(last=False)
                self.bytes -= least_used.size

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """One render at a time per page; the others wait and take what came of it."""
        with self.changing:
            lock, waiting = self.rendering.get(key, (threading.Lock(), 0))
            self.rendering[key] = (lock, waiting + 1)
        try:
            with lock:
                yield
        finally:
            with self.changing:
                lock, waiting = self.rendering.pop(key)
                if waiting > 1:
                    self.rendering[key] = (lock, waiting - 1)


def _address(environ: Environ) -> tuple[str, str, str, str]:
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    return scheme, host, environ["PATH_INFO"], environ.get("QUERY_STRING", "")


def usual_headers() -> dict[str, str]:
    """What an ordinary page is sent with. nginx says the same of each page file."""
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": SHARED,
        "Vary": VARY,
        **constant_headers(settings.HTTPS),
    }
