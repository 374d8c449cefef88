"""The present version of the pages' tags, read as cheaply as the database allows.

This stands in the path of every reader, so it uses the driver itself, on a connection of
its own per thread, and never Django's (STACK §9: 6 µs against 27).
"""

import select
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from mmap import mmap
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.conf import settings
from django.db import connection

from .wal_index import HEADER, wal_index

if TYPE_CHECKING:
    import psycopg

# Longer than a usual writer takes; a page that is not placed is placed at its next read.
WAIT_FOR_WRITERS = 0.05
READ_VERSIONS = "SELECT tag, version FROM mfr_site_pageversion WHERE tag IN ({})"
NEXT_BUMP = "SELECT min(at) FROM mfr_site_scheduledbump WHERE at > {} AND tag IN ({})"

# How long pages are given out unchecked when the database does not answer (TRUST R6). No
# commit can happen meanwhile, so they are at most as old as the last moment before.
UNCHECKED_SECONDS = 600
# PostgreSQL: the number our locks of tags are known by, and where bumps are announced.
LOCK = 1_835_430_515
CHANNEL = "page_versions"
ANNOUNCE = """
    SELECT pg_advisory_xact_lock(%s, hashtext(tag)), pg_notify(%s, tag)
    FROM unnest(%s::text[]) AS tag
"""
# Both databases know it; as two questions it takes ten times as long, under the lock.
ADD_ONE = """
    INSERT INTO mfr_site_pageversion (tag, version) VALUES {}
    ON CONFLICT (tag) DO UPDATE SET version = mfr_site_pageversion.version + 1
"""
LOCK_SHARED = """
    SELECT bool_and(pg_try_advisory_xact_lock_shared(%s, hashtext(tag)))
    FROM unnest(%s::text[]) AS tag
"""

Versions = tuple[int, ...]
Answer = TypeVar("Answer")


class Unreachable(Exception):
    """The database did not answer; what was known last is the best there is."""


class VersionSource(Protocol):
    def current(self, tags: tuple[str, ...]) -> Versions: ...
    def next_bump(self, tags: tuple[str, ...]) -> float | None: ...

    def settled(self, tags: tuple[str, ...]) -> AbstractContextManager[Versions | None]:
        """Their versions, which nobody changes within the block.

        None when somebody is about to, or the database does not answer. Raises
        Unreachable at the end when that may not have held.
        """

    def changes(self, seconds: float) -> Iterable[str] | None:
        """Wait as long for changes: the tags that changed, or None when any may have.

        Raises Unreachable when changes may be missed.
        """

    def close(self) -> None:
        """Give back what this thread has open."""


