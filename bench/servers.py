"""Servers under measurement: started as production starts them, their CPU time read."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running gunicorn; `pid` is its master, whose children do the work."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[int]:
        found = [self.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            if int(fields[1]) == self.pid:
                found.append(int(stat.parent.name))
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the master and its workers."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def memory(self) -> int:
        """Bytes of memory, shared pages counted once between those who share them."""
        total = 0
        for pid in self.processes():
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            total += int(line.split()[1]) * 1024
        return total


@contextmanager
def gunicorn(application: str, **environment: str) -> Iterator[Server]:
    """`application` under the project's own gunicorn settings, on a free port."""
    port = _free_port()
    site = f"http://127.0.0.1:{port}"
    # A worker that is replaced in the middle would take its CPU time with it.
    environment["GUNICORN_CMD_ARGS"] = "--max-requests 0"
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "SITE_URL": site, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        server = Server(process.pid, port)
        _wait_for(f"{site}/robots.txt")
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
