"""The present version of the pages' tags, read as cheaply as the database allows.

This stands in the path of every reader, so it uses the driver itself, on a connection of
its own per thread, and never Django's (STACK §9: 6 µs against 27).
"""

import sqlite3
import threading
import time
from collections.abc import Iterable
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import connection

READ_VERSIONS = "SELECT tag, version FROM mfr_site_pageversion WHERE tag IN ({})"
NEXT_BUMP = "SELECT min(at) FROM mfr_site_scheduledbump WHERE at > {} AND tag IN ({})"

Versions = tuple[int, ...]


class Unreachable(Exception):
    """The database did not answer; what was known last is the best there is."""


class VersionSource(Protocol):
    def current(self, tags: tuple[str, ...]) -> Versions: ...
    def next_bump(self, tags: tuple[str, ...]) -> float | None: ...


class SQLiteVersions:
    """Exact across threads and processes of one machine.

    `PRAGMA data_version` changes when any other connection has committed. Only then are
    the rows read again. Beware: a connection does not see its own writes that way, so
    this one must never write.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.thread = threading.local()

    def current(self, tags: tuple[str, ...]) -> Versions:
        thread = self.thread
        try:
            seen = thread.ask("PRAGMA data_version").fetchone()[0]
        except AttributeError:
            self._connect()
            seen = thread.ask("PRAGMA data_version").fetchone()[0]
        if seen != thread.seen:
            thread.seen = seen
            thread.known = {}
        known: dict[tuple[str, ...], Versions] = thread.known
        try:
            return known[tags]
        except KeyError:
            rows = self._rows(READ_VERSIONS.format(_marks(tags, "?")), tags)
            found = known[tags] = _in_order(tags, rows)
            return found

    def next_bump(self, tags: tuple[str, ...]) -> float | None:
        # Django stores times in SQLite as UTC text of one form, so text order is time order.
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        query = NEXT_BUMP.format("?", _marks(tags, "?"))
        query = query.replace("min(at)", "unixepoch(min(at))")
        return self._rows(query, (now, *tags))[0][0]  # type: ignore[no-any-return]

    def _connect(self) -> None:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA query_only=1")
        self.thread.seen = None
        self.thread.known = {}
        self.thread.ask = connection.execute

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            return self.thread.ask(query, values).fetchall()  # type: ignore[no-any-return]
        except sqlite3.Error as error:
            raise Unreachable from error


class PostgresVersions:
    """Exact across hosts: the rows themselves, one prepared query per reader."""

    def __init__(self, **parameters: Any) -> None:
        self.parameters = parameters
        self.thread = threading.local()

    def current(self, tags: tuple[str, ...]) -> Versions:
        return _in_order(
            tags, self._rows(READ_VERSIONS.format(_marks(tags, "%s")), tags)
        )

    def next_bump(self, tags: tuple[str, ...]) -> float | None:
        query = NEXT_BUMP.format("now()", _marks(tags, "%s"))
        query = query.replace("min(at)", "extract(epoch FROM min(at))::float8")
        return self._rows(query, tags)[0][0]  # type: ignore[no-any-return]

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        """Ask once more on a new connection: the old one may have died while idle.

        Raises Unreachable when that fails as well.
        """
        for attempt in (1, 2):
            try:
                return (
                    self._connection().execute(query, values, prepare=True).fetchall()
                )
            except psycopg.OperationalError as error:
                self.thread.__dict__.clear()
                if attempt == 2:
                    raise Unreachable from error
        raise AssertionError

    def _connection(self) -> psycopg.Connection[Any]:
        if not hasattr(self.thread, "connection"):
            self.thread.connection = psycopg.connect(
                **self.parameters, autocommit=True, connect_timeout=2
            )
        return self.thread.connection  # type: ignore[no-any-return]


def source() -> VersionSource:
    """The source for the database that the settings name."""
    if connection.vendor == "sqlite":
        return SQLiteVersions(str(settings.DATABASES["default"]["NAME"]))
    parameters = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port", "sslmode")
    return PostgresVersions(
        **{key: parameters[key] for key in wanted if key in parameters}
    )


def _marks(values: tuple[str, ...], mark: str) -> str:
    return ", ".join([mark] * len(values))


def _in_order(tags: tuple[str, ...], rows: Iterable[tuple[str, int]]) -> Versions:
    found = dict(rows)
    return tuple(found.get(tag, 0) for tag in tags)
