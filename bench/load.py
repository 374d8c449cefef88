"""Load clients: many readers for a while, and one reader at a time."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from contextlib import closing
from dataclasses import dataclass

from .servers import Server

CONNECTIONS = 16


@dataclass(frozen=True)
class Rate:
    """Answers per second, and the server's own CPU time for each, in milliseconds."""

    per_second: float
    cpu_ms: float


def rate(server: Server, path: str, seconds: float, **headers: str) -> Rate:
    """Ask for one address from CONNECTIONS connections at once."""
    ask = _wrk if shutil.which("wrk") else _threads
    before = server.cpu_seconds()
    answers, took = ask(
        server, path, seconds, {**server.headers, "Accept-Encoding": "br", **headers}
    )
    used = server.cpu_seconds() - before
    return Rate(answers / took, 1000 * used / max(answers, 1))


def _wrk(
    server: Server, path: str, seconds: float, headers: dict[str, str]
) -> tuple[int, float]:
    told = [part for item in headers.items() for part in ("-H", ": ".join(item))]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", *told]
    run = subprocess.run(  # noqa: S603
        [*command, server.url + path], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+) requests in ([\d.]+)s", run.stdout)
    if not found or ("Non-2xx" in run.stdout and "If-None-Match" not in headers):
        raise RuntimeError(run.stdout)
    return int(found[1]), float(found[2])


def _threads(
    server: Server, path: str, seconds: float, headers: dict[str, str]
) -> tuple[int, float]:
    """The same in plain Python, where wrk is not: the client costs more than the server."""
    until = time.monotonic() + seconds
    counts: list[int] = []

    def reader() -> None:
        connection = http.client.HTTPConnection(server.host, server.port)
        count = 0
        while time.monotonic() < until:
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
            count += 1
        counts.append(count)

    readers = [threading.Thread(target=reader) for _ in range(CONNECTIONS)]
    started = time.monotonic()
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    return sum(counts), time.monotonic() - started


def fetch(
    server: Server, path: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own: status, headers, body."""
    with closing(connect(server)) as connection:
        connection.request(method, path, body or None, {**server.headers, **headers})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def connect(server: Server) -> http.client.HTTPConnection:
    """A connection that stays open from request to request, as a browser's does."""
    return http.client.HTTPConnection(server.host, server.port, timeout=60)
