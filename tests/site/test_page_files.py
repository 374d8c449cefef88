"""Pages as files: what is placed, what ends them, and that no order of events leaves one old."""

import gzip
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings as live
from django.db import connection, transaction

from mfr_site import page_files, page_versions
from mfr_site.caching import bump
from mfr_site.page_cache import Page, Slot
from mfr_site.page_files import LEASE_TICKS, OVERHEAD, SPAN, PageFiles
from mfr_site.page_versions import Unreachable

pytestmark = pytest.mark.django_db(transaction=True)

SITE = ("https", "www.example.org")
HEADERS = {"Cache-Control": "public", "Vary": "Accept-Encoding, Cookie"}
PATH = "/articles/fascia/"
TAGS = ("article:fascia", "names")


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """The folder that every process of the test's site knows."""
    settings.PAGE_FILES = tmp_path / "pages"
    return settings.PAGE_FILES


@pytest.fixture
def source():
    source = page_versions.source()
    yield source
    source.close()


def generation(folder, number=1):
    files = PageFiles(folder, str(number), SITE, "order=flat|before=[0-9]+", HEADERS)
    files.start()
    return files


@pytest.fixture
def files(folder):
    return generation(folder)


@pytest.fixture
def rendered(source):
    """`rendered(body, tags)`: a page made now, with the versions of before."""

    def make(body=b"<p>As it was.", tags=TAGS):
        slot = Slot(source)
        slot.depends_on(tags)
        return Page([("Cache-Control", "public"), ("ETag", '"x"')], body, slot)

    return make


@pytest.fixture
def place(files, source, rendered):
    """`place(page)`: as a reader's request does. Answers where nginx looks."""

    def place(page=None, path=PATH, query=""):
        link = files.link_of(*SITE, path, query)
        files.place(link, page or rendered(), source)
        return link

    return place


def now_served(folder, path=PATH):
    """What nginx would give out at this moment, by the clock and the lease."""
    tick = int(time.time() * 10)
    file = folder / "current" / "now" / str(tick) / path[1:] / "@" / "page"
    return file.read_bytes() if file.exists() else None


# --- Placing ----------------------------------------------------------------------------


def test_a_page_is_there_in_each_encoding_with_the_etag_it_is_sent_with(
    place, rendered
):
    page = rendered(b"<p>Whole.")
    link = place(page)
    assert (link / "page").read_bytes() == b"<p>Whole."
    assert gzip.decompress((link / "page.gz").read_bytes()) == b"<p>Whole."
    for name, ending in page_files.ENDINGS.items():
        answer = page.choose(name, None)
        state = (link / ending).stat()
        size = len(answer.body)
        tag = f'"{int(state.st_mtime):x}-{size:x}"'
        assert (state.st_size, dict(answer.headers)["ETag"]) == (size, tag)


def test_nginx_looks_only_as_long_as_somebody_watches(files, place, folder):
    place()
    assert now_served(folder) is None
    files.renew()
    assert now_served(folder) == b"<p>As it was."
    lent = sorted(int(tick.name) for tick in (folder / "current" / "now").iterdir())
    assert len(lent) == LEASE_TICKS + 1
    assert lent[-1] - lent[0] < 10


def test_past_ticks_and_spans_are_dropped(files, place, time_machine):
    time_machine.move_to(1_900_000_000.0, tick=False)
    place()
    files.renew()
    time_machine.move_to(1_900_000_000.0 + SPAN, tick=False)
    files.renew()
    assert (
        [*(files.root / "pages").iterdir()] == [*(files.root / "files").iterdir()] == []
    )
    assert len([*(files.root / "now").iterdir()]) == LEASE_TICKS + 1


@pytest.mark.parametrize(
    ("site", "path", "query"),
    [
        (("http", "www.example.org"), PATH, ""),
        (("https", "www.example.org:80"), PATH, ""),
        (SITE, "/articles/fascia", ""),
        (SITE, "//articles/fascia/", ""),
        (SITE, "/articles/../fascia/", ""),
        (SITE, "/articles/Fascia/", ""),
        (SITE, "/sitemap.xml", ""),
        (SITE, "/@/", ""),
        (SITE, PATH, "utm_source=x"),
        (SITE, PATH, "order=flat&before=1"),
    ],
)
def test_nginx_does_not_look_for_other_addresses(files, site, path, query):
    assert files.link_of(*site, path, query) is None


def test_a_page_with_other_headers_is_left_to_the_site(place, rendered):
    page = rendered()
    page.headers.append(("X-Robots-Tag", "noindex"))
    assert not place(page).exists()


