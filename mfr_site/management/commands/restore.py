from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mfr_site.backups.file import BackupError
from mfr_site.backups.restoring import restore


class Command(BaseCommand):
    help = (
        "Make the site what it was when FILE was backed up. Stop the site first. What"
        " people deleted since the backup is deleted again, the search is made anew, and"
        " everybody has to log in again. Refuses to replace a site without --replace. An"
        " older backup is brought to this version. On PostgreSQL it needs pg_restore and"
        " psql."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--replace", action="store_true", help="replace the site that is here"
        )

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            for line in restore(file.absolute(), replace=replace):
                self.stdout.write(line)
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
