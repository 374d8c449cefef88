from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Topic
from discussion.importers.page import parse
from discussion.importers.page_import import Conflict, import_page


class Command(BaseCommand):
    help = (
        "Make an article and its discussion from a page of the old site, a text file."
        " Says what it would do; writes only with --commit. Safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--commit", action="store_true", help="write to the site")
        parser.add_argument("--topic", help="the topic's short name, as in its address")

    def handle(
        self, *args: Any, file: Path, commit: bool, topic: str | None, **options: Any
    ) -> None:
        page = parse(self._text_of(file))
        for problem in page.problems:
            self.stderr.write(problem)
        if page.problems:
            raise CommandError("Nothing was written.")
        try:
            report = import_page(page, self._topic(topic), commit=commit)
        except Conflict as conflict:
            raise CommandError(f"{conflict} Nothing was written.") from conflict
        for line in report:
            self.stdout.write(line)
        for line in page.unused:
            self.stdout.write(f"Left out: “{line}”")
        if not commit:
            self.stdout.write("Nothing was written. Say --commit to write it.")

    def _text_of(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 text.") from error

    def _topic(self, name: str | None) -> Topic | None:
        if name is None:
            return None
        topic = Topic.objects.filter(slug=name).first()
        if topic is None:
            raise CommandError(f"There is no topic {name}.")
        return topic
