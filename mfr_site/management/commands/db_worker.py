"""The worker of django-tasks-db, which also looks after what other workers left behind."""

import logging
import threading
from typing import Any

from django.db import DatabaseError, connections
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
        try:
            tasks.rescue()
            tell_moderators()
            letters.send_due()
            letters.send_digests()
        except DatabaseError:
            log.exception("The round of this minute was left out")
        finally:
            connections.close_all()
        if done.wait(ROUND_SECONDS):
            return
