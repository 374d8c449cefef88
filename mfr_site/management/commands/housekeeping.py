from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from mfr_site.retention import RULES


class Command(BaseCommand):
    help = (
        "Delete what has been kept for long enough (mfr_site/retention.py). Safe to run"
        " at any time; once an hour is usual."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = []
        for rule in RULES:
            try:
                count = rule.apply()
            except Error as error:
                # The other rules do not wait for this one.
                failed.append(f"{rule.what}: {type(error).__name__}")
            else:
                if count:
                    self.stdout.write(f"{count} {rule.what}")
        if failed:
            raise CommandError("Left undone: " + "; ".join(failed))
