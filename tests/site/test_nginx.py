"""nginx itself, with the configuration it is deployed with, in front of real workers."""

import contextlib
import gzip
import http.client
import os
import re
import secrets
import signal
import socket
import threading
import time

import brotli
import pytest

from bench.data import members
from bench.load import fetch
from bench.servers import behind_nginx, folder_in_memory
from bench.writing import post
from mfr_site.models import PageVersion
from tests.make import make_article
from tests.serving import environment, needs_nginx

pytestmark = [
    needs_nginx,
    pytest.mark.server,
    pytest.mark.django_db(transaction=True),
]
UNPACK = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
# Of one answer, and not of the page.
OF_THE_MOMENT = {"Date", "Server", "Connection"}


@pytest.fixture(scope="module")
def running(django_db_setup, tmp_path_factory):
    with behind_nginx(**environment(tmp_path_factory.mktemp("run"))) as running:
        yield running


@pytest.fixture
def article():
    # The tests share their hosts: none must meet a page of another.
    for tag in ("articles", "discussion", "names"):
        PageVersion.objects.create(tag=tag, version=secrets.randbelow(2**40))
    return make_article(f"fascia-{secrets.token_hex(4)}")


@pytest.fixture
def host(article, running):
    """One host: what the world sees, what is behind it, and the folder between them."""
    return running


@pytest.fixture
def path(article):
    return article.get_absolute_url()


def the_same(answer):
    status, headers, body = answer
    return status, {k: v for k, v in headers.items() if k not in OF_THE_MOMENT}, body


def placed(host, path):
    """Ask until the page is a file that nginx looks at now. Answers its folder."""
    front, _, folder = host
    for _ in range(100):
        fetch(front, path)
        for link in folder.glob(f"current/pages/*{path}@"):
            if link.exists():
                return link
        time.sleep(0.02)
    raise AssertionError("No page was placed.")


def mark(host, path):
    """Let the file say that it is one, so that a test sees who answers."""
    for file in placed(host, path).iterdir():
        file.write_bytes(b"from the file")


def comes_from_file(host, path, **headers):
    """Whether nginx itself answers.

    Files may always be dropped or be out of sight for a moment: the watcher, late on a
    busy machine, closes a gate that it need not close. So more than one look.
    """
    for _ in range(20):
        mark(host, path)
        if fetch(host[0], path, **headers)[2] == b"from the file":
            return True
    return False


def test_a_file_is_sent_with_the_headers_of_the_page(host, path):
    front, app, _ = host
    link = placed(host, path)
    at = {"Host": f"127.0.0.1:{front.port}"}
    for encoding, unpack in UNPACK.items():
        asked = {"Accept-Encoding": encoding}
        page = the_same(fetch(front, path, **asked))
        assert page == the_same(fetch(app, path, **asked, **at))
        assert unpack(page[2]) == (link / "page").read_bytes()
        head = the_same(fetch(front, path, "HEAD", **asked))
        assert head == (200, page[1], b"")

        known = {"If-None-Match": page[1]["ETag"], **asked}
        status, headers, body = fetch(front, path, **known)
        told = fetch(app, path, **known, **at)[1]
        assert (status, body) == (304, b"")
        assert headers["ETag"] == page[1]["ETag"]
        assert told.items() - headers.items() <= {("Server", "gunicorn")} | {
            item for item in told.items() if item[0] in OF_THE_MOMENT
        }
    assert comes_from_file(host, path)


