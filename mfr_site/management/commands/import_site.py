from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mfr_site.export_folder import Folder, FolderError
from mfr_site.import_report import ImportReport
from mfr_site.site_import import import_site


class Command(BaseCommand):
    help = (
        "Make a site from a folder that export_site wrote, best an empty site: numbers,"
        " gaps, passages and times stay. Says what it would do; writes only with"
        " --commit. Safe to run again, also after it was stopped. What is here already"
        " is never changed; where it is different, that is told as an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--commit", action="store_true", help="write to the site")

    def handle(self, *args: Any, folder: Path, commit: bool, **options: Any) -> None:
        report = ImportReport(self.stdout.write)
        try:
            import_site(Folder(folder), report, commit=commit)
        except FolderError as error:
            raise CommandError(str(error)) from error
        report.close(commit=commit)
