from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.importers.content import load_articles
from discussion.importers.registers import load_registers
from discussion.importers.samples import load_samples
from mfr_site.content_files import ContentError, Loading


class Command(BaseCommand):
    help = (
        "Load the articles, pages and sample discussions that come with the site. Safe"
        " to run again: it never writes over what has been changed on the site."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=settings.BASE_DIR / "content",
            metavar="DIR",
        )
        parser.add_argument(
            "--no-samples",
            action="store_true",
            help="leave out the sample discussions and their invented people",
        )

    def handle(
        self, *args: Any, folder: Path, no_samples: bool, **options: Any
    ) -> None:
        loading = Loading()
        try:
            load_articles(folder, loading)
            load_registers(folder / "registers.yaml", loading)
            if not no_samples:
                load_samples(folder / "discussions", loading)
        except ContentError as error:
            raise CommandError(str(error)) from error
        for (kind, outcome), count in sorted(loading.counts.items()):
            self.stdout.write(f"{kind}: {count} {outcome}")
        for name in loading.kept:
            self.stdout.write(f"kept as changed on the site: {name}")
