"""What is measured, row by row."""

import os
import sys
import time
from pathlib import Path
from statistics import median

from articles.models import Article
from mfr_site.caching import bump
from mfr_site.page_cache import SQUEEZE_AFTER

from . import data
from .load import fetch, rate
from .servers import Server, gunicorn
from .writing import post_all, until_seen

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
WARM_READS = 40
COLD_READS = 200
WRITERS = 8
WRITES = 800
WAITS = 50


def measure(folder: Path, addresses: dict[int, str]) -> None:
    (cookie,) = data.members(1)
    say(f"{'':34}{'req/s':>9}{'of bare':>9}{'CPU ms':>9}{'of bare':>9}")
    with gunicorn("mfr_site.wsgi") as site:
        for size, address in addresses.items():
            readers(site, address, size, folder / "body")
        for size, address in addresses.items():
            alone(site, address, size, cookie)
        writing(site, addresses[100])
        own, all_ = (site.memory(pids) / 2**20 for pids in (site.workers(), None))
        say(
            f"memory (PSS): the workers {own:.0f} MiB, with their master {all_:.0f} MiB"
        )


def readers(site: Server, address: str, size: int, body: Path) -> None:
    """A guest's page, whole and as 304, in turn with the same bytes from nothing."""

    _, headers, page = fetch(site, address, **{"Accept-Encoding": "br"})
    body.write_bytes(page)
    known = {"If-None-Match": headers["ETag"]}
    with gunicorn("bench.bare", BENCH_BODY=str(body)) as bare:
        rounds = [
            (
                rate(site, address, SECONDS),
                rate(site, address, SECONDS, **known),
                rate(bare, "/", SECONDS),
            )
            for _ in range(ROUNDS)
        ]
    for name, which in ((f"reader, {len(page):,} bytes", 0), ("reader, 304", 1)):
        ours = [one[which] for one in rounds]
        bares = [one[2] for one in rounds]
        pairs = list(zip(ours, bares, strict=True))
        row(
            f"{size:>7,} posts: {name}",
            median(our.per_second for our in ours),
            median(our.per_second / its.per_second for our, its in pairs),
            median(our.cpu_ms for our in ours),
            median(our.cpu_ms / its.cpu_ms for our, its in pairs),
        )


def alone(site: Server, address: str, size: int, cookie: str) -> None:
    """Pages that are rendered for one reader: a member's, and the first after a change."""

    article = Article.objects.get(slug=address.strip("/").split("/")[-1])
    for name, headers, tags in (
        ("member", {"Cookie": cookie}, []),
        # Or its edit or removal, unless it quotes a passage.
        ("first after a post", {}, [article.posts_tag]),
        # Or a post that quotes a passage.
        ("first after a text", {}, [article.page_tag]),
    ):
        read(site, address, WARM_READS, headers, tags)
        # What lives so long is compressed once more, which is not what is measured.
        time.sleep(SQUEEZE_AFTER + 1)
        before = site.cpu_seconds()
        read(site, address, COLD_READS, headers, tags)
        cpu = 1000 * (site.cpu_seconds() - before) / COLD_READS
        say(f"{f'{size:>7,} posts: {name}':<34}{'':>18}{cpu:>9.2f}")


def read(
    site: Server, address: str, times: int, headers: dict[str, str], tags: list[str]
) -> None:
    """Read so many times as a browser does, each after a change."""
    for _ in range(times):
        bump(*tags)
        fetch(site, address, **{"Accept-Encoding": "gzip, deflate, br", **headers})


def writing(site: Server, address: str) -> None:

    result = post_all(site, address, WRITERS, WRITES)
    say(
        f"{WRITERS} writers: {result.per_second:.0f} posts/s, "
        f"{result.accepted} accepted, {result.found} found, {result.cpu_ms:.1f} ms CPU "
        f"each; answered in {result.median_ms:.0f} ms (median), {result.p99_ms:.0f} (p99)"
    )
    times = until_seen(site, address, WAITS)
    say(
        f"a post seen by another reader: median {median(times):.1f} ms, "
        f"longest {max(times):.1f} ms, always in the next read"
    )


def row(name: str, per_second: float, of: float, cpu: float, cpu_of: float) -> None:
    say(f"{name:<34}{per_second:>9,.0f}{of:>9.2f}{cpu:>9.3f}{cpu_of:>9.2f}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
