"""What must never happen, tried often: an old page, a lost post, a failed request.

    BENCH_CHECKS=10000 BENCH_POSTS=5000 BENCH_STORM=60 python -m bench trials

On PostgreSQL (DATABASE_URL) also between two hosts.
"""

import http.client
import itertools
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import quantiles

from django.db import connection

from articles.models import Article
from discussion.models import Post
from discussion.submission import new_token

from .data import article, members
from .load import fetch
from .servers import NGINX, Server, behind_nginx, gunicorn
from .table import say
from .writing import post

CHECKS = int(os.environ.get("BENCH_CHECKS", "10000"))
POSTS = int(os.environ.get("BENCH_POSTS", "5000"))
STORM = float(os.environ.get("BENCH_STORM", "60"))
WRITERS = 4
READS = 4
POSTERS = 8
KILLS_EVERY = 0.5
READERS, READS_PER_SECOND, POSTS_PER_SECOND = 8, 200, 10
RELOADS = 3
POST = re.compile(rb'id="post-(\d+)"')
BROKEN = (OSError, http.client.HTTPException)
numbers = itertools.count(1)


def measure() -> None:
    never_stale_everywhere()
    reloads()
    kills()
    storm()


# --- Read after write -------------------------------------------------------------------


def never_stale_everywhere() -> None:
    with gunicorn("mfr_site.wsgi") as site:
        never_stale("over two processes", site, site)
    if NGINX:
        with behind_nginx() as (front, _, _):
            never_stale("behind nginx, with files", front, front)
    if connection.vendor == "postgresql":
        with gunicorn("mfr_site.wsgi") as one, gunicorn("mfr_site.wsgi") as other:
            never_stale("over two hosts", one, other)


def never_stale(name: str, here: Server, there: Server) -> None:
    """Write here and read there, by WRITERS at once: each post must be in all READS."""
    addresses = [article(f"stale-{next(numbers)}") for _ in range(WRITERS)]
    cookies = members(CHECKS // READS)
    stale: list[str] = []

    def write(number: int, address: str) -> None:
        for cookie in cookies[number::WRITERS]:
            text = f"Said before {cookie[-12:]} is read."
            if post(here, address, cookie, text) != 303:
                raise RuntimeError("A post was refused.")
            for _ in range(READS):
                status, _, page = fetch(there, address)
                if status != 200:
                    raise RuntimeError(f"A reader got {status}.")
                if text.encode() not in page:
                    stale.append(text)

    started = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(write, *each) for each in enumerate(addresses)]:
            done.result()
    took = time.monotonic() - started
    checks = len(cookies) * READS
    say(
        f"read after write {name}: {checks:,} checks in {took:.0f} s, {len(stale)} stale"
    )


# --- Reloads and kills ------------------------------------------------------------------


def reloads() -> None:
    """Readers and writers without a pause, while gunicorn is reloaded."""
    address = article("reloads")
    with gunicorn("mfr_site.wsgi") as site, loaded(site, address) as counts:
        for _ in range(RELOADS):
            old = set(site.processes())
            os.kill(site.pid, signal.SIGHUP)
            while old & set(site.processes()) != {site.pid}:
                time.sleep(0.1)
            time.sleep(1)
    failed = {what: n for what, n in counts.items() if what not in {"200", "303"}}
    say(
        f"{RELOADS} reloads under load: {counts['200']:,} reads, {counts['303']:,} posts, "
        f"{sum(failed.values())} failed {failed or ''}"
    )


