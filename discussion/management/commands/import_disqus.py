from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from discussion.importers.disqus import import_disqus
from mfr_site.import_report import ImportReport
from mfr_site.xml_records import XmlRefused


class Command(BaseCommand):
    help = (
        "Bring the comments of a Disqus export (the XML file) under the articles that"
        " have the same addresses; import the articles first. Says what it would do;"
        " writes only with --commit. Safe to run again, also after it was stopped. Spam"
        " and deleted comments are left out; e-mail and network addresses are never"
        " stored. Ends with an error when there is something that somebody should look"
        " at, like a thread whose article is not here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--commit", action="store_true", help="write to the site")

    def handle(self, *args: Any, file: Path, commit: bool, **options: Any) -> None:
        report = ImportReport(self.stdout.write)
        try:
            import_disqus(file, report, commit=commit)
        except XmlRefused as error:
            raise CommandError(f"{error} Nothing was written.") from error
        report.close(commit=commit)