def test_what_a_reader_without_a_session_does_not_send_goes_to_the_site(host, path):
    front, app, _ = host
    mark(host, path)
    for method, asked, headers in (
        ("GET", path, {"Cookie": "session=abc"}),
        ("GET", path, {"Cookie": "a=b; post-key=abc"}),
        ("GET", path, {"Cookie": "csrf=abc"}),
        ("GET", path, {"Host": f"localhost:{app.port}"}),
        ("GET", f"{path}?utm_source=x", {}),
        ("GET", f"{path}?order=flat", {}),
        ("GET", f"{path}?", {}),
        ("GET", f"/{path}", {}),
        ("GET", f"/x/..{path}", {}),
        ("GET", f"{path}x.css", {}),
        ("GET", path.replace("f", "%66", 1), {}),
        ("POST", path, {}),
        ("OPTIONS", path, {}),
        ("GET", "/@now/1/articles/@/page", {}),
    ):
        answer = fetch(front, asked, method, **headers)
        assert b"from the file" not in answer[2], (method, asked, headers)
    assert comes_from_file(host, path, Cookie="theme=dark")


def test_nothing_a_client_sends_gets_into_the_next_clients_page(host, path):
    """TRUST A13: headers and cookies that do not name the page do not change it."""
    front, _, _ = host
    clean = fetch(front, "/articles/")[2]
    names = (
        "X-Forwarded-Host X-Forwarded-For X-Forwarded-Proto X-Forwarded-Port "
        "X-Forwarded-Scheme X-Forwarded-Prefix X-Host X-Original-URL X-Rewrite-URL "
        "X-Real-IP X-HTTP-Method-Override X-Method-Override X-Requested-With Forwarded "
        "Via Accept Accept-Language Accept-Charset User-Agent Referer Origin Range "
        "If-Modified-Since If-Range Sec-Fetch-Site Cache-Control Pragma Cookie "
        "X-Theme X-Script-Name"
    )
    for name in names.split():
        fetch(front, path, **{name: "evil.example"})
        for method in ("GET", "HEAD"):
            answer = fetch(front, "/articles/", method, **{name: "evil.example"})
            assert b"evil.example" not in answer[2], name
    for parameter in (";x=evil.example", "?x=evil.example", "?order=evil.example"):
        fetch(front, f"/articles/{parameter}")
    for missing in ("/articles/evil.example/", "/articles/evil/", f"{path}x.css"):
        assert fetch(front, missing)[0] == 404
        assert fetch(front, missing, Cookie="session=x")[0] == 404
    answer = fetch(front, "/articles/")
    assert answer[2] == clean
    assert "Set-Cookie" not in answer[1]
    assert b"evil.example" not in fetch(front, path)[2]


def test_a_post_that_was_answered_is_in_everybodys_next_read(host, path):
    front, _, _ = host
    for number, cookie in enumerate(members(12)):
        if number % 3:
            placed(host, path)
        text = f"What helped me, number {number}."
        assert post(front, path, cookie, text) == 303
        for _ in range(3):
            assert text.encode() in fetch(front, path)[2]


