"""The worker of django-tasks-db, which also looks after what other workers left behind."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections
from django_tasks_db.management.commands import db_worker

from discussion import letters
from discussion.alarms import tell_moderators
from mfr_site import tasks

log = logging.getLogger(__name__)
ROUND_SECONDS = 60


class Command(db_worker.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        done = threading.Event()
        rounds = threading.Thread(target=_rounds, args=[done], daemon=True)
        rounds.start()
        try:
            super().handle(*args, **options)
        finally:
            done.set()
            rounds.join()


def _rounds(done: threading.Event) -> None:
    while True:
        for act in EACH_ROUND:
            try:
                act()
            except Exception:
                # The other acts, and the next round, do not suffer for it.
                log.exception("%s was left out this minute", act.__name__)
        connections.close_all()
        if done.wait(ROUND_SECONDS):
            return


def say_what_is_late() -> None:
    if waiting := tasks.late().count():
        log.error("%s pieces of work have waited for over %s", waiting, tasks.LATE)


EACH_ROUND: list[Callable[[], object]] = [
    tasks.rescue,
    tell_moderators,
    letters.send_due,
    letters.send_digests,
    say_what_is_late,
]
