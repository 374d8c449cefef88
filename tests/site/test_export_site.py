"""The whole site in open formats, without anything secret or private."""

import hashlib
import json
from io import StringIO
from threading import Thread

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection

from articles.exporters import site as exporter
from discussion.models import Decision, PostKey
from discussion.moderation import CRISIS
from tests.make import make_article, make_post
from tests.site.whole_site import BODY, CLAIM, make_site

pytestmark = pytest.mark.django_db


def export(folder):
    out = StringIO()
    call_command("export_site", folder, stdout=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path, edda, maya):
    make_site(edda, maya)
    export(tmp_path / "export")
    return tmp_path / "export"


def rows(path):
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_manifest_says_what_each_file_is(folder):
    said = json.loads((folder / "manifest.json").read_text())
    assert (said["kind"], said["version"]) == ("mfr-site export", 1)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert there - {"manifest.json"} == set(said["files"])
    for name, digest in said["files"].items():
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert "accounts" in said["left_out"][0]


def test_the_command_says_what_is_not_in_it(tmp_path, db):
    out = export(tmp_path / "export")
    assert "Not in it: accounts, e-mail addresses" in out


def test_texts_are_markdown_with_front_matter(folder):
    text = (folder / "articles/rolling/revisions/0001.md").read_text()
    _, matter, body = text.split("---\n", 2)
    assert body == BODY
    said = yaml.safe_load(matter)
    assert said["title"] == "Rolling"
    assert said["significance"] == "content"
    assert (folder / "pages/about.md").read_text().endswith("---\nWe *are*.\n")


def test_every_text_has_its_passages(folder):
    first, second, draft = rows(folder / "articles/rolling/passages.jsonl")
    assert first["passages"][0][1] == CLAIM
    assert first["passages"][0][0] == second["passages"][0][0]
    assert draft["revision"] == 3


def test_an_article_says_what_is_on_record(folder):
    said = yaml.safe_load((folder / "articles/rolling/article.yaml").read_text())
    assert said["old_slugs"] == ["old-rolling"]
    assert said["corrections"][0]["text"] == "We said that it cures."
    assert said["reviews"][0]["name"] == "Dr Ruth Register"
    assert (said["featured"], said["discussion_closed"]) == (True, True)


def test_posts_say_who_what_and_below_what(folder):
    posts = {
        row["number"]: row for row in rows(folder / "articles/rolling/posts.jsonl")
    }
    assert posts[1]["author"] == "Maya Member"
    assert posts[1]["text"] == "First, by a *member*."
    assert posts[1]["profession"]["state"] == "says"
    assert (posts[3]["parent"], posts[3]["author"]) == (2, "Maya Member")
    assert posts[5]["quotes"]["exact"] == CLAIM
    assert posts[5]["disputes"]["correction"] == 1
    assert posts[6]["disputes"]["answer"] == "Yes: *one* trial."
    [edited] = [row for row in posts.values() if "earlier" in row]
    assert edited["earlier"][0]["text"] == "As it was."
    assert edited["updates"][0]["text"] == "And later."


def test_tombstones_have_no_text_and_no_author(folder):
    posts = rows(folder / "articles/rolling/posts.jsonl")
    gone = [row for row in posts if row["state"] != "published"]
    assert {row["state"] for row in gone} == {"removed", "hidden"}
    for row in gone:
        assert not {"text", "author", "quotes", "disputes", "earlier"} & row.keys()
    assert [row["removed_by"] for row in gone if "removed_by" in row] == [
        "author",
        "moderator",
        "author",
    ]


def test_it_does_not_tell_that_somebody_was_worried(tmp_path, edda):
    post = make_post(make_article("rolling"))
    post.decide(Decision.Action.KEEP, rule=CRISIS, by=edda)
    post.decide(Decision.Action.KEEP, rule="spam", by=edda)
    export(tmp_path / "export")
    [row] = rows(tmp_path / "export/articles/rolling/posts.jsonl")
    assert [decision["rule"] for decision in row["decisions"]] == ["spam"]


def test_two_people_of_one_name_are_told_apart(folder):
    posts = rows(folder / "articles/rolling/posts.jsonl")
    names = {row.get("text"): row.get("author") for row in posts}
    assert names["Another of that name."] == "Maya Member 2"


def test_nothing_secret_or_private_is_in_it(folder, settings, edda, maya):
    whole = everything(folder)
    assert b"canary" not in whole
    for secret in (settings.SECRET_KEY, edda.email, maya.email, maya.password, "edda"):
        assert secret.encode() not in whole
    assert PostKey.objects.exists()
    for digest in PostKey.objects.values_list("digest", flat=True):
        assert digest.encode() not in whole


def test_it_is_the_same_bytes_every_time(folder, tmp_path):
    export(tmp_path / "again")
    assert everything(folder) == everything(tmp_path / "again")


@pytest.mark.django_db(transaction=True)
def test_it_is_of_one_moment_while_others_write(tmp_path, monkeypatch):
    """A post that comes while the articles are written is in none of the files."""
    article = make_article("rolling")
    make_post(article)
    library = exporter.library

    def and_somebody_posts():
        yield from library()
        poster = Thread(target=post_and_close, args=[article])
        poster.start()
        poster.join()

    monkeypatch.setattr(exporter, "library", and_somebody_posts)
    export(tmp_path / "export")
    assert article.posts.count() == 2
    assert len(rows(tmp_path / "export/articles/rolling/posts.jsonl")) == 1
    said = (tmp_path / "export/articles/rolling/article.yaml").read_text()
    assert "last_post_number: 1" in said


def post_and_close(article):
    make_post(article)
    connection.close()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, db):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path, db):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        export(tmp_path / "file" / "export")


def test_a_picture_that_is_missing_is_said(tmp_path, edda, maya, settings):
    make_site(edda, maya)
    make_article()
    for path in settings.MEDIA_ROOT.rglob("*.webp"):
        path.unlink()
    with pytest.raises(CommandError, match="roller"):
        export(tmp_path / "export")
    assert not (tmp_path / "export" / "manifest.json").exists()
