"""How each database is copied whole while it is written to, and how a copy goes back."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

from django.db import connection, transaction

from .file import BackupError

# What is on its way or opens something, and must not come back with a backup: its
# tables are there, and empty.
LEFT_EMPTY = (
    "accounts_exportticket",
    "cache",
    "discussion_notice",
    "django_session",
    "mfr_site_outgoingmail",
    "usersessions_usersession",
)
# For so long a restore waits for the site to let go of its tables.
WAIT_SECONDS = 30

Counts = dict[str, int]


class Database(Protocol):
    def one_moment(self) -> AbstractContextManager[None]:
        """Within it, all that is read is of one moment. Others can write meanwhile."""
        ...

    def copy(self, target: Path) -> Counts:
        """Copy the database, as of one moment. Answers how many rows each table has."""
        ...

    def put_back(self, source: Path) -> None:
        """Put a copy in the place of all there is: whole, or not at all."""
        ...


def database() -> Database:
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


@contextmanager
def one_moment() -> Iterator[None]:
    """The same for whoever may be in a transaction already, which is then left as it is."""
    if connection.in_atomic_block:
        yield
    else:
        with database().one_moment():
            yield


def counts() -> Counts:
    """How many rows each table of our models has, those that no backup holds aside."""
    found = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        counted = {}
        for table in sorted(set(found) - set(LEFT_EMPTY)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            counted[table] = cursor.fetchone()[0]
    return counted


class SQLite:
    """By the online backup API: a copied file would lack what stands in the WAL."""

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        # Not `atomic`: that would keep every writer waiting.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")

    def copy(self, target: Path) -> Counts:
        with closing(self._open(self.path)) as live, closing(self._open(target)) as to:
            live.backup(to)
            to.execute("PRAGMA journal_mode=DELETE")
            tables = {row[0] for row in to.execute("SELECT name FROM sqlite_master")}
            for table in tables.intersection(LEFT_EMPTY):
                to.execute(f"DELETE FROM {table}")  # noqa: S608
            # What was deleted must not lie in the file's empty pages either.
            to.execute("VACUUM")
            ours = connection.introspection.django_table_names()
            return {
                table: to.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
                for table in sorted(tables.intersection(ours) - set(LEFT_EMPTY))
            }

    def put_back(self, source: Path) -> None:
        connection.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open(source)) as copy, closing(self._open(self.path)) as to:
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupError("The database in the backup is damaged.")
            # One transaction, also for those who have the file open.
            copy.backup(to, progress=_not_for_ever(), sleep=0.1)

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS)


def _not_for_ever() -> Callable[[int, int, int], None]:
    tries = iter(range(WAIT_SECONDS * 10))

    def progress(status: int, remaining: int, total: int) -> None:
        if status == sqlite3.SQLITE_BUSY and next(tries, None) is None:
            raise BackupError("The database is in use. Stop the site, and try again.")

    return progress


class PostgreSQL:
    """By the programs of its own that this machine has: pg_dump, pg_restore and psql."""

    EMPTY_SCHEMA = (
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        " GRANT USAGE ON SCHEMA public TO PUBLIC"
    )

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
            yield

    def copy(self, target: Path) -> Counts:
        with self.one_moment():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_export_snapshot()")
                snapshot = cursor.fetchone()[0]
            counted = counts()
            self._run(
                "pg_dump",
                *("--format=custom", "--no-owner", "--no-privileges"),
                # The very moment that was counted.
                f"--snapshot={snapshot}",
                *(f"--exclude-table-data={table}" for table in LEFT_EMPTY),
                f"--file={target}",
            )
        return counted

    def put_back(self, source: Path) -> None:
        script = source.with_name("restore.sql")
        self._run(
            "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", source
        )
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        # pg_restore's own --clean would leave tables that the backup does not know.
        self._run(
            "psql",
            *("--no-psqlrc", "--quiet", "--single-transaction"),
            *("--output=/dev/null", "--set=ON_ERROR_STOP=1"),
            *("--command", self.EMPTY_SCHEMA, f"--file={script}"),
        )

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Raises BackupError with the program's own last words."""
        try:
            subprocess.run(  # noqa: S603
                [program, *map(str, arguments)],
                env={**os.environ, **self._environment()},
                check=True,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError as error:
            raise BackupError(
                f"There is no {program} here. Install PostgreSQL's client programs."
            ) from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip().splitlines() or ["It did not say why."]
            raise BackupError(f"{program} failed: {said[-1]}") from error

    def _environment(self) -> dict[str, str]:
        """By environment, because every user of the machine can read command lines."""
        settings = connection.settings_dict
        said = {
            "PGHOST": settings["HOST"],
            "PGPORT": settings["PORT"],
            "PGUSER": settings["USER"],
            "PGPASSWORD": settings["PASSWORD"],
            "PGDATABASE": settings["NAME"],
            "PGOPTIONS": f"-c lock_timeout={WAIT_SECONDS}s",
        }
        return {name: str(value) for name, value in said.items() if value}
