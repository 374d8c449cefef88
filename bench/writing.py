"""Posting: how many a second, whether every accepted one is there, and when it is seen."""

import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote_plus, urlencode

from discussion.models import Post

from .data import members
from .load import connect, fetch
from .servers import Server

SCRIPT = str(Path(__file__).with_name("posts.lua"))
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
    send = _wrk if shutil.which("wrk") else _threads
    before, newest = site.cpu_seconds(), Post.objects.latest("pk").pk
    # Nobody has posted the same before: that would be held.
    text = f"Measured post after {newest}, number"
    accepted, took, median_ms, p99_ms = send(
        site, address, writers, members(count), text
    )
    each = 1000 * (site.cpu_seconds() - before) / max(accepted, 1)
    found = Post.objects.published().filter(pk__gt=newest, source__startswith=text)
    return Written(accepted / took, accepted, found.count(), each, median_ms, p99_ms)


Sent = tuple[int, float, float, float]


def _wrk(
    site: Server, address: str, writers: int, cookies: list[str], text: str
) -> Sent:
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("\n".join(cookies))
        file.flush()
        command = ["wrk", "-t1", f"-c{writers}", "-d10m", "--latency", "-s", SCRIPT]
        host = f"Host: {site.headers['Host']}"
        with subprocess.Popen(  # noqa: S603
            [
                *command,
                "-H",
                host,
                site.url,
                "--",
                f"{address}posts/",
                file.name,
                quote_plus(text),
            ],
            stdout=subprocess.PIPE,
            text=True,
        ) as run:
            # The first answer, and the last.
            answers = (line for line in run.stdout or () if "accepted" in line)
            next(answers)
            started = time.monotonic()
            last = next(answers)
            took = time.monotonic() - started
            run.send_signal(signal.SIGINT)
            said = "".join(run.stdout or ())
    median_ms, p99_ms = (
        float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        for value, unit in re.findall(r"(?:50|99)%\s+([\d.]+)([mu]?s)", said)
    )
    return int(last.split()[0]), took, median_ms, p99_ms


def _threads(
    site: Server, address: str, writers: int, cookies: list[str], text: str
) -> Sent:
    """The same in plain Python, where wrk is not: it takes a fifth of what the site does."""
    waiting = iter(enumerate(cookies, 1))
    taking = threading.Lock()
    statuses: list[int] = []
    waits: list[float] = []

    def writer() -> None:
        with closing(connect(site)) as connection:
            while True:
                with taking:
                    number, cookie = next(waiting, (0, ""))
                if not cookie:
                    return
                body = f"{text} {number}."
                sent = time.monotonic()
                statuses.append(post_on(connection, site, address, cookie, body))
                waits.append(1000 * (time.monotonic() - sent))

    threads = [threading.Thread(target=writer) for _ in range(writers)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - started
    *_, p99 = quantiles(waits, n=100)
    return statuses.count(303), took, median(waits), p99


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
