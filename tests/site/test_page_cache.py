"""The page cache alone: a stand-in for Django behind it, and versions we turn by hand."""

import gzip
import threading
import time

import brotli
import pytest

from mfr_site import page_cache
from mfr_site.caching import PAGE_CACHE
from mfr_site.page_cache import PageCache
from mfr_site.page_versions import Unreachable

HOST = "site.example"
BODY = b"<p>A page that compresses well. A page that compresses well.</p>" * 20


class Versions:
    """The rows of page versions, kept in a dictionary."""

    def __init__(self):
        self.rows = {}
        self.bump_at = None
        self.reachable = True

    def current(self, tags):
        if not self.reachable:
            raise Unreachable
        return tuple(self.rows.get(tag, 0) for tag in tags)

    def next_bump(self, tags):
        return self.bump_at

    def bump(self, tag):
        self.rows[tag] = self.rows.get(tag, 0) + 1


class Site:
    """A WSGI application whose every page says how often it was rendered."""

    def __init__(self):
        self.renders = 0
        self.body = BODY
        self.tags = ("article:fascia",)
        self.status = "200 OK"
        self.headers = {"Cache-Control": "public, max-age=0", "ETag": '"abc"'}
        self.while_rendering = lambda: None

    def __call__(self, environ, start_response):
        if PAGE_CACHE in environ and self.tags:
            environ[PAGE_CACHE].depends_on(self.tags)
        self.while_rendering()
        self.renders += 1
        start_response(self.status, list(self.headers.items()))
        return [self.body, f"render {self.renders}".encode()]


class Reader:
    def __init__(self, application):
        self.application = application

    def get(self, path="/articles/fascia/", query="", method="GET", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": HOST,
            "wsgi.url_scheme": "http",
            **headers,
        }
        begun = []
        body = b"".join(self.application(environ, lambda *args: begun.extend(args)))
        return begun[0], dict(begun[1]), body


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def versions():
    return Versions()


@pytest.fixture
def cache(site, versions):
    return PageCache(site, versions, hosts=[HOST], session_cookies=["session"])


@pytest.fixture
def reader(cache):
    return Reader(cache)


def test_a_page_is_rendered_once(site, reader):
    assert reader.get() == reader.get()
    assert site.renders == 1


def test_a_bump_of_its_tag_ends_a_page(site, reader, versions):
    reader.get()
    versions.bump("article:fascia")
    assert reader.get()[2].endswith(b"render 2")


def test_a_bump_of_another_tag_does_not(site, reader, versions):
    reader.get()
    versions.bump("article:rollers")
    reader.get()
    assert site.renders == 1


def test_a_render_that_overlaps_a_write_is_not_given_out_as_new(site, reader, versions):
    site.while_rendering = lambda: versions.bump("article:fascia")
    reader.get()
    site.while_rendering = lambda: None
    assert reader.get()[2].endswith(b"render 2")
    assert reader.get()[2].endswith(b"render 2")


def test_a_scheduled_change_ends_a_page_on_time(site, reader, versions):
    versions.bump_at = time.time() - 1
    reader.get()
    versions.bump_at = None
    assert reader.get()[2].endswith(b"render 2")


@pytest.mark.parametrize(
    ("accepted", "unpack"),
    [("", bytes), ("gzip, deflate", gzip.decompress), ("gzip, br", brotli.decompress)],
)
def test_each_encoding_carries_the_same_page(reader, accepted, unpack):
    status, headers, body = reader.get(HTTP_ACCEPT_ENCODING=accepted)
    assert status == "200 OK"
    assert unpack(body).startswith(BODY)
    assert headers["Content-Length"] == str(len(body))
    assert headers["Vary"] == "Accept-Encoding, Cookie"


def test_a_page_is_compressed_as_it_is_asked_for(cache, reader):
    reader.get(HTTP_ACCEPT_ENCODING="br")
    (page,) = cache.pages.values()
    assert [*page.answers] == ["br"]
    reader.get(HTTP_ACCEPT_ENCODING="gzip")
    assert [*page.answers] == ["br", "gzip"]


def test_a_reader_who_has_the_page_gets_304_without_a_body(site, reader):
    etag = reader.get(HTTP_ACCEPT_ENCODING="br")[1]["ETag"]
    status, headers, body = reader.get(
        HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=f"W/{etag}"
    )
    assert (status, body) == ("304 Not Modified", b"")
    assert headers["ETag"] == etag
    assert site.renders == 1


