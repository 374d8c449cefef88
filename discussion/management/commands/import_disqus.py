from pathlib import Path

from discussion.importers.disqus import import_disqus
from mfr_site.import_report import ImportReport, XmlImportCommand


class Command(XmlImportCommand):
    help = (
        "Bring the comments of a Disqus export (the XML file) under the articles that"
        " have the same addresses; import the articles first. Says what it would do;"
        " writes only with --commit. Safe to run again, also after it was stopped. Spam"
        " and deleted comments are left out; e-mail and network addresses are never"
        " stored. Ends with an error when there is something that somebody should look"
        " at, like a thread whose article is not here."
    )

    def bring_in(self, path: Path, report: ImportReport, *, commit: bool) -> None:
        import_disqus(path, report, commit=commit)
