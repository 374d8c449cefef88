from pathlib import Path

from discussion.importers.wordpress import import_wordpress
from mfr_site.import_report import ImportReport, XmlImportCommand


class Command(XmlImportCommand):
    help = (
        "Make articles and discussions from a WordPress export (there under Tools, Export: the XML"
        " file). Says what it would do; writes only with --commit. Safe to run again,"
        " also after it was stopped. Spam, trash and pingbacks are left out; e-mail and"
        " network addresses are never stored; pictures are named, not fetched. Ends with"
        " an error when there is something that somebody should look at."
    )

    def bring_in(self, path: Path, report: ImportReport, *, commit: bool) -> None:
        import_wordpress(path, report, commit=commit)
