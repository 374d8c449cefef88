from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Article
from discussion.loading import fill, many_threads, one_thread

SLUG = "load-{}"
BODY = (
    "Fascia is thin tissue that wraps every muscle.\n\n## What is known\n\n"
    "Some say that slow pressure changes it. Others say that it calms.\n\n"
    "- Pressure is slow.\n- Soreness is common.\n"
)


class Command(BaseCommand):
    help = (
        "Make many invented articles and posts, the same each time, for measuring."
        " Use a database of its own: they are in the way on a real site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=int, default=200)
        parser.add_argument("--posts", type=int, default=1_000_000, help="in all")
        parser.add_argument(
            "--thread",
            type=int,
            default=100_000,
            help="posts under load-1, nearly all in one thread; and under load-2, in many",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Article.objects.filter(slug=SLUG.format(1)).exists():
            raise CommandError(
                "There are such articles already. Use an empty database."
            )
        for place, length in enumerate(lengths(**options), start=1):
            article = self._article(place)
            fill(article, length, one_thread if place == 1 else many_threads)
            self.stdout.write(f"{article.slug}: {length} posts")
        self.stdout.write("Run rebuild_search to make them findable.")

    def _article(self, place: int) -> Article:
        revision = Article.objects.begin(
            SLUG.format(place),
            None,
            title=f"Measured article {place}",
            standfirst="Made for measuring.",
            body=BODY,
        )
        revision.approve(None)
        return revision.article


def lengths(*, articles: int, posts: int, thread: int, **_: Any) -> list[int]:
    """How many posts each article gets: two the length of a thread, the rest alike."""
    long = [thread, thread][:articles]
    others = articles - len(long)
    left = max(0, posts - sum(long))
    return long + [left // others + (i < left % others) for i in range(others)]
