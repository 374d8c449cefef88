"""Whether anybody has committed to an SQLite database: a look at shared memory.

In WAL mode all connections of a machine share one mapped file, the WAL-index. A commit
is there for others from the moment its header says so, which counts the commits and has
the place and checksum of the last (https://www.sqlite.org/walformat.html, 2.1). So the
same header means the same database.

`PRAGMA data_version` reads it too. On the way it locks and unlocks the file and lets go
of the interpreter, and another thread takes over: that made a kept page a sixth slower.
"""

import mmap
import os
import sqlite3
import threading

# The header stands there twice. While a commit writes it, the two may differ; then they
# differ from before and from after as well.
HEADER = slice(0, 96)

_opening = threading.Lock()
_open: dict[str, tuple[sqlite3.Connection, int, mmap.mmap]] = {}


def wal_index(path: str) -> mmap.mmap:
    """The WAL-index of the database at `path`, of which `[HEADER]` is of interest.

    Not before a fork. Raises sqlite3.OperationalError when the database cannot be read
    and OSError when it is not in WAL mode.

    Beware: what is opened here is never closed. POSIX takes all locks that a process has
    on a file as soon as it closes any one of its descriptors, and SQLite's locks are on
    this file. And its connection keeps SQLite from making a new WAL-index.
    """
    with _opening:
        if path not in _open:
            connection = sqlite3.connect(path, check_same_thread=False)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            file = os.open(f"{os.path.realpath(path)}-shm", os.O_RDONLY)
            index = mmap.mmap(file, HEADER.stop, mmap.MAP_SHARED, mmap.PROT_READ)
            _open[path] = connection, file, index
        return _open[path][2]
