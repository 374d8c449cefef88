"""What the site remembers for a day at most: recent acts, and the day's key.

It is the same for all workers, and must never reach the database, its backups or a disk
(TRUST §4.2). On one machine it is an SQLite file in memory (tmpfs); on several it is
Redis or Valkey, kept without persistence. When that does not answer, each process
remembers for itself: limits go on, and nobody waits (TRUST R5).
"""

import logging
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

DAY = 24 * 3600
# The same act again within this time is the same act: a form sent twice counts once.
SAME_ACT = 600
# For so long a store that failed is not asked again.
REST = 10
# Waits between tries to open a new file that another worker is opening as well.
PATIENCE = (0.01, 0.03, 0.1, 0.3)
# More than clocks of several hosts differ. What lies further in the future was written
# before the clock was set back; it is taken to have happened now, so that a limit is
# neither lifted by that nor held for longer than its window (TRUST R10).
CLOCK_SKEW = 5


@dataclass(frozen=True)
class Window:
    """At most `limit` acts in any stretch of `seconds`."""

    limit: int
    seconds: int


class Store(Protocol):
    failures: tuple[type[Exception], ...]

    def act(
        self, names: Sequence[str], what: str, windows: Sequence[Window], now: float
    ) -> int: ...
    def undo(self, name: str, what: str, now: float) -> None: ...
    def knows(self, name: str) -> bool: ...
    def day_key(self, day: int) -> bytes: ...


