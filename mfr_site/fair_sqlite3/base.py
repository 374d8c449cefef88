"""SQLite as Django has it, but whoever serves readers writes in the order of asking.

SQLite lets a writer who finds another at work sleep and look again, less and less often,
and whoever comes meanwhile goes first: with eight writers, one post in a hundred took
more than half a second. Here a transaction first stands in a line of the operating
system's, which wakes the next in turn: then it takes 75 ms, and a fifth more are written.

The line decides whose turn it is and nothing else. SQLite's own lock is what keeps
writers apart: also commands and the worker of tasks, which do not stand in the line,
because they may write for long.
"""

import fcntl
import os
import threading
from typing import ClassVar

from django.db import OperationalError, connection
from django.db.backends.sqlite3 import base

# As SQLite itself says when it was too long.
LOCKED = "database is locked"


class Line:
    """One for a process: its threads wait for each other, then for the other processes.

    `patience`: for how many seconds somebody waits. A process that is killed leaves its
    place, whatever it was doing.
    """

    def __init__(self, path: str, patience: float) -> None:
        self.patience = patience
        self.turn = threading.Lock()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def enter(self) -> None:
        """Wait for one's turn. Raises OperationalError when that takes too long."""
        if not self.turn.acquire(timeout=self.patience):
            raise OperationalError(LOCKED)
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def leave(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_UN)
        self.turn.release()


class DatabaseWrapper(base.DatabaseWrapper):
    line: ClassVar[Line | None] = None
    has_turn: Line | None = None

    def _start_transaction_under_autocommit(self) -> None:
        if self.line:
            self.line.enter()
            self.has_turn = self.line
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._end_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if line := self.has_turn:
            self.has_turn = None
            line.leave()


def stand_in_line() -> None:
    """From now on, all that this process writes waits for its turn. Not before a fork."""
    settings = connection.settings_dict
    DatabaseWrapper.line = Line(
        f"{settings['NAME']}-line", settings["OPTIONS"]["timeout"]
    )
