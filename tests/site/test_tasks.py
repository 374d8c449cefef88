"""Work that is done later, and what becomes of it when a worker is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from mfr_site import mail, tasks
from mfr_site.management.commands import db_worker
from mfr_site.models import OutgoingMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def test_what_was_not_committed_is_not_done(queued):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        mail.send("account/unknown", "maya@example.org")
        raise ZeroDivisionError
    assert not DBTaskResult.objects.exists()
    assert not OutgoingMail.objects.exists()


def left_behind(ago, workers):
    mail.send("account/unknown", "maya@example.org")
    row = DBTaskResult.objects.get()
    row.status = TaskResultStatus.RUNNING
    row.started_at = timezone.now() - ago
    row.worker_ids = [f"worker {n}" for n in range(workers)]
    row.save()
    return row


@pytest.mark.parametrize(
    ("ago", "workers", "status"),
    [
        (timedelta(minutes=4), 1, "RUNNING"),
        (timedelta(minutes=6), 1, "READY"),
        (timedelta(minutes=6), 5, "FAILED"),
    ],
)
def test_what_a_killed_worker_left_is_taken_up_or_parked(queued, ago, workers, status):
    row = left_behind(ago, workers)
    assert tasks.rescue() == (status == "READY")
    row.refresh_from_db()
    assert row.status == status
    assert (row in tasks.parked()) == (status == "FAILED")


def test_parked_work_gets_a_fresh_start(queued):
    row = left_behind(timedelta(minutes=6), 5)
    tasks.rescue()
    row.refresh_from_db()
    tasks.try_again(row)
    assert list(DBTaskResult.objects.ready()) == [row]
    assert row.worker_ids == []


def test_a_task_that_hangs_does_not_keep_the_others(queued, monkeypatch):
    monkeypatch.setattr(tasks, "SECONDS_ALLOWED", 0.05)
    monkeypatch.setattr(mail, "compose", lambda *_: time.sleep(10))
    mail.send("account/unknown", "maya@example.org")
    mail.deliver.call(OutgoingMail.objects.get().pk)
    assert DBTaskResult.objects.latest("enqueued_at").args_kwargs["kwargs"] == {
        "tries": 2
    }


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="the worker of this test opens the test's SQLite file",
)
def test_workers_that_are_killed_lose_nothing(queued, tmp_path):
    """Six kills among thirty mails; each arrives, none more than twice (TRUST R2)."""
    for number in range(30):
        mail.send("account/unknown", f"reader{number}@example.org")
    database = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DATA_DIR": str(tmp_path),
        "RUNTIME_DIR": str(tmp_path / "run"),
        "DJANGO_SETTINGS_MODULE": "mfr_site.settings",
    }
    environment["RUNTIME_DIR"] = str(tmp_path.parent / f"{tmp_path.name}-run")

    def worker():
        command = [sys.executable, "manage.py", "db_worker", "--batch", "--no-reload"]
        return subprocess.Popen(
            [*command, "--interval", "0.01", "--no-startup-delay"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    for kill in range(6):
        running = worker()
        before = OutgoingMail.objects.count()
        while OutgoingMail.objects.count() > before - 1 - kill % 3:
            if running.poll() is not None:
                break
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        DBTaskResult.objects.running().update(
            started_at=timezone.now() - 2 * tasks.LEASE
        )
        tasks.rescue()
    worker().wait(timeout=60)

    assert not OutgoingMail.objects.exists()
    ids = [
        line
        for path in (tmp_path / "mail").iterdir()
        for line in path.read_text().splitlines()
        if line.startswith("Message-ID")
    ]
    assert len(set(ids)) == 30
    assert max(map(ids.count, ids)) <= mail.AT_MOST


def test_the_desk_shows_what_failed_and_an_editor_begins_it_anew(queued, client, edda):
    row = left_behind(timedelta(minutes=6), 5)
    tasks.rescue()
    client.force_login(edda)
    tray = client.get("/admin/").context["trays"][-1]
    assert (tray.title, tray.lines[0].title) == ("Failed work", "deliver")

    page = client.post(
        "/admin/django_tasks_database/dbtaskresult/",
        {"action": "try_again", "_selected_action": [str(row.pk)]},
        follow=True,
    )

    assert "done again" in page.content.decode()
    assert list(DBTaskResult.objects.ready()) == [row]


@pytest.mark.parametrize("when", ["enqueued_at", "run_after"])
def test_work_that_nobody_begins_raises_an_alarm(queued, client, edda, caplog, when):
    mail.send("account/unknown", "maya@example.org")
    DBTaskResult.objects.update(**{when: timezone.now() - timedelta(minutes=9)})
    db_worker.say_what_is_late()
    assert "have waited" not in caplog.text
    DBTaskResult.objects.update(**{when: timezone.now() - timedelta(minutes=11)})
    db_worker.say_what_is_late()
    assert "1 pieces of work have waited" in caplog.text
    client.force_login(edda)
    tray = client.get("/admin/").context["trays"][-1]
    assert [line.title for line in tray.lines] == ["Is the worker running?"]


def test_a_round_that_fails_in_part_goes_on(monkeypatch, caplog):
    done, later = threading.Event(), []

    def fails():
        raise ZeroDivisionError

    def ends():
        later.append("done")
        done.set()

    monkeypatch.setattr(db_worker, "EACH_ROUND", [fails, ends])
    # Closing the connections of this thread would end the test's transaction.
    round_ = threading.Thread(target=db_worker._rounds, args=[done])
    round_.start()
    round_.join(timeout=60)
    assert later == ["done"]
    assert "fails was left out" in caplog.text