class ShortMemory:
    """The shared store, and this process's own for as long as the other fails."""

    def __init__(self, shared: Store) -> None:
        self.shared = shared
        self.own = InSQLite(None)
        self.rests_until = 0.0

    def act(self, names: Sequence[str], what: str, windows: Sequence[Window]) -> int:
        """Record an act under names[0], unless a window is full under its one or two names.

        Answers 0, or the seconds until it would be recorded. `what` tells acts apart: the
        same one again within SAME_ACT is not counted again and never refused.
        """
        now = time.time()
        return self._ask(lambda store: store.act(names, what, windows, now))

    def undo(self, name: str, what: str) -> None:
        """Take an act back that was recorded under a name a moment ago.

        The same act of earlier than SAME_ACT counts on.
        """
        now = time.time()
        self._ask(lambda store: store.undo(name, what, now))

    def knows(self, name: str) -> bool:
        """Whether an act was recorded under a name within the day."""
        return self._ask(lambda store: store.knows(name))

    def day_keys(self) -> tuple[bytes, bytes]:
        """Today's key and yesterday's. Older ones no longer exist."""
        day = int(time.time() // DAY)
        return self._ask(lambda store: (store.day_key(day), store.day_key(day - 1)))

    def _ask(self, question: Callable[[Store], Answer]) -> Answer:
        if time.monotonic() >= self.rests_until:
            try:
                return question(self.shared)
            except self.shared.failures as failure:
                self.rests_until = time.monotonic() + REST
                log.warning("short memory failed: %s", type(failure).__name__)
        return question(self.own)


@cache
def short_memory() -> ShortMemory:
    if settings.CACHE_URL:
        return ShortMemory(InRedis(settings.CACHE_URL))
    return ShortMemory(InSQLite(settings.RUNTIME_DIR))


# --- One machine ----------------------------------------------------------------------


class InSQLite:
    """A file in a folder on tmpfs that only we may read; or this process's own memory."""

    SCHEMA = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = OFF;
        PRAGMA secure_delete = ON;
        CREATE TABLE IF NOT EXISTS act (name TEXT, what TEXT, at REAL);
        CREATE INDEX IF NOT EXISTS act_name ON act (name, at);
        CREATE INDEX IF NOT EXISTS act_at ON act (at);
        CREATE TABLE IF NOT EXISTS day_key (day INTEGER PRIMARY KEY, key BLOB);
    """

    SAME = "SELECT 1 FROM act WHERE name IN (?, ?) AND what = ? AND at > ?"
    LAST = "DELETE FROM act WHERE name = ? AND what = ? AND at > ?"
    # The act that must have left the window before the next one may be made.
    NTH = """
        SELECT at FROM act WHERE name IN (?, ?) AND at > ?
        ORDER BY at DESC LIMIT 1 OFFSET ?
    """

    failures: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.connection: sqlite3.Connection | None = None

    def act(
        self, names: Sequence[str], what: str, windows: Sequence[Window], now: float
    ) -> int:
        both = (names[0], names[-1])
        with self._transaction() as db:
            db.execute("UPDATE act SET at = ? WHERE at > ?", (now, now + CLOCK_SKEW))
            db.execute("DELETE FROM act WHERE at < ?", (now - DAY,))
            if db.execute(self.SAME, (*both, what, now - SAME_ACT)).fetchone():
                return 0
            wait = 0
            for window in windows:
                place = (*both, now - window.seconds, window.limit - 1)
                if found := db.execute(self.NTH, place).fetchone():
                    wait = max(wait, ceil(found[0] + window.seconds - now))
            if not wait:
                db.execute("INSERT INTO act VALUES (?, ?, ?)", (names[0], what, now))
            return wait

    def undo(self, name: str, what: str, now: float) -> None:
        with self._transaction() as db:
            db.execute(self.LAST, (name, what, now - SAME_ACT))

    def knows(self, name: str) -> bool:
        with self._transaction() as db:
            found = db.execute("SELECT 1 FROM act WHERE name = ?", (name,))
            return found.fetchone() is not None

    def day_key(self, day: int) -> bytes:
        with self._transaction() as db:
            fresh = (day, secrets.token_bytes(32))
            db.execute("INSERT OR IGNORE INTO day_key VALUES (?, ?)", fresh)
            db.execute("DELETE FROM day_key WHERE day < ?", (day - 1,))
            found = db.execute("SELECT key FROM day_key WHERE day = ?", (day,))
            key: bytes = found.fetchone()[0]
            return key

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            db = self.connection = self.connection or self._connect()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        path = ":memory:"
        if self.folder:
            path = str(_private(self.folder) / "short_memory.sqlite3")
        db = sqlite3.connect(
            path, timeout=1, isolation_level=None, check_same_thread=False
        )
        # SQLite waits for nobody who is changing a new file's journal mode, whatever the
        # timeout: workers that start together would count apart for a while.
        for pause in PATIENCE:
            with suppress(sqlite3.OperationalError):
                db.executescript(self.SCHEMA)
                return db
            time.sleep(pause)
        db.executescript(self.SCHEMA)
        return db


def _private(folder: Path) -> Path:
    """The folder, ours alone. Raises PermissionError when somebody else made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise PermissionError(f"{folder} must belong to this user alone")
    return folder


# --- Several machines -----------------------------------------------------------------


class InRedis:
    """Redis or Valkey. One script, because between a count and an entry others count."""

    prefix = "short"

    ACT = """
        local now, what, same = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
        local skew, day, wait = tonumber(ARGV[4]), tonumber(ARGV[5]), 0
        local before = redis.call('GET', KEYS[1])
        if before and math.abs(now - tonumber(before)) < same then return 0 end
        for k = 2, #KEYS do
            local later = redis.call('ZRANGEBYSCORE', KEYS[k], now + skew, '+inf')
            for _, act in ipairs(later) do redis.call('ZADD', KEYS[k], now, act) end
            redis.call('ZREMRANGEBYSCORE', KEYS[k], '-inf', now - day)
        end
        for i = 6, #ARGV, 2 do
            local limit, seconds, ats = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), {}
            for k = 2, #KEYS do
                local found = redis.call('ZREVRANGEBYSCORE', KEYS[k], '+inf',
                    '(' .. (now - seconds), 'WITHSCORES', 'LIMIT', 0, limit)
                for j = 2, #found, 2 do ats[#ats + 1] = tonumber(found[j]) end
            end
            table.sort(ats, function(a, b) return a > b end)
            if ats[limit] then
                wait = math.max(wait, math.ceil(ats[limit] + seconds - now))
            end
        end
        if wait == 0 then
            redis.call('ZADD', KEYS[2], now, what .. ARGV[1])
            redis.call('EXPIRE', KEYS[2], day)
            redis.call('SET', KEYS[1], ARGV[1], 'EX', same)
        end
        return wait
    """

    def __init__(self, url: str) -> None:
        # It takes 7 MiB of every process, and one machine alone has no use for it.
        import redis  # noqa: PLC0415

        self.failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(
            url, socket_timeout=0.2, socket_connect_timeout=0.2
        )
        self.script = self.client.register_script(self.ACT)

    def act(
        self, names: Sequence[str], what: str, windows: Sequence[Window], now: float
    ) -> int:
        keys = [self._name(names[0], what), *(self._name(name) for name in names)]
        values: list[str | int] = [repr(now), what, SAME_ACT, CLOCK_SKEW, DAY]
        for window in windows:
            values += [window.limit, window.seconds]
        return int(self.script(keys=keys, args=values))

    def undo(self, name: str, what: str, now: float) -> None:
        key = self._name(name)
        acts: list[bytes] = self.client.zrangebyscore(  # type: ignore[assignment]
            key, now - SAME_ACT, "+inf"
        )
        if made := [act for act in acts if act.startswith(what.encode())]:
            self.client.zrem(key, *made)
        self.client.delete(self._name(name, what))

    def knows(self, name: str) -> bool:
        return bool(self.client.exists(self._name(name)))

    def day_key(self, day: int) -> bytes:
        name = self._name("day key", str(day))
        # Until the end of the next day, when it is yesterday's.
        self.client.set(name, secrets.token_bytes(32), nx=True, ex=2 * DAY)
        key = self.client.get(name)
        if not isinstance(key, bytes):
            raise OSError("the key of the day is gone")
        return key

    def _name(self, *parts: str) -> str:
        return ":".join([self.prefix, *parts])
