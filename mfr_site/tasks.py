"""Work that is done later, by `db_worker`: tried again, rescued, and parked in the end.

A task is a row of the transaction that asked for it. What fails is tried again after a
while; what a killed worker left behind is taken up again; what fails for good stays as a
failed row, which the desk shows (TRUST R2, R4, R22).
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, get_date_max

log = logging.getLogger(__name__)

# After the first failure, the second, … The last is how late work may be when what it
# needs is back (TRUST R4).
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 15)]
TRIES = len(PAUSES) + 1
# One task must not keep the others waiting for longer.
SECONDS_ALLOWED = 45
# A task that has run for so long runs no more: its worker was killed.
LEASE = timedelta(minutes=5)
# Work that is due for so long raises an alarm (TRUST R22).
LATE = timedelta(minutes=10)


class NotNow(Exception):
    """Another server is away: no fault of the task, which is tried until it is back."""


class GiveUp(Exception):
    """Trying again would not help."""


def retrying(function: Callable[..., None]) -> Task[..., None]:
    """Make a function a task that is tried TRIES times. Running it twice must do no harm.

    Its arguments must survive JSON, and must not be personal: they stay for days.
    """

    @wraps(function)
    def run(*args: Any, tries: int = 1) -> None:
        try:
            with _time_limit():
                function(*args)
        except GiveUp:
            raise
        except Exception as error:
            is_spent = tries >= TRIES and not isinstance(error, NotNow)
            if is_spent or not again.get_backend().supports_defer:
                raise
            later = timezone.now() + PAUSES[min(tries, len(PAUSES)) - 1]
            again.using(run_after=later).enqueue(*args, tries=tries + 1)
            log.warning("%s failed (%s)", function.__name__, type(error).__name__)

    again: Task[..., None] = task()(run)
    return again


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raise TimeoutError in what takes too long, where that can be done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def too_long(*_: object) -> None:
        raise TimeoutError(f"not done within {SECONDS_ALLOWED} seconds")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_ALLOWED)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@transaction.atomic
def rescue() -> int:
    """Put back what killed workers left running; park what has killed several.

    Answers how many tasks wait again.
    """
    left = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LEASE)
    waiting = 0
    for row in left.select_for_update():
        if len(row.worker_ids) >= TRIES:
            row.set_failed(GiveUp("every worker that began it was killed"))
        else:
            row.status = TaskResultStatus.READY
            row.save(update_fields=["status"])
            waiting += 1
    return waiting


def parked() -> "QuerySet[DBTaskResult[Any, Any]]":
    """What failed for good, the latest first."""
    return DBTaskResult.objects.failed().order_by("-finished_at")


def late() -> "QuerySet[DBTaskResult[Any, Any]]":
    """What should have been begun long ago: the worker is away, or busy with one thing."""
    before = timezone.now() - LATE
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    at_once = Q(run_after=get_date_max(), enqueued_at__lt=before)
    return ready.filter(at_once | Q(run_after__lt=before)).order_by("enqueued_at")


def try_again(row: "DBTaskResult[Any, Any]") -> None:
    """Give parked work a fresh start, when its cause is gone."""
    row.args_kwargs = {**row.args_kwargs, "kwargs": {}}
    row.status, row.worker_ids, row.run_after = (
        TaskResultStatus.READY,
        [],
        get_date_max(),
    )
    row.save(update_fields=["args_kwargs", "status", "worker_ids", "run_after"])
