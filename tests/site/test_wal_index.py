"""What SQLite's shared memory says of commits, and that looking at it harms nothing."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.db import connection

from mfr_site.page_versions import SQLiteVersions
from mfr_site.wal_index import HEADER, wal_index

WRITE = "INSERT INTO kept VALUES ('x')"
FROM_ANOTHER_PROCESS = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], timeout=0.1, isolation_level=None)
for question in sys.argv[2:]:
    database.execute(question)
"""


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "kept.sqlite3")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE kept (word text)")
    return path


@pytest.fixture
def database(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        yield database


def elsewhere(path, *questions):
    """Asked by another process. Answers what it complained of."""
    command = [sys.executable, "-c", FROM_ANOTHER_PROCESS, path, *questions]
    return subprocess.run(command, check=False, capture_output=True, text=True).stderr


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_commit_changes_the_header_and_nothing_else_does(path, database, where):
    index = wal_index(path)

    def ask(*questions):
        if where == "elsewhere":
            assert elsewhere(path, *questions) == ""
        else:
            for question in questions:
                database.execute(question)

    before = index[HEADER]
    ask("SELECT * FROM kept", "BEGIN IMMEDIATE", WRITE, "ROLLBACK")
    assert index[HEADER] == before
    seen = {before}
    for write in (WRITE, WRITE, "DELETE FROM kept"):
        ask("BEGIN IMMEDIATE", write, "COMMIT")
        seen.add(index[HEADER])
    assert len(seen) == 4


def test_what_is_not_committed_yet_leaves_it_alone(path, database):
    index = wal_index(path)
    before = index[HEADER]
    database.execute("BEGIN IMMEDIATE")
    database.execute(WRITE)
    assert index[HEADER] == before
    database.execute("COMMIT")
    assert index[HEADER] != before


def test_a_commit_after_a_checkpoint_that_began_the_log_anew_is_seen(path, database):
    index = wal_index(path)
    seen = set()
    for _ in range(5):
        database.execute(WRITE)
        seen.add(index[HEADER])
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert len(seen) == 5


def test_all_connections_may_close_and_others_are_still_heard(path):
    """SQLite removes the WAL-index with its last connection; ours is one of them."""
    index = wal_index(path)
    before = index[HEADER]
    with closing(sqlite3.connect(path)):
        pass
    assert elsewhere(path, WRITE) == ""
    assert index[HEADER] != before


def test_a_lock_that_this_process_has_holds_when_the_index_is_opened(path, database):
    """Any closing of the file would free it, says POSIX."""
    database.execute("BEGIN IMMEDIATE")
    wal_index(path)
    assert "database is locked" in elsewhere(path, "BEGIN IMMEDIATE")
    database.execute("COMMIT")
    assert elsewhere(path, "BEGIN IMMEDIATE") == ""


def test_one_look_serves_all_who_ask_until_somebody_commits(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE mfr_site_pageversion (tag text, version int)")
        database.execute("INSERT INTO mfr_site_pageversion VALUES ('names', 3)")
        database.commit()
    source, other = SQLiteVersions(path), SQLiteVersions(path)
    questions = []
    assert source.current(("names", "articles")) == (3, 0)
    ask = source.thread.ask
    source.thread.ask = lambda *asked: questions.append(asked) or ask(*asked)
    for _ in range(3):
        assert source.current(("names", "articles")) == (3, 0)
    assert questions == []
    assert elsewhere(path, "UPDATE mfr_site_pageversion SET version = 4") == ""
    assert source.current(("names", "articles")) == (4, 0)
    assert other.current(("names",)) == (4,)
    assert len(questions) == 1


def test_a_database_without_a_wal_is_refused(tmp_path):
    path = str(tmp_path / "plain.sqlite3")
    sqlite3.connect(path).execute("CREATE TABLE kept (word text)").connection.close()
    with pytest.raises(FileNotFoundError):
        wal_index(path)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="DATABASE_URL is not SQLite")
@pytest.mark.django_db
def test_the_site_s_own_database_has_one():
    assert wal_index(str(connection.settings_dict["NAME"]))[HEADER].strip(b"\0")