class SQLiteVersions:
    """Exact across threads and processes of one machine.

    The rows are read again only after somebody has committed (`wal_index`).
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.thread = threading.local()
        # What the WAL-index said, and what has been read since: always changed together.
        self.latest: tuple[bytes, dict[tuple[str, ...], Versions]] = b"", {}

    def current(self, tags: tuple[str, ...]) -> Versions:
        header = self.index[HEADER]
        seen, known = self.latest
        if header != seen:
            known = {}
            self.latest = header, known
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

    @contextmanager
    def settled(self, tags: tuple[str, ...]) -> Iterator[Versions | None]:
        # Every writer holds the one write lock from BEGIN to its commit.
        connection = sqlite3.connect(self.path, WAIT_FOR_WRITERS, isolation_level=None)
        try:
            try:
                connection.execute("BEGIN IMMEDIATE")
                rows = connection.execute(READ_VERSIONS.format(_marks(tags, "?")), tags)
                versions = _in_order(tags, rows.fetchall())
            except sqlite3.Error:
                yield None
            else:
                yield versions
        finally:
            connection.close()

    def changes(self, seconds: float) -> Iterable[str] | None:
        time.sleep(seconds)
        before = getattr(self.thread, "header", b"")
        self.thread.header = self.index[HEADER]
        return () if self.thread.header == before else None

    def close(self) -> None:
        self.thread.__dict__.clear()

    @cached_property
    def index(self) -> mmap:
        return wal_index(self.path)

    def _rows(self, query: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            if not hasattr(self.thread, "ask"):
                connection = sqlite3.connect(self.path, isolation_level=None)
                self.thread.ask = connection.execute
            return self.thread.ask(query, values).fetchall()  # type: ignore[no-any-return]
        except sqlite3.Error as error:
            raise Unreachable from error


class PostgresVersions:
    """Exact across hosts: the rows themselves, one prepared query per reader."""

    def __init__(self, **parameters: Any) -> None:
        # It takes 9 MiB of every process, and SQLite has no use for it.
        import psycopg  # noqa: PLC0415

        self.connect = psycopg.connect
        self.failure = psycopg.OperationalError
        self.has_rows = psycopg.pq.ExecStatus.TUPLES_OK
        self.parameters = parameters
        self.thread = threading.local()

    def current(self, tags: tuple[str, ...]) -> Versions:
        return self._ask(self._versions, tags)

    def next_bump(self, tags: tuple[str, ...]) -> float | None:
        query = NEXT_BUMP.format("now()", _marks(tags, "%s"))
        query = query.replace("min(at)", "extract(epoch FROM min(at))::float8")
        ((at,),) = self._ask(
            lambda our, tags: our.execute(query, tags).fetchall(), tags
        )
        return at  # type: ignore[no-any-return]

    @contextmanager
    def settled(self, tags: tuple[str, ...]) -> Iterator[Versions | None]:
        # A writer has the tags' locks before it bumps (`announce`), and PostgreSQL frees
        # them only after its commit can be seen.
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            free = connection.execute(LOCK_SHARED, (LOCK, list(tags)), prepare=True)
            (is_free,) = free.fetchone() or (False,)
            versions = self._versions(connection, tags) if is_free else None
        except self.failure:
            self.close()
            yield None
            return
        try:
            yield versions
        finally:
            try:
                connection.execute("ROLLBACK")
            except self.failure as error:
                self.close()
                raise Unreachable from error

    def changes(self, seconds: float) -> Iterable[str] | None:
        try:
            if not hasattr(self.thread, "heard"):
                self._listen()
                return None
            select.select([self._connection()], [], [], seconds)
            # What has been announced comes in with the answer.
            self._connection().execute("SELECT 1")
        except self.failure as error:
            self.close()
            raise Unreachable from error
        heard = set(self.thread.heard)
        self.thread.heard.clear()
        return heard

    def close(self) -> None:
        if hasattr(self.thread, "connection"):
            self.thread.connection.close()
        self.thread.__dict__.clear()

    def _listen(self) -> None:
        heard: set[str] = set()
        connection = self._connection()
        connection.add_notify_handler(lambda notify: heard.add(notify.payload))
        connection.execute(f"LISTEN {CHANNEL}")
        self.thread.heard = heard

    def _versions(
        self, connection: "psycopg.Connection[Any]", tags: tuple[str, ...]
    ) -> Versions:
        """Asked of libpq itself: a cursor takes six times as much of the processor."""
        libpq, name = connection.pgconn, b"versions_of_%d" % len(tags)
        if name not in self.thread.prepared:
            marks = ", ".join(f"${number}" for number in range(1, len(tags) + 1))
            libpq.prepare(name, READ_VERSIONS.format(marks).encode())
            self.thread.prepared.add(name)
        values = [tag.encode() for tag in tags]
        answer = libpq.exec_prepared(name, values)
        if answer.status != self.has_rows:
            raise self.failure(answer.get_error_message())
        rows = range(answer.ntuples)
        found = {answer.get_value(row, 0): answer.get_value(row, 1) for row in rows}
        return tuple(int(found.get(value) or 0) for value in values)

    def _ask(
        self,
        question: Callable[["psycopg.Connection[Any]", tuple[str, ...]], Answer],
        tags: tuple[str, ...],
    ) -> Answer:
        """Ask once more on a new connection: the old one may have died while idle.

        Raises Unreachable when that fails as well.
        """
        for attempt in (1, 2):
            try:
                return question(self._connection(), tags)
            except self.failure as error:
                self.close()
                if attempt == 2:
                    raise Unreachable from error
        raise AssertionError

    def _connection(self) -> "psycopg.Connection[Any]":
        if not hasattr(self.thread, "connection"):
            self.thread.connection = self.connect(
                **self.parameters,
                autocommit=True,
                connect_timeout=2,
                # No reader waits longer for a server whose cable was pulled.
                tcp_user_timeout=5000,
            )
            self.thread.prepared = set()
        return self.thread.connection  # type: ignore[no-any-return]


def announce(tags: list[str]) -> None:
    """Lock tags until the transaction ends, and tell every host when it commits.

    SQLite needs neither: there is one host, and one write lock that each transaction has
    from its beginning.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(ANNOUNCE, [LOCK, CHANNEL, tags])


def add_one(tags: list[str]) -> None:
    """Raise the versions of tags; one that was never raised begins."""
    rows = ", ".join(["(%s, 1)"] * len(tags))
    with connection.cursor() as cursor:
        cursor.execute(ADD_ONE.format(rows), tags)


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
