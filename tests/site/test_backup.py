"""One file that holds the site as of one moment, and nothing that opens anything."""

import json
import shutil
import sqlite3
import stat
import threading
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command
from django.db import connection

from articles.models import Article
from discussion.models import Post
from mfr_site import mail
from mfr_site.backups import databases
from mfr_site.models import OutgoingMail
from tests.make import make_article, make_post
from tests.people import make_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="no pg_dump here",
    ),
]


def back_up(path, **options):
    out = StringIO()
    call_command("backup", path, stdout=out, **options)
    return out.getvalue()


def manifest(path):
    return json.loads(zipfile.ZipFile(path).read("manifest.json"))


@pytest.fixture
def target(tmp_path):
    return tmp_path / "site.backup"


def test_it_says_what_it_holds(target, settings):
    make_post(make_article())
    media = Path(settings.MEDIA_ROOT) / "images"
    media.mkdir(parents=True)
    (media / "a.webp").write_bytes(b"picture")
    out = back_up(target)
    said = manifest(target)
    assert said["counts"]["discussion_post"] == 1
    assert said["vendor"] == connection.vendor
    assert set(said["files"]) == {"database", "media/images/a.webp"}
    assert "1 pictures" in out
    assert "rows" in out


def test_nobody_else_can_read_it(target):
    back_up(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_file_that_exists_is_never_replaced(target):
    target.write_text("yesterday's")
    with pytest.raises(CommandError, match="exists"):
        back_up(target)
    assert target.read_text() == "yesterday's"


def test_a_folder_that_is_not_there_is_said_clearly(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        back_up(tmp_path / "nowhere" / "site.backup")


def test_nothing_unfinished_is_left_when_it_fails(target, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mfr_site.backups.file._add", full)
    with pytest.raises(CommandError, match="No space"):
        back_up(target)
    assert list(target.parent.glob("site.backup*")) == []


def test_what_is_on_its_way_or_opens_something_is_not_in_it(target, client):
    client.force_login(make_member("maya"))
    assert client.session.session_key
    OutgoingMail.objects.create(name="x", to="canary-in-mail@example.org")
    assert mail.OutgoingMail.objects.exists()
    back_up(target)
    found = zipfile.ZipFile(target).read("database")
    assert b"canary-in-mail" not in found
    assert client.session.session_key.encode() not in found
    assert site_settings.SECRET_KEY.encode() not in found
    assert set(databases.LEFT_EMPTY).isdisjoint(manifest(target)["counts"])


def test_the_tables_left_empty_are_there():
    """A table that was renamed would silently be in every backup."""
    there = set(connection.introspection.table_names())
    assert set(databases.LEFT_EMPTY) <= there


@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the SQLite file")
def test_words_that_were_deleted_are_not_in_its_empty_pages(target, tmp_path):
    post = make_post(make_article(), "canary-in-post " * 400)
    post.delete_by_author()
    back_up(target)
    assert b"canary-in-post" not in zipfile.ZipFile(target).read("database")


def test_it_is_of_one_moment_while_others_write(target, tmp_path):
    """What was accepted before it began is in it; numbers have no hole (TRUST R19)."""
    article = make_article()
    for _ in range(3):
        make_post(article)
    done, written = threading.Event(), []

    def write():
        while not done.is_set():
            written.append(make_post(Article.objects.get(pk=article.pk)).number)
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    while not written:
        pass
    before = len(written)
    back_up(target)
    done.set()
    writer.join()
    count = manifest(target)["counts"]["discussion_post"]
    assert 3 + before <= count <= 3 + len(written)
    assert Post.objects.count() == 3 + len(written)
    if connection.vendor == "sqlite":
        copy = tmp_path / "copy.sqlite3"
        copy.write_bytes(zipfile.ZipFile(target).read("database"))
        rows = sqlite3.connect(copy).execute("SELECT number FROM discussion_post")
        assert sorted(row[0] for row in rows) == list(range(1, count + 1))


@pytest.mark.postgres
def test_without_the_programs_of_postgresql_it_says_so(target, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match="no pg_dump here"):
        back_up(target)


@pytest.mark.postgres
def test_what_postgresql_says_is_passed_on(target, tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho too old >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(CommandError, match="pg_dump failed: too old"):
        back_up(target)
    assert not target.exists()


def test_a_picture_is_in_it_byte_by_byte(target, settings):
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True)
    (media / "a.webp").write_bytes(content := bytes(range(256)) * 5000)
    back_up(target)
    archive = zipfile.ZipFile(BytesIO(target.read_bytes()))
    assert archive.read("media/a.webp") == content
