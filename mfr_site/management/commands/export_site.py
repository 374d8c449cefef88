from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mfr_site.export_folder import FolderError
from mfr_site.site_export import LEFT_OUT, export_site


class Command(BaseCommand):
    help = (
        "Write the site to the empty folder DIR in open formats: Markdown, YAML, JSON"
        " Lines, pictures. For leaving with it, or for reading; not a backup: accounts,"
        " keys and e-mail addresses are not in it. Beware: drafts and withdrawn articles"
        " are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            files = export_site(folder)
        except FolderError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{folder}: {error}") from error
        self.stdout.write(f"{folder}: {len(files)} files.")
        for line in LEFT_OUT:
            self.stdout.write(f"Not in it: {line}")