def test_a_page_that_changes_by_the_clock_is_left_to_the_site(place, rendered):
    page = rendered()
    page.until = (time.time() // SPAN + 1) * SPAN - 1
    assert not place(page).exists()
    page.until += SPAN
    assert place(page).exists()


def test_the_folder_is_bounded_and_half_of_it_is_for_pages_as_such(
    place, files, rendered, monkeypatch
):
    monkeypatch.setattr(page_files, "MAX_BYTES", 10 * (OVERHEAD + 1000))
    questions = [place(path=PATH, query=f"before={n}").exists() for n in range(9)]
    assert questions == [True] * 5 + [False] * 4
    assert [place(path=f"/{n}/").exists() for n in range(7)] == [True] * 5 + [False] * 2


def test_a_dead_page_makes_room_for_its_successor(place, files, rendered):
    place(rendered(b"<p>One."))
    taken = files.bytes
    bump("names")
    place(rendered(b"<p>Two."))
    assert files.bytes <= taken + 100
    assert len([*files.root.glob("files/*/*")]) == 1


# --- What ends a page -------------------------------------------------------------------


def test_a_bump_of_any_of_its_tags_ends_a_page_before_the_commit(place):
    for tag in TAGS:
        link = place()
        with transaction.atomic():
            assert link.exists()
            bump(tag)
            assert not link.exists()


def test_a_bump_ends_all_pages_of_its_tag_and_no_other(place, rendered):
    links = [place(path=f"/articles/fascia/posts/{n}/") for n in range(5)]
    other = place(rendered(tags=("article:rollers", "names")), "/articles/rollers/")
    bump("article:fascia")
    assert [link.exists() for link in (*links, other)] == [False] * 5 + [True]


def test_a_page_rendered_before_a_write_is_not_placed_after_it(place, rendered):
    before = rendered()
    bump("article:fascia")
    assert not place(before).exists()


def in_a_thread(act, source):
    """Run it as another request would, on a connection of its own."""
    thread = threading.Thread(target=lambda: (act(), source.close()))
    thread.start()
    thread.join()


def test_nothing_is_placed_while_a_writer_is_at_work(place, rendered, source):
    page, links = rendered(), []
    with transaction.atomic():
        bump("article:fascia")
        in_a_thread(lambda: links.append(place(page)), source)
        assert not links[0].exists()
    assert not links[0].exists()


def test_a_write_that_was_rolled_back_ends_nothing_for_good(place):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        bump("article:fascia")
        raise ZeroDivisionError
    assert place().exists()


def test_a_page_of_an_old_version_never_comes_back(place, rendered):
    old = place(path="/articles/fascia/old/")
    bump("article:fascia")
    assert place(path="/articles/fascia/new/").exists()
    assert not old.exists()


def test_a_placing_whose_lock_was_lost_is_undone(files, source, rendered, monkeypatch):
    page, link = rendered(), files.link_of(*SITE, PATH, "")
    settled = source.settled

    class Lost:
        def __init__(self, tags):
            self.block = settled(tags)

        def __enter__(self):
            return self.block.__enter__()

        def __exit__(self, *error):
            assert link.exists()
            self.block.__exit__(*error)
            raise Unreachable

    monkeypatch.setattr(source, "settled", Lost)
    files.place(link, page, source)
    assert not link.exists()


def test_a_generation_begins_empty_and_a_former_one_is_out_of_sight(
    place, files, folder
):
    place()
    files.renew()
    young = generation(folder, 2)
    young.renew()
    assert now_served(folder) is None
    place(path="/articles/")
    assert now_served(folder, "/articles/") is None
    generation(folder, 1)
    assert os.readlink(folder / "current") == "2"


# --- Killed processes -------------------------------------------------------------------


def killed(act):
    """Run it in a process of its own, which it does not survive."""
    connection.close()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_killed_right_after_its_commit_leaves_no_old_page(place, rendered):
    link, before = place(), rendered()

    def write():
        with transaction.atomic():
            bump("article:fascia")
            transaction.on_commit(die)

    killed(write)
    assert not link.exists()
    assert not place(before).exists()
    assert place().exists()


def test_a_writer_killed_before_its_commit_leaves_the_lock_to_nobody(place):
    def write():
        with transaction.atomic():
            bump("article:fascia")
            die()

    killed(write)
    # PostgreSQL has to notice that nobody is there any more.
    for _ in range(100):
        if (link := place()).exists():
            break
        time.sleep(0.02)
    assert link.exists()


@pytest.mark.postgres
def test_a_commit_that_outlives_its_process_leaves_no_old_page(place, rendered, source):
    """The server goes on with what it was told, also when the client is dead."""
    before = rendered()

    def write():
        with transaction.atomic():
            bump("article:fascia")
            connection.connection.pgconn.send_query(b"SELECT pg_sleep(0.6); COMMIT")
            die()

    killed(write)
    assert not place(before).exists()
    while source.current(TAGS) == before.versions:
        assert not place(before).exists()
        time.sleep(0.02)
    assert not place(before).exists()


# --- The watch --------------------------------------------------------------------------


def bump_without_the_folder(tag):
    """What another host does, or a command that was not told of the folder."""
    known, live.PAGE_FILES = live.PAGE_FILES, None
    try:
        bump(tag)
    finally:
        live.PAGE_FILES = known


def test_a_watcher_ends_what_was_changed_elsewhere(place, files, source):
    source.changes(0)
    link = place()
    bump_without_the_folder("names")
    assert link.exists()
    files.compare(source, source.changes(0.2))
    assert not link.exists()


def test_a_watcher_that_begins_or_begins_again_trusts_no_file(place, files, source):
    link = place()
    bump_without_the_folder("names")
    files.compare(source, source.changes(0))
    assert not link.exists()


def test_what_did_not_change_stays(place, files, source):
    source.changes(0)
    link = place()
    bump("article:rollers")
    files.compare(source, source.changes(0.2))
    assert link.exists()


def test_a_watcher_that_hears_nothing_lends_nothing(files, monkeypatch):
    class Silent:
        def changes(self, seconds):
            if not files.waits:
                raise KeyboardInterrupt
            files.waits.pop()
            raise Unreachable

    files.waits = [1, 2]
    monkeypatch.setattr(page_files, "WAKE", 0)
    with pytest.raises(KeyboardInterrupt):
        files.watch(Silent())
    assert [*(files.root / "now").iterdir()] == []


def test_the_last_page_is_known_while_the_database_is_away(place, files):
    link = place()
    assert files.last(link) is None
    files.confirmed = time.monotonic()
    assert files.last(link) == b"<p>As it was."
    assert files.last(Path("/nowhere")) is None
