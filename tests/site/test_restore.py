"""A backup comes back whole, without what was deleted since; or nothing happens."""

import json
import shutil
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import User
from articles.models import Article
from discussion.authors import new_key
from discussion.models import Post, PostKey
from mfr_site import my_data
from mfr_site.models import PageVersion
from mfr_site.my_data import part_with
from tests.make import make_article, make_author, make_post
from tests.people import make_editor, make_member

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"),
        reason="no pg_dump here",
    ),
]


@pytest.fixture
def data_dir(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


@pytest.fixture
def backup(tmp_path, data_dir):
    """`backup()`: the file of the site as it is now."""

    def make():
        path = tmp_path / "site.backup"
        path.unlink(missing_ok=True)
        call_command("backup", path, stdout=StringIO())
        return path

    return make


def restore(path, *options):
    out = StringIO()
    call_command("restore", path, *options, stdout=out)
    return out.getvalue()


def changed(path, **changes):
    """The backup with another manifest."""
    target = path.with_name("changed.backup")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                content = json.dumps({**json.loads(content), **changes})
            new.writestr(name, content)
    return target


def test_the_site_is_what_it_was(backup, settings, client):
    article = make_article("rolling", title="Rolling")
    post = make_post(article, "What helped me was patience.")
    picture = Path(settings.MEDIA_ROOT) / "images" / "a.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    path = backup()
    Post.objects.filter(pk=post.pk).update(source="", html="")
    make_article("later")
    picture.unlink()
    out = restore(path, "--replace")
    assert [article.slug for article in Article.objects.all()] == ["rolling"]
    assert Post.objects.get().source == "What helped me was patience."
    assert picture.read_bytes() == b"picture"
    assert "1 of 1 pictures" in out
    assert b"patience" in client.get("/articles/rolling/").content
    assert b"patience" in client.get("/search/?q=patience").content


def test_after_it_everything_goes_on(backup):
    article = make_article()
    make_post(article)
    path = backup()
    restore(path, "--replace")
    assert make_post(Article.objects.get()).number == 2
    assert make_article().latest.number == 1


def test_an_empty_site_needs_no_leave(backup):
    make_article("rolling")
    path = backup()
    Article.objects.all().delete()
    restore(path)
    assert Article.objects.get().slug == "rolling"


def test_a_site_is_not_replaced_without_leave(backup):
    make_article("rolling")
    path = backup()
    make_article("later")
    with pytest.raises(CommandError, match="--replace"):
        restore(path)
    assert Article.objects.count() == 2


# --- What was deleted stays deleted


def test_a_text_that_was_erased_since_is_still_gone(backup, client):
    article = make_article("rolling")
    post = make_post(article, "Canary of hers.")
    kept = make_post(article, "Mine stays.")
    path = backup()
    Post.objects.get(pk=post.pk).delete_by_author()
    out = restore(path, "--replace")
    gone = Post.objects.get(pk=post.pk)
    assert (gone.source, gone.html, gone.author, gone.is_erased) == ("", "", None, True)
    assert Post.objects.get(pk=kept.pk).source == "Mine stays."
    assert b"Canary" not in client.get("/articles/rolling/").content
    assert b"of hers" not in client.get("/search/?q=Canary").content
    assert "1 things" in out


def test_accounts_and_keys_that_left_since_are_still_gone(backup):
    maya, (key, _) = make_member("maya"), new_key()
    article = make_article()
    post = make_post(article, "Hers.", author=make_author(article, maya))
    path = backup()
    part_with(maya)
    my_data.part_with_key(key)
    restore(path, "--replace")
    assert not User.objects.exists()
    assert not PostKey.objects.filter(pk=key.pk).exists()
    assert Post.objects.get(pk=post.pk).author.is_anonymous


def test_a_restore_that_was_killed_half_way_is_finished_by_the_next(
    backup, data_dir, monkeypatch
):
    post = make_post(make_article(), "Canary of hers.")
    path = backup()
    Post.objects.get(pk=post.pk).delete_by_author()

    def killed(erased):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(my_data, "delete_again", killed)
        restore(path, "--replace")
    assert Post.objects.get(pk=post.pk).source == "Canary of hers."
    restore(path, "--replace")
    assert Post.objects.get(pk=post.pk).source == ""
    assert list(data_dir.glob("erased*")) == []


def test_numbers_of_another_database_delete_nothing_here(backup):
    post = make_post(make_article(), "Stays.")
    path = backup()
    Post.objects.get(pk=post.pk).delete_by_author()
    out = restore(changed(path, began="2020-01-01T00:00:00+00:00"), "--replace")
    assert Post.objects.get(pk=post.pk).source == "Stays."
    assert "delete it by hand" in out


def test_it_names_what_moderators_decided_since(backup):
    post = make_post(make_article("rolling"), "An address.")
    path = backup()
    Post.objects.get(pk=post.pk).remove(make_editor("edda"), "personal-data")
    out = restore(path, "--replace")
    assert "look again: Removed: Post 1 under /articles/rolling/" in out


# --- Nobody sees an old page, nobody is still logged in


def test_every_page_that_was_kept_is_old(backup):
    article = make_article("rolling")
    path = backup()
    for _ in range(3):
        make_post(article)
    make_article("later")
    former = dict(PageVersion.objects.values_list("tag", "version"))
    restore(path, "--replace")
    now = dict(PageVersion.objects.values_list("tag", "version"))
    assert "article:later" in former
    assert all(now[tag] > former[tag] for tag in former)


def test_everybody_has_to_log_in_again(backup, client):
    client.force_login(make_member("maya"))
    restore(backup(), "--replace")
    assert not Session.objects.exists()
    assert User.objects.get().username == "maya"


# --- Files that are not what they should be


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.999])
def test_a_torn_file_is_refused(backup, share):
    make_article("rolling")
    path = backup()
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CommandError, match="torn"):
        restore(path, "--replace")
    assert Article.objects.get().slug == "rolling"