@contextmanager
def loaded(site: Server, address: str) -> Iterator[Counter[str]]:
    counts: Counter[str] = Counter()
    going = threading.Event()
    going.set()
    cookies = iter(members(4000))

    def go(act: Callable[[], int]) -> None:
        mine: Counter[str] = Counter()
        while going.is_set():
            try:
                mine[str(act())] += 1
            except BROKEN as error:
                mine[type(error).__name__] += 1
        counts.update(mine)

    def read() -> int:
        return fetch(site, address)[0]

    def write() -> int:
        cookie = next(cookies)
        return post(site, address, cookie, f"Under load: {cookie[-12:]}.")

    threads = [threading.Thread(target=go, args=[act]) for act in (read, read, write)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        going.clear()
        for thread in threads:
            thread.join()


def kills() -> None:
    """A worker killed every half second; who gets no answer sends the same form again."""
    address = article("kills")
    forms = [
        (cookie, new_token(), f"Sent until it was accepted: {cookie[-12:]}.")
        for cookie in members(POSTS)
    ]
    # Loaded before the fork: a worker that is killed while it loads the site, which takes
    # longer than half a second on a busy machine, has nothing that it could lose.
    early = {"GUNICORN_CMD_ARGS": "--max-requests 0 --preload"}
    with gunicorn("mfr_site.wsgi", **early) as site, killing(site) as killed:

        def send(form: tuple[str, str, str]) -> int:
            tries = 1
            while not accepted(site, address, *form):
                tries += 1
            return tries

        with ThreadPoolExecutor(POSTERS) as pool:
            tries = list(pool.map(send, forms))
    stored = Counter(
        Article.objects.get(slug="kills").posts.values_list("source", flat=True)
    )
    lost = sum(not stored[text] for _, _, text in forms)
    doubles = sum(count - 1 for count in stored.values())
    say(
        f"{len(forms):,} posts, {len(killed)} workers killed: "
        f"{sum(tries) - len(forms)} sent again, {lost} lost, {doubles} doubles"
    )


@contextmanager
def killing(site: Server) -> Iterator[list[int]]:
    """End a worker every half second, without a warning."""
    ended = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not ended.wait(KILLS_EVERY):
            if workers := site.workers():
                killed.append(random.choice(workers))  # noqa: S311
                os.kill(killed[-1], signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def accepted(site: Server, address: str, cookie: str, token: str, text: str) -> bool:
    try:
        return post(site, address, cookie, text, token=token) == 303
    except BROKEN:
        return False


# --- A storm ----------------------------------------------------------------------------


def storm() -> None:
    """READS_PER_SECOND of one page beside POSTS_PER_SECOND to it (TRUST R18)."""
    address = article("storm")
    with ExitStack() as stack:
        site = (
            stack.enter_context(behind_nginx())[0]
            if NGINX
            else stack.enter_context(gunicorn("mfr_site.wsgi"))
        )
        took: list[float] = []
        counts: Counter[str] = Counter()
        until = time.monotonic() + STORM

        def read() -> None:
            seen = 0
            while time.monotonic() < until:
                started = time.monotonic()
                status, _, page = fetch(site, address)
                took.append(1000 * (time.monotonic() - started))
                newest = max(map(int, POST.findall(page)), default=0)
                counts["failed"] += status != 200
                counts["went back in time"] += newest < seen
                seen = max(seen, newest)
                time.sleep(
                    max(0, READERS / READS_PER_SECOND - time.monotonic() + started)
                )

        readers = [threading.Thread(target=read) for _ in range(READERS)]
        for thread in readers:
            thread.start()
        for cookie in members(int(STORM * POSTS_PER_SECOND)):
            started = time.monotonic()
            text = f"In the storm: {cookie[-12:]}."
            counts["refused"] += post(site, address, cookie, text) != 303
            counts["not seen by its writer"] += (
                text.encode() not in fetch(site, address)[2]
            )
            time.sleep(max(0, 1 / POSTS_PER_SECOND - time.monotonic() + started))
        for thread in readers:
            thread.join()
    cuts = quantiles(took, n=100)
    posts = Post.objects.published().filter(article__slug="storm").count()
    say(
        f"storm of {STORM:.0f} s: {len(took):,} reads, {posts:,} posts, median "
        f"{cuts[49]:.1f} ms, p99 {cuts[98]:.0f} ms; {dict(+counts) or 'nothing went wrong'}"
    )
