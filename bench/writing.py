"""Posting: how many a second, whether every accepted one is there, and when it is seen."""

import threading
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median, quantiles
from urllib.parse import urlencode

from discussion.models import Post

from .data import members
from .load import connect, fetch
from .servers import Server

SEEN_OR_RAISE = "A reader got the page without a post that had been answered."


@dataclass(frozen=True)
class Written:
    per_second: float
    accepted: int
    found: int
    cpu_ms: float
    # What a writer waited for the answer: one in two, and 99 of 100, no longer.
    median_ms: float
    p99_ms: float


def post(site: Server, address: str, cookie: str, body: str, **more: str) -> int:
    """The status of the answer to a post on a connection of its own."""
    with closing(connect(site)) as connection:
        return post_on(connection, site, address, cookie, body, **more)


def post_on(
    connection: HTTPConnection,
    site: Server,
    address: str,
    cookie: str,
    body: str,
    **more: str,
) -> int:
    form = urlencode({"body": body, "as": "member", **more})
    headers = {
        **site.headers,
        "Cookie": cookie,
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", f"{address}posts/", form, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def post_all(site: Server, address: str, writers: int, count: int) -> Written:
    """`count` posts by as many members, over `writers` connections at once."""
    waiting = iter([(n, cookie) for n, cookie in enumerate(members(count))])
    taking = threading.Lock()
    accepted: list[str] = []
    waits: list[float] = []

    def writer() -> None:
        with closing(connect(site)) as connection:
            while True:
                with taking:
                    number, cookie = next(waiting, (0, ""))
                if not cookie:
                    return
                body = f"Measured post {number} from a writer of the bench."
                sent = time.monotonic()
                if post_on(connection, site, address, cookie, body) == 303:
                    accepted.append(body)
                waits.append(1000 * (time.monotonic() - sent))

    threads = [threading.Thread(target=writer) for _ in range(writers)]
    cpu, started = site.cpu_seconds(), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    cpu = site.cpu_seconds() - cpu
    found = Post.objects.published().filter(source__in=accepted).count()
    each = 1000 * cpu / max(len(accepted), 1)
    *_, p99 = quantiles(waits, n=100)
    return Written(len(accepted) / took, len(accepted), found, each, median(waits), p99)


def until_seen(site: Server, address: str, count: int) -> list[float]:
    """Milliseconds from sending a post to another reader's page with it.

    Raises RuntimeError when a page asked for after the answer does not have the post.
    """
    times = []
    for number, cookie in enumerate(members(count)):
        body = f"Seen by others {number} at once."
        started = time.monotonic()
        if post(site, address, cookie, body) != 303:
            raise RuntimeError("A post was refused.")
        page = fetch(site, address)[2]
        times.append(1000 * (time.monotonic() - started))
        if body.encode() not in page:
            raise RuntimeError(SEEN_OR_RAISE)
    return times
