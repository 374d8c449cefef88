"""What an importer says: a line for each thing that it read, and a count of each end."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from .xml_records import XmlRefused


class Outcome(StrEnum):
    NEW = "new"
    HERE = "is here already"
    LEFT_OUT = "left out"
    NOT_UNDERSTOOD = "not understood"


class ImportReport:
    """Every thing read is told once, so that what was read is what the counts add up to."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self.say = say
        self.counts: Counter[tuple[str, Outcome]] = Counter()

    def tell(self, kind: str, name: str, outcome: Outcome, why: str = "") -> None:
        self.counts[kind, outcome] += 1
        self.say(f"{kind} {name}: {outcome}{', ' if why else ''}{why}")

    def doubt(self, kind: str, name: str, what: str) -> None:
        """Something about a thing that came in, which somebody should look at."""
        self.counts[f"something in {kind}s", Outcome.NOT_UNDERSTOOD] += 1
        self.say(f"{kind} {name}: look at it, {what}")

    def note(self, kind: str, name: str, what: str) -> None:
        """Something that was done with a thing, and is as it should be."""
        self.say(f"{kind} {name}: {what}")

    def close(self, *, commit: bool) -> None:
        """Say the counts. Raises CommandError when something was not understood."""
        for (kind, outcome), count in sorted(self.counts.items()):
            self.say(f"{kind}, {outcome}: {count}")
        if not commit:
            self.say("Nothing was written. Say --commit to write it.")
        if puzzles := self.not_understood:
            raise CommandError(f"{puzzles} things need somebody to look at them.")

    @property
    def not_understood(self) -> int:
        return sum(
            count
            for (_, outcome), count in self.counts.items()
            if outcome is Outcome.NOT_UNDERSTOOD
        )


class XmlImportCommand(BaseCommand):
    """Brings in an XML file: a dry run unless --commit, and a report of each thing."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--commit", action="store_true", help="write to the site")

    def handle(self, *args: Any, file: Path, commit: bool, **options: Any) -> None:
        report = ImportReport(self.stdout.write)
        try:
            self.bring_in(file, report, commit=commit)
        except XmlRefused as error:
            raise CommandError(f"{error} Nothing was written.") from error
        report.close(commit=commit)

    def bring_in(self, path: Path, report: ImportReport, *, commit: bool) -> None:
        """Bring in what is not here yet. Raises XmlRefused with nothing written."""
        raise NotImplementedError