def test_a_file_with_one_wrong_byte_is_refused(backup):
    make_article("rolling")
    path = backup()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"torn|not what was backed up"):
        restore(path, "--replace")
    assert Article.objects.get().slug == "rolling"


def test_another_content_than_the_manifest_says_is_refused(backup):
    make_article("rolling")
    path = backup()
    said = json.loads(zipfile.ZipFile(path).read("manifest.json"))["files"]
    wrong = {"database": [said["database"][0], "0" * 64]}
    with pytest.raises(CommandError, match="not what was backed up"):
        restore(changed(path, files=wrong), "--replace")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "something else"},
        {"version": 99},
        {"unknown": 1},
        {"vendor": "oracle"},
        {"migrations": ["articles.9999_to_come"]},
        {"files": {"media/../../../evil": [0, ""]}},
        {"files": {"/evil": [0, ""]}},
        {"files": {"media/missing": [0, ""]}},
    ],
)
def test_a_backup_that_cannot_be_ours_is_refused(backup, changes):
    make_article("rolling")
    path = changed(backup(), **changes)
    with pytest.raises(CommandError):
        restore(path, "--replace")
    assert Article.objects.get().slug == "rolling"


@pytest.mark.parametrize("content", [b"", b"not a backup", b"PK\x05\x06" + 18 * b"\0"])
def test_something_else_is_refused(tmp_path, content):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(CommandError):
        restore(path)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        restore(tmp_path / "nothing")


def test_rows_that_did_not_come_back_are_said(backup):
    make_article()
    path = backup()
    counts = json.loads(zipfile.ZipFile(path).read("manifest.json"))["counts"]
    with pytest.raises(CommandError, match="articles_article"):
        restore(changed(path, counts={**counts, "articles_article": 5}), "--replace")


def test_an_older_database_is_brought_to_this_version(backup):
    make_article("rolling")
    call_command("migrate", "discussion", "0001_initial", verbosity=0)
    try:
        path = backup()
    finally:
        call_command("migrate", verbosity=0)
    out = restore(path, "--replace")
    assert "brought to this version" in out
    newest = ("discussion", "0002_paths_sort_by_bytes")
    assert newest in MigrationRecorder(connection).applied_migrations()
    assert Article.objects.get().slug == "rolling"


@pytest.mark.postgres
def test_a_table_that_the_backup_does_not_know_is_gone(backup):
    path = backup()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_over (id int)")
    restore(path, "--replace")
    assert "left_over" not in connection.introspection.table_names()
