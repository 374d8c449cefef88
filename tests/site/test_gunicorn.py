"""How gunicorn serves the site: what it sends by itself, and which cores it keeps to."""

import http.client
import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

from bench.servers import gunicorn
from mfr_site.page_cache import PageCache
from tests.make import make_article, make_post
from tests.serving import environment

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def path(db):
    article = make_article("fascia")
    make_post(article)
    return article.get_absolute_url()


@pytest.fixture
def site(path, tmp_path):
    with gunicorn("mfr_site.wsgi", **environment(tmp_path)) as site:
        yield site


def ask(connection, path, method="GET", **headers):
    """Status, headers as they came but for the date, and body."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={**BROWSER, **given})
    answer = connection.getresponse()
    said = [(name, value) for name, value in answer.getheaders() if name != "Date"]
    assert [name for name, _ in answer.getheaders()].count("Date") == 1
    return answer.status, said, answer.read()


def ask_by_wsgi(connection, path, **headers):
    """The same with a header that comes twice, which is not plain."""
    connection.putrequest("GET", path, skip_accept_encoding=True)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in (BROWSER | given).items():
        connection.putheader(name, value)
    connection.putheader("X-Twice", "1")
    connection.putheader("X-Twice", "1")
    connection.endheaders()
    answer = connection.getresponse()
    said = [(name, value) for name, value in answer.getheaders() if name != "Date"]
    return answer.status, said, answer.read()


def test_what_is_sent_as_it_lies_is_what_comes_by_wsgi(site, path):
    with closing(http.client.HTTPConnection(site.host, site.port)) as connection:
        for _ in range(16):  # each process keeps it
            _, said, _ = ask(connection, path)
        for more, headers in (
            ("", {}),
            ("", {"Accept_Encoding": "gzip"}),
            ("", {"Accept_Encoding": "identity"}),
            ("", {"If_None_Match": '"another"'}),
            ("", {"If_None_Match": dict(said)["ETag"]}),
            ("", {"Cookie": "theme=dark"}),
            ("?order=oldest", {}),
        ):
            for _ in range(4):
                by_wsgi = ask_by_wsgi(connection, path + more, **headers)
                ready = ask(connection, path + more, **headers)
                assert (ready[0], ready[2]) == (by_wsgi[0], by_wsgi[2])
                assert sorted(ready[1]) == sorted(by_wsgi[1])


def test_a_connection_goes_on_and_ends_as_the_reader_asks(site, path):
    with closing(http.client.HTTPConnection(site.host, site.port)) as connection:
        for _ in range(8):
            status, said, body = ask(connection, path)
        assert (status, dict(said)["Connection"]) == (200, "keep-alive")
        status, heads, nothing = ask(connection, path, method="HEAD")
        assert (status, sorted(heads), nothing) == (200, sorted(said), b"")
        status, said, again = ask(connection, path, Connection="close")
        assert (status, dict(said)["Connection"], again) == (200, "close", body)
        assert connection.sock is None


def test_requests_sent_at_once_are_answered_one_after_the_other(site, path):
    one = f"GET {path} HTTP/1.1\r\nHost: {site.host}:{site.port}\r\n"
    asked = f"{one}\r\n{one}\r\n{one}Connection: close\r\n\r\n"
    for _ in range(4):
        with socket.create_connection((site.host, site.port)) as connection:
            connection.sendall(asked.encode())
            with connection.makefile("rb") as answers:
                said = answers.read()
        assert said.count(b"HTTP/1.1 200 OK\r\n") == 3
        assert said.count(b"</html>") == 3


def test_an_access_log_has_every_page(path, tmp_path):
    log = tmp_path / "log"
    more = environment(tmp_path, GUNICORN_CMD_ARGS=f"--access-logfile {log}")
    with (
        gunicorn("mfr_site.wsgi", **more) as site,
        closing(http.client.HTTPConnection(site.host, site.port)) as connection,
    ):
        for _ in range(12):
            assert ask(connection, path)[0] == 200
    assert log.read_text().count(f'"GET {path}" 200') == 12


class Read:
    """A request that gunicorn has read; with more than it had, or something else."""

    method, version, scheme, query = "GET", (1, 1), "http", ""
    path = "/articles/fascia/"

    def __init__(self, *headers, **other):
        self.headers = [("HOST", "testserver"), *headers]
        self.__dict__.update(other)


@pytest.fixture
def cache(client):
    """One with one page, whose versions never change."""

    class Source:
        def current(self, tags):
            return ()

        def next_bump(self, tags):
            return None

    def application(environ, start_response):
        environ["mfr_site.page_cache"].depends_on(["names"])
        start_response("200 OK", [("Cache-Control", "public"), ("ETag", '"x"')])
        return [b"<p>Kept."]

    cache = PageCache(application, Source(), ["testserver"], ["session"])
    asked = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http"}
    asked |= {"HTTP_HOST": "testserver", "PATH_INFO": Read.path, "QUERY_STRING": ""}
    assert cache(asked, lambda *_: None) == (b"<p>Kept.",)
    return cache


def test_a_plain_request_for_a_kept_page_is_answered(cache):
    assert cache.ready(Read()).body == b"<p>Kept."
    assert cache.ready(Read(("COOKIE", "theme=dark"))).body == b"<p>Kept."


@pytest.mark.parametrize(
    "request_",
    [
        Read(method="HEAD"),
        Read(method="POST"),
        Read(version=(1, 0)),
        Read(scheme="https"),
        Read(path="/articles/other/"),
        Read(path="/articles/%66ascia/"),
        Read(query="order=oldest"),
        Read(headers=[]),
        Read(headers=[("HOST", "elsewhere")]),
        Read(("HOST", "testserver")),
        Read(("COOKIE", "a=1"), ("COOKIE", "session=1")),
        Read(("COOKIE", "a=1; session=of-maya")),
        Read(("CONTENT-LENGTH", "3")),
        Read(("TRANSFER-ENCODING", "chunked")),
        Read(("EXPECT", "100-continue")),
        Read(("UPGRADE", "h2c")),
    ],
    ids=lambda request: repr(vars(request)),
)
def test_anything_else_goes_by_wsgi(cache, request_):
    assert cache.ready(request_) is None


def cores(pid):
    return os.sched_getaffinity(pid)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="not on this system")
def test_workers_have_a_core_each_where_there_are_no_more(path, tmp_path):
    ours = sorted(cores(0))
    if len(ours) < 2:
        pytest.skip("one core is for all")
    shared = environment(tmp_path)
    with gunicorn("mfr_site.wsgi", WEB_CONCURRENCY=str(len(ours)), **shared) as site:
        assert sorted(core for pid in site.workers() for core in cores(pid)) == ours
        for pid in site.workers():
            for task in Path(f"/proc/{pid}/task").iterdir():
                assert cores(int(task.name)) == cores(pid)
        assert cores(site.pid) == set(ours)
    with gunicorn("mfr_site.wsgi", WEB_CONCURRENCY="1", **shared) as site:
        (worker,) = site.workers()
        assert cores(worker) == set(ours)
