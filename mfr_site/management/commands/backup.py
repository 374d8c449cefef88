from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mfr_site.backups.file import BackupError
from mfr_site.backups.making import make


class Command(BaseCommand):
    help = (
        "Copy the whole site to one new FILE: the database as of this moment, and the"
        " pictures. The site goes on meanwhile. Not in it: the signing key (keep"
        " SECRET_KEY yourself: without it post keys open nothing), sessions, waiting"
        " mails. The file holds personal data: encrypt it, and delete it after 35 days."
        " On PostgreSQL it needs pg_dump."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            manifest = make(file.absolute())
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        for table, count in manifest.counts.items():
            if count and options["verbosity"] > 1:
                self.stdout.write(f"{table}: {count}")
        rows, pictures = sum(manifest.counts.values()), len(manifest.media)
        self.stdout.write(
            f"{file}: {rows} rows and {pictures} pictures, {file.stat().st_size} bytes."
        )