def test_head_gives_the_same_headers_and_no_body(reader):
    whole = reader.get()
    head = reader.get(method="HEAD")
    assert head[:2] == whole[:2]
    assert head[2] == b""


def test_head_first_keeps_the_whole_page(reader):
    reader.get(method="HEAD")
    assert reader.get()[2].startswith(BODY)


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST"},
        {"HTTP_COOKIE": "session=abc"},
        {"HTTP_COOKIE": "a=b; session=abc"},
        {"HTTP_HOST": "evil.example"},
        {"query": "utm_source=x"},
        {"query": "before=123456789"},
        {"query": "order=best"},
        {"query": "before=1&"},
        {"query": "a=1&before=1"},
    ],
)
def test_other_requests_pass_and_leave_nothing(site, cache, reader, request_):
    reader.get(**request_)
    reader.get(**request_)
    assert site.renders == 2
    assert not cache.pages


@pytest.mark.parametrize("query", ["order=flat", "before=57", "order=oldest&after=3"])
def test_known_questions_have_pages_of_their_own(site, cache, reader, query):
    reader.get()
    reader.get(query=query)
    reader.get(query=query)
    assert site.renders == 2
    assert len(cache.pages) == 2


def test_a_foreign_cookie_does_not_matter(site, reader):
    reader.get(HTTP_COOKIE="theme=dark")
    reader.get()
    assert site.renders == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "404 Not Found"},
        {"status": "500 Internal Server Error"},
        {"headers": {"Cache-Control": "private, no-store", "ETag": '"abc"'}},
        {"headers": {"Cache-Control": "public", "ETag": '"abc"', "Set-Cookie": "a=b"}},
        {"headers": {"Cache-Control": "public"}},
        {"tags": None},
    ],
)
def test_other_answers_are_not_kept(site, cache, reader, change):
    for name, value in change.items():
        setattr(site, name, value)
    first, second = reader.get(), reader.get()
    assert first[0] == second[0] == site.status
    assert site.renders == 2
    assert not cache.pages


def test_memory_is_bounded_and_the_least_read_page_goes_first(site, versions):
    cache = PageCache(site, versions, [HOST], ["session"], max_bytes=10_000)
    reader = Reader(cache)
    for number in range(30):
        reader.get("/hot/")
        reader.get(f"/page/{number}/")
    assert cache.bytes <= 10_000
    assert cache.bytes == sum(page.size for page in cache.pages.values())
    assert f"http://{HOST}/hot/?" in cache.pages
    assert f"http://{HOST}/page/0/?" not in cache.pages


def test_while_the_database_is_away_kept_pages_go_on(site, reader, versions):
    reader.get()
    versions.reachable = False
    assert reader.get()[0] == "200 OK"
    assert site.renders == 1


def test_while_the_database_is_away_nothing_new_is_kept(site, cache, reader, versions):
    versions.reachable = False
    reader.get()
    assert not cache.pages


def test_many_readers_of_a_dead_page_cause_one_render(site, reader):
    site.while_rendering = lambda: time.sleep(0.05)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(reader.get())) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.renders == 1
    assert len(answers) == 12
    assert all(answer == answers[0] for answer in answers)


def test_a_failing_render_does_not_hold_up_the_next(site, cache, reader):
    def fail():
        raise RuntimeError

    site.while_rendering = fail
    with pytest.raises(RuntimeError):
        reader.get()
    site.while_rendering = lambda: None
    assert reader.get()[0] == "200 OK"
    assert not cache.rendering


def test_a_page_that_lives_is_compressed_as_well_as_can_be(
    cache, reader, site, versions, monkeypatch
):
    monkeypatch.setattr(page_cache, "SQUEEZE_AFTER", 0)
    site.body = "".join(f"<p>Sentence {n * n} of many.</p>" for n in range(99)).encode()
    accepts = {"HTTP_ACCEPT_ENCODING": "br"}
    reader.get(**accepts)
    versions.bump("article:fascia")
    _, before, quick = reader.get(**accepts)
    cache.squeeze_next()  # the first page, which is dead
    assert reader.get(**accepts)[2] == quick
    cache.squeeze_next()

    _, after, best = reader.get(**accepts)

    assert len(best) < len(quick)
    assert brotli.decompress(best) == brotli.decompress(quick)
    assert int(after["Content-Length"]) == len(best)
    assert after["ETag"] != before["ETag"]
    known = {**accepts, "HTTP_IF_NONE_MATCH": after["ETag"]}
    assert reader.get(**known)[0].startswith("304")
    assert site.renders == 2
