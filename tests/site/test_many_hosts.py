"""Two hosts with one database: what one does, the other shows and counts.

Each host has its own address, processes, folders and way to PostgreSQL.
"""

import contextlib
import os
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from bench.data import members
from bench.load import fetch
from bench.servers import behind_nginx, gunicorn
from bench.writing import post
from tests.make import make_article
from tests.serving import (
    Postgres,
    Relay,
    database,
    environment,
    needs_nginx,
    needs_own_postgres,
)

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
}


@pytest.fixture
def path(db):
    return make_article("fascia").get_absolute_url()


@pytest.fixture
def relay():
    """The way of the second host to PostgreSQL."""
    relay = Relay(urlsplit(os.environ["DATABASE_URL"]).port or 5432)
    yield relay
    relay.cut()


def hosts(start, tmp_path, *more):
    """A running host for each of the environments, which differ from machine to machine."""
    shared = environment(tmp_path)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                start(
                    number,
                    **shared | own | {"RUNTIME_DIR": str(tmp_path / f"{number}")},
                )
            )
            for number, own in enumerate(more)
        ]


@pytest.fixture
def two(path, tmp_path):
    """gunicorn on two hosts."""
    yield from hosts(
        lambda _, **own: gunicorn("mfr_site.wsgi", **own), tmp_path, {}, {}
    )


@pytest.fixture
def two_with_files(path, tmp_path, relay):
    """Two hosts whose nginx serves files; the way of the second can be cut."""

    def start(number, **own):
        return behind_nginx(f"127.0.0.{2 + number}", **own)

    way = {"DATABASE_URL": database(relay.port)}
    yield from hosts(start, tmp_path, {}, way)


def seen(server, path, text):
    return text.encode() in fetch(server, path)[2]


def test_a_post_made_on_one_host_is_in_the_very_next_read_on_the_other(two, path):
    for number, cookie in enumerate(members(16)):
        here, there = two[:: 1 - 2 * (number % 2)]
        assert fetch(there, path)[0] == 200
        assert post(here, path, cookie, f"Said on one of two, {number}.") == 303
        assert seen(there, path, f"one of two, {number}.")


@pytest.mark.skipif(not settings.CACHE_URL, reason="CACHE_URL is not set")
def test_limits_hold_together(two, path):
    (member,) = members(1)
    answers = [post(host, path, member, f"Said at {host.port}.") for host in two]
    assert answers == [303, 429]


@needs_nginx
@pytest.mark.postgres
def test_files_are_removed_on_the_other_host_within_a_second(two_with_files, path):
    (here, _, _), (there, _, folder) = two_with_files
    for number, cookie in enumerate(members(5)):
        placed(there, path, folder)
        assert post(here, path, cookie, f"Heard of, {number}.") == 303
        within_a_second(lambda said=f"Heard of, {number}.": seen(there, path, said))


@needs_nginx
@pytest.mark.postgres
def test_when_the_way_breaks_files_are_off_and_then_catch_up(
    two_with_files, path, relay
):
    (here, _, _), (there, _, folder) = two_with_files
    (cookie,) = members(1)
    placed(there, path, folder)
    relay.cut()
    within_a_second(lambda: not served(folder))
    # Nobody there hears of it.
    assert post(here, path, cookie, "Said while the way was cut.") == 303
    relay.mend()
    for _ in range(100):
        if served(folder):
            break
        time.sleep(0.05)
    assert seen(there, path, "Said while the way was cut.")


def placed(front, path, folder):
    for _ in range(100):
        fetch(front, path)
        if any(link.exists() for link in folder.glob(f"current/pages/*{path}@")):
            return
        time.sleep(0.02)
    raise AssertionError("No page was placed.")


def served(folder):
    """Whether nginx finds anything in the folder at this moment."""
    return (folder / "current" / "now" / str(int(time.time() * 10))).exists()


def within_a_second(holds):
    last = time.monotonic() + 1
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.01)


def test_no_request_needs_redis(path, tmp_path):
    """TRUST R5: nobody listens at that port, and a limit holds all the same."""
    away = {"CACHE_URL": "redis://127.0.0.1:1/0", "WEB_CONCURRENCY": "1"}
    with gunicorn("mfr_site.wsgi", **environment(tmp_path) | away) as host:
        assert fetch(host, path)[0] == 200
        form = "login=nobody&password=a+long+password"
        assert fetch(host, "/accounts/login/", "POST", form, **FORM)[0] == 200
        assert fetch(host, "/search/?q=fascia")[0] == 200
        (member,) = members(1)
        answers = [post(host, path, member, f"Said without it, {n}.") for n in "12"]
        assert answers == [303, 429]


@needs_nginx
@needs_own_postgres
@pytest.mark.postgres
def test_postgresql_crashes_and_comes_back(path, tmp_path_factory, tmp_path):
    """TRUST R6: kept pages go on, a text is given back, and all is well by itself."""
    cookies = iter(members(50))
    folder = tmp_path_factory.mktemp("postgres")
    for above in (folder, *folder.parents[:3]):
        above.chmod(above.stat().st_mode | 0o011)
    postgres = Postgres(folder)
    shared = environment(tmp_path, DATABASE_URL=postgres.url)
    try:
        with behind_nginx(**shared) as (front, _, files):
            placed(front, path, files)
            postgres.stop()
            for _ in range(12):
                assert fetch(front, path)[0] == 200
            assert fetch(front, "/articles/")[0] == 503
            assert fetch(front, "/healthz")[0] == 503
            form = "body=Nothing+of+this+is+lost.&as=anonymous"
            status, _, page = fetch(front, f"{path}posts/", "POST", form, **FORM)
            assert status == 503
            assert b"\nNothing of this is lost.</textarea>" in page

            postgres.start()
            for cookie in cookies:
                if post(front, path, cookie, "Said when it was back.") == 303:
                    break
                time.sleep(0.1)
            for _ in range(4):
                assert seen(front, path, "Said when it was back.")
                assert fetch(front, "/healthz")[0] == 200
    finally:
        postgres.stop()