@contextlib.contextmanager
def readers(front, path, count=3):
    """Readers who ask without a pause. Gives the status of each answer, and its page."""
    answers, going = [], threading.Event()
    going.set()

    def read():
        mine = []
        while going.is_set():
            try:
                status, _, page = fetch(front, path)
            except (OSError, http.client.HTTPException) as error:
                status, page = repr(error), b""
            mine.append((status, page))
        answers.extend(mine)

    threads = [threading.Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        going.clear()
        for thread in threads:
            thread.join()


def test_readers_beside_writers_never_see_a_post_vanish(host, path):
    """TRUST R18, small: `python -m bench` has the storm."""
    front, _, _ = host
    with readers(front, path, count=1) as answers:
        for number, cookie in enumerate(members(20)):
            assert post(front, path, cookie, f"In the storm, number {number}.") == 303
    counts = [len(re.findall(rb'id="post-\d+"', page)) for _, page in answers]
    assert {status for status, _ in answers} == {200}
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_reload_under_load_loses_nothing(host, path):
    front, app, folder = host
    generation = os.readlink(placed(host, path).parents[4])
    with readers(front, path) as answers:
        os.kill(app.pid, signal.SIGHUP)
        statuses = {
            post(front, path, cookie, f"Written while it was reloaded, {number}.")
            for number, cookie in enumerate(members(20))
        }
        while os.readlink(folder / "current") == generation:
            time.sleep(0.02)
    assert statuses == {303}
    assert {status for status, _ in answers} == {200}
    page = fetch(front, path)[2].decode()
    assert all(f"reloaded, {number}." in page for number in range(20))


def test_without_its_workers_the_files_are_off_within_a_second(host, path):
    _, app, folder = host
    mark(host, path)
    workers = [pid for pid in app.processes() if pid != app.pid]
    for pid in [app.pid, *workers]:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(1)
        tick = str(int(time.time() * 10))
        assert not (folder / "current" / "now" / tick).exists()
    finally:
        for pid in [app.pid, *workers]:
            os.kill(pid, signal.SIGCONT)


def test_slow_clients_take_nothing_from_others(host, path):
    """TRUST R17, small: heads, bodies and answers that never come to their end."""
    front, _, _ = host
    with contextlib.ExitStack() as slow:
        for number in range(120):
            client = slow.enter_context(
                socket.create_connection(("127.0.0.1", front.port))
            )
            client.sendall(
                [
                    b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
                    b"POST %sposts/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                    b"Content-Length: 100000\r\n\r\nbody="
                    % (path.encode(), front.port),
                    b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n"
                    % (path.encode(), front.port),
                ][number % 3]
            )
        (cookie,) = members(1)
        assert post(front, path, cookie, "Nobody slow stopped this post.") == 303
        assert fetch(front, "/articles/", Cookie="session=x")[0] == 200


def test_who_asks_is_what_nginx_saw_and_is_written_nowhere(path, tmp_path):
    """Two writers without account from one line, whatever they claim, are one network."""
    shared = environment(tmp_path)
    with behind_nginx(files=False, **shared) as (front, app, _):
        answers = [
            fetch(
                front,
                f"{path}posts/",
                "POST",
                f"body=I+have+a+question+number+{number}&as=anonymous",
                **{
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Sec-Fetch-Site": "same-origin",
                    "X-Forwarded-For": f"203.0.113.{number}",
                },
            )[0]
            for number in range(2)
        ]
        assert answers == [303, 429]
        os.kill(app.pid, signal.SIGTERM)
        for _ in range(100):
            status, headers, page = fetch(front, f"{path}?their=words")
            if status == 503:
                break
            time.sleep(0.05)
        assert (status, headers["Retry-After"]) == (503, "10")
        assert b"Away for a moment" in page
        log = front.log.read_text()
    assert re.search(r" 503 GET /articles \d", log)
    assert "127.0.0" not in log
    assert "words" not in log


def test_what_is_far_too_long_is_cut_off_before_it_reaches_the_site(host, path):
    front, _, _ = host
    length = {"Content-Length": str(50 * 2**20)}
    assert fetch(front, f"{path}posts/", "POST", "x", **length)[0] == 413


def test_pictures_and_static_files_are_nginxs_own(article, tmp_path, settings):
    with folder_in_memory() as data:
        picture = data / "media" / "pictures" / "fibre.svg"
        picture.parent.mkdir(parents=True)
        picture.write_text("<svg/>")
        shared = environment(tmp_path, DATA_DIR=str(data))
        with behind_nginx(files=False, **shared) as (front, app, _):
            at = {"Host": f"127.0.0.1:{front.port}"}
            _, ours, body = fetch(front, "/media/pictures/fibre.svg")
            theirs = fetch(app, "/media/pictures/fibre.svg", **at)[1]
            assert body == b"<svg/>"
            assert "Accept-Ranges" in ours
            assert "sandbox" in ours["Content-Security-Policy"]
            for name in (
                theirs.keys() - OF_THE_MOMENT - {"Last-Modified", "Content-Disposition"}
            ):
                assert sorted(ours[name].split(", ")) == sorted(
                    theirs[name].split(", ")
                )
            assert fetch(front, "/media/../site.sqlite3")[0] in {400, 404}
            assert fetch(front, "/media/none.svg")[0] == 404
            assert b"Myofascial" in fetch(front, "/static/none.css")[2]
