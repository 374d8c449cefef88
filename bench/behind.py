"""Behind nginx: a page file beside a plain file of the same bytes, given out by nginx alone."""

from pathlib import Path
from statistics import median

from .load import fetch, rate
from .servers import NGINX, Server, behind_nginx, nginx_with_file
from .table import ROUNDS, SECONDS, row, say

SIZES = (0, 100, 100_000)
ENCODINGS = ("", "gzip", "br")


def measure(addresses: dict[int, str]) -> None:
    if not NGINX:
        say("Behind nginx: not measured, there is no nginx here.")
        return
    say(f"{'behind nginx':34}{'req/s':>9}{'of file':>9}{'CPU ms':>9}{'of file':>9}")
    with behind_nginx() as (front, _, folder), nginx_with_file() as (plain, root):
        for size in SIZES:
            link = placed(front, addresses[size], folder)
            for file in link.iterdir():
                (root / file.name).write_bytes(file.read_bytes())
            compare(front, plain, addresses[size], size)


def compare(front: Server, plain: Server, address: str, size: int) -> None:
    """Rounds in turn, for a client that takes brotli and for one that has the page."""
    headers, page = fetch(front, address, **{"Accept-Encoding": "br"})[1:]
    its = fetch(plain, "/page", **{"Accept-Encoding": "br"})[1]
    for name, ours, theirs in (
        (f"reader, {len(page):,} bytes", {}, {}),
        (
            "reader, 304",
            {"If-None-Match": headers["ETag"]},
            {"If-None-Match": its["ETag"]},
        ),
    ):
        pairs = [
            (
                rate(front, address, SECONDS, **ours),
                rate(plain, "/page", SECONDS, **theirs),
            )
            for _ in range(ROUNDS)
        ]
        row(
            f"{size:>7,} posts: {name}",
            median(our.per_second for our, _ in pairs),
            median(our.per_second / its.per_second for our, its in pairs),
            median(our.cpu_ms for our, _ in pairs),
            median(our.cpu_ms / its.cpu_ms for our, its in pairs),
        )


def placed(front: Server, address: str, folder: Path) -> Path:
    """Ask for a page until it is a file. Raises RuntimeError when it never is."""
    for _ in range(200):
        fetch(front, address)
        for link in folder.glob(f"current/pages/*{address}@"):
            if link.exists():
                return link
    raise RuntimeError(f"{address} was not placed")
