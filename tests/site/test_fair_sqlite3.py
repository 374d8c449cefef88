"""Those who write for readers stand in line; SQLite alone keeps writers apart."""

import fcntl
import sqlite3
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from mfr_site.fair_sqlite3.base import DatabaseWrapper, Line
from mfr_site.models import PageVersion

on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="other databases queue their writers"
)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "line")


@pytest.fixture
def line(path, monkeypatch):
    line = Line(path, patience=60)
    monkeypatch.setattr(DatabaseWrapper, "line", line)
    return line


def is_free(path):
    """Whether another process could write now."""
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_one_process_waits_for_the_other(path):
    here, there = Line(path, 60), Line(path, 60)
    here.enter()
    waiting = threading.Thread(target=there.enter)
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    here.leave()
    waiting.join(60)
    assert not waiting.is_alive() and not is_free(path)


def test_one_thread_waits_for_the_other_but_not_for_ever(path):
    line = Line(path, patience=0.05)
    line.enter()
    with pytest.raises(OperationalError, match="locked"):
        line.enter()
    line.leave()
    line.enter()
    assert not is_free(path)


def test_a_process_that_is_killed_leaves_its_place(path):
    code = (
        "import sys, time; from mfr_site.fair_sqlite3.base import Line;"
        "Line(sys.argv[1], 60).enter(); print('in', flush=True); time.sleep(600)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"in\n" and not is_free(path)
    other.kill()
    other.communicate()
    assert is_free(path)


@on_sqlite
@pytest.mark.django_db(transaction=True)
class TestATransaction:
    def test_it_has_its_turn_from_beginning_to_end(self, line, path):
        with transaction.atomic():
            assert not is_free(path)
            with transaction.atomic():
                PageVersion.objects.create(tag="inner")
            assert not is_free(path)
        assert is_free(path)

    def test_it_ends_when_it_fails(self, line, path):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            PageVersion.objects.create(tag=str(1 / 0))
        assert is_free(path)

    def test_it_ends_when_its_connection_is_closed(self, line, path):
        with transaction.atomic():
            connection.close()
            assert is_free(path)

    def test_who_cannot_begin_has_no_turn(self, line, path):
        """A command writes for long, and does not stand in line."""
        command = sqlite3.connect(connection.settings_dict["NAME"])
        command.execute("BEGIN IMMEDIATE")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            raise AssertionError
        assert is_free(path)
        command.close()
        connection.close()

    def test_reading_and_single_writes_need_none(self, line, path):
        line.enter()
        PageVersion.objects.filter(tag="single").update(version=2)
        assert not PageVersion.objects.filter(tag="single").exists()
        line.leave()


@on_sqlite
def test_whoever_serves_readers_stands_in_line(tmp_path):
    code = (
        "import mfr_site.wsgi; from mfr_site.fair_sqlite3.base import DatabaseWrapper;"
        "print(DatabaseWrapper.line.patience)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={"DATA_DIR": str(tmp_path), "SECRET_KEY": settings.SECRET_KEY},
        capture_output=True,
        check=True,
    )
    assert told.stdout == b"20\n"
    assert DatabaseWrapper.line is None
