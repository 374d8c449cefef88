"""What a page of a discussion costs when the discussion grows (issue: under 10 % more).

    python bench/discussion_growth.py [--sizes 100 10000 100000] [--runs 30]

In a database of its own, removed afterwards (DATABASE_URL for another than SQLite). Each
kind of page is asked for in turn for every size, so that all sizes meet the same load of
the machine; the figure is the median CPU time of this process for one request, through
all of Django, without the page cache: nothing is kept, but where it says so.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
FOLDER = tempfile.TemporaryDirectory(prefix="mfr-bench-")
os.environ |= {
    "DATA_DIR": FOLDER.name,
    "RUNTIME_DIR": f"{FOLDER.name}/runtime",
    "DJANGO_SETTINGS_MODULE": "mfr_site.settings",
    "DEBUG": "0",
    "SECRET_KEY": "for measuring only" * 4,
}

import django
from django.conf import settings

settings.STATIC_ROOT = Path(FOLDER.name, "static")
django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from articles.models import Article
from discussion.authors import Speaker
from discussion.loading import fill, many_threads
from discussion.models import Post
from discussion.submission import Submission
from mfr_site import page_versions
from mfr_site.page_parts import MEMORY, PartMemory

Act = Callable[[], Any]
parts = PartMemory(lambda environ, start_response: [], page_versions.source())
KEPT: Any = {MEMORY: parts}


def make(size: int) -> Article:
    draft = Article.objects.begin(
        f"posts-{size}", None, title="Measured", standfirst="Measured.", body="Fascia."
    )
    draft.approve(None)
    fill(draft.article, size, many_threads)
    return draft.article


def acts(article: Article, client: Client, member: Client) -> dict[str, Act]:
    """What people do with a discussion, by name."""
    last = article.last_post_number
    address = article.get_absolute_url()
    turn = iter(range(1_000_000))

    def get(path: str) -> Act:
        def ask() -> None:
            response = client.get(address + path)
            if response.status_code != 200:
                raise SystemExit(f"{address}{path} answered {response.status_code}")

        return ask

    def get_as(visitor: Client) -> Act:
        """The first page, most of which the process keeps (mfr_site/page_parts.py)."""

        def ask() -> None:
            visitor.get(address, **KEPT)

        ask()
        return ask

    def post(parent: Post | None) -> Act:
        def send() -> None:
            text = f"A new post of this measurement: {last:09}, {next(turn):09}."
            speaker = Speaker(article, key=key)
            Post.objects.submit(Submission(article, speaker, text, parent=parent))

        return send

    key = article.authors.exclude(key=None)[0].key
    middle = article.posts.get(number=last // 2)
    return {
        "first page": get(""),
        "  after a post": get_as(client),
        "  for a member": get_as(member),
        "middle page": get(f"?before={last // 2 + 40}"),
        "last page": get("?before=80"),
        "oldest first": get("?order=oldest"),
        "by number": get(f"?order=flat&after={last // 2}"),
        "permalink": get(f"posts/{last // 2}/"),
        "new thread": post(None),
        "new answer": post(middle),
    }


def cost(act: Act) -> float:
    before = time.process_time()
    act()
    return (time.process_time() - before) * 1000


def fixed_work() -> None:
    for number in range(200_000):
        number * number


def queries(act: Act) -> int:
    with CaptureQueriesContext(connection) as made:
        act()
    control = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not query["sql"].startswith(control) for query in made)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=30)
    given = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client, member = (Client(HTTP_HOST="127.0.0.1") for _ in range(2))
    member.force_login(User.objects.create(username="reader", email="r@example.org"))
    by_size = {size: acts(make(size), client, member) for size in given.sizes}
    print(
        "CPU ms (queries)".ljust(18),
        *(f"{size:>16,}" for size in given.sizes),
        "growth",
    )
    for name in by_size[given.sizes[0]]:
        counts = {size: queries(by_size[size][name]) for size in given.sizes}
        taken: dict[int, list[float]] = {size: [] for size in given.sizes}
        for _ in range(given.runs):
            for size in given.sizes:
                taken[size].append(cost(by_size[size][name]))
        medians = {size: statistics.median(taken[size]) for size in given.sizes}
        growth = medians[given.sizes[-1]] / medians[given.sizes[0]] - 1
        cells = (f"{medians[s]:>11.2f} ({counts[s]:>2})" for s in given.sizes)
        print(name.ljust(18), *cells, f"{growth:+7.1%}")
    scale = statistics.median(cost(fixed_work) for _ in range(given.runs))
    print(f"\nFor scale: 200,000 multiplications took {scale:.2f} ms of this CPU.")


if __name__ == "__main__":
    main()
