"""What was exported comes back the same: numbers, gaps, tree, passages, times."""

import json
import shutil
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles.models import (
    Article,
    Image,
    Passage,
    Related,
    Revision,
    Source,
    StandingPage,
    Topic,
)
from discussion.importers import site as importer
from discussion.models import Anchor, CredentialType, Dispute, Post
from mfr_site.models import LoadedContent, PageVersion, SearchEntry
from tests.make import make_article, make_post
from tests.site.whole_site import make_site

pytestmark = pytest.mark.django_db


def export(folder):
    call_command("export_site", folder, stdout=StringIO())
    return folder


def bring_in(folder, *options, failing=False):
    out = StringIO()
    if failing:
        with pytest.raises(CommandError) as refused:
            call_command("import_site", folder, *options, stdout=out)
        return f"{out.getvalue()}{refused.value}"
    call_command("import_site", folder, *options, stdout=out)
    return out.getvalue()


def empty_the_site(settings):
    for model in (Anchor, Dispute, Article, Topic, Source, Image, StandingPage):
        model.objects.all().delete()
    for model in (CredentialType, LoadedContent, SearchEntry, PageVersion):
        model.objects.all().delete()
    for path in settings.MEDIA_ROOT.rglob("*.webp"):
        path.unlink()


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def places():
    fields = ("number", "parent_number", "root", "path", "depth", "folded")
    posts = Post.objects.in_thread().order_by("article__slug", "path")
    return [*posts.values("article__slug", *fields, "descendants")]


_kept: list[Path] = []


@pytest.fixture
def folder(tmp_path, tmp_path_factory, settings, request):
    """An export of a site that is gone. Made once: that takes longer than most tests."""
    if not _kept:
        people = [request.getfixturevalue(name) for name in ("edda", "maya")]
        make_site(*people)
        _kept.append(export(tmp_path_factory.mktemp("kept") / "export"))
        empty_the_site(settings)
    return Path(shutil.copytree(_kept[0], tmp_path / "export"))


def edit(folder, name, change):
    """Change a file of an export, as somebody would who mends the manifest too."""
    path = folder / name
    path.write_text(change(path.read_text()))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_round_trip_gives_equal_bytes(tmp_path, edda, maya, settings):
    article = make_site(edda, maya)
    first = export(tmp_path / "first")
    before = places()
    passages = [*article.live.passages.values_list("key", "text")]
    last_number = Article.objects.get(slug="rolling").last_post_number
    empty_the_site(settings)
    bring_in(first, "--commit")
    assert contents(export(tmp_path / "second")) == contents(first)
    assert places() == before
    again = Article.objects.get(slug="rolling")
    assert [*again.live.passages.values_list("key", "text")] == passages
    assert again.last_post_number == last_number


def test_readers_see_the_same_pages(tmp_path, edda, maya, settings, client):
    article = make_site(edda, maya)
    first = export(tmp_path / "first")
    tables = ("html", "text", "headings", "citations", "minutes", "go_live_at")
    revisions = [*Revision.objects.order_by("article__slug", "number").values(*tables)]
    shown = article.posts.published().count()
    since = Article.objects.get(slug="rolling").first_published_at
    empty_the_site(settings)
    bring_in(first, "--commit")
    assert [
        *Revision.objects.order_by("article__slug", "number").values(*tables)
    ] == revisions
    again = Article.objects.get(slug="rolling")
    assert (again.post_count, again.first_published_at) == (shown, since)
    assert again.clinical_review.reviewer_name == "Dr Ruth Register"
    page = client.get("/articles/rolling/").content.decode()
    assert "First, by a <em>member</em>." in page
    assert "We said that it cures." in client.get("/corrections/").content.decode()
    assert client.get("/articles/old-rolling/").status_code == 301
    assert client.get("/articles/gone/").status_code == 410
    assert client.get("/articles/draft/").status_code == 404
    assert "member" in client.get("/search/?q=member").content.decode()
    assert "canary" not in page


def test_the_next_post_gets_the_next_number(folder):
    bring_in(folder, "--commit")
    article = Article.objects.get(slug="rolling")
    last = article.last_post_number
    assert last > article.posts.in_thread().count()
    Article.objects.update(discussion_open=True)
    assert make_post(article).number == last + 1


def test_nothing_is_written_without_commit(folder, settings):
    out = bring_in(folder)
    assert "article rolling: new" in out
    assert "Nothing was written." in out
    models = [Article, Post, Passage, Topic, Source, Image, Related]
    assert [model.__name__ for model in models if model.objects.exists()] == []
    assert [*settings.MEDIA_ROOT.rglob("*.webp")] == []


def test_a_second_run_changes_nothing(folder):
    bring_in(folder, "--commit")
    before = [*Post.objects.values(), *Article.objects.values()]
    out = bring_in(folder, "--commit")
    assert [*Post.objects.values(), *Article.objects.values()] == before
    assert ": new" not in out
    assert "article, is here already: 4" in out


def test_a_run_that_was_stopped_is_finished_by_the_next(folder, tmp_path, monkeypatch):
    write = importer.write_posts

    def stopped(folder, article, last):
        write(folder, article, last)
        if article.slug == "other":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(importer, "write_posts", stopped)
        bring_in(folder, "--commit")
    assert [article.slug for article in Article.objects.all()] == ["rolling"]
    out = bring_in(folder, "--commit")
    assert "article rolling: is here already" in out
    assert contents(export(tmp_path / "again")) == contents(folder)


def test_what_is_here_and_different_is_never_changed(folder):
    make_article("rolling", title="Mine")
    Topic(slug="care", title="Mine", description="Mine").save()
    StandingPage(url="/about/", title="Mine", source="Mine").save()
    out = bring_in(folder, "--commit", failing=True)
    assert "article rolling: not understood, here it is different" in out
    assert "topic care: not understood" in out
    assert "page /about/: not understood" in out
    assert Article.objects.get(slug="rolling").live.title == "Mine"
    assert StandingPage.objects.get(url="/about/").source == "Mine"
    assert Article.objects.filter(slug="other").exists()


def test_a_former_address_of_another_article_is_not_taken(folder):
    make_article("rolling").change_slug("mine")
    out = bring_in(folder, "--commit", failing=True)
    assert "article rolling: not understood" in out
    assert not Article.objects.filter(slug="rolling").exists()


# --- Folders that are not what they should be


def test_a_folder_that_is_no_export_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"manifest\.json"):
        bring_in(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(CommandError, match="not a manifest of ours"):
        bring_in(tmp_path)


def test_another_version_is_refused(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 9'))
    with pytest.raises(CommandError, match="this version can read"):
        bring_in(folder)


@pytest.mark.parametrize("name", ["articles/rolling/posts.jsonl", "topics.yaml"])
def test_a_file_that_was_changed_or_lost_is_refused(folder, name):
    (folder / name).write_text((folder / name).read_text() + "\n")
    assert "is not what was exported" in bring_in(folder, "--commit", failing=True)
    (folder / name).unlink()
    assert "No such file" in bring_in(folder, "--commit", failing=True)
    assert not Topic.objects.exists()


def test_a_file_outside_the_folder_is_never_read(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../outside"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "is no name for a file" in bring_in(folder, failing=True)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("topics.yaml", lambda text: "care"),
        ("topics.yaml", lambda text: text.replace("slug: care", "slug: a b")),
        ("sources.yaml", lambda text: "- [unclosed"),
        ("images/images.yaml", lambda text: text.replace(".webp", ".html")),
        ("pages/about.md", lambda text: "no front matter"),
        ("articles/rolling/article.yaml", lambda text: "{}"),
        ("articles/rolling/posts.jsonl", lambda text: "{torn"),
        ("articles/rolling/posts.jsonl", lambda text: '{"number": 1}'),
        (
            "articles/rolling/posts.jsonl",
            lambda text: text.replace('"parent": 1', '"parent": 99'),
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_clearly(folder, name, change):
    edit(folder, name, change)
    with pytest.raises(CommandError):
        bring_in(folder, "--commit")
    assert not Article.objects.filter(slug="rolling").exists()


def test_strangers_words_are_rendered_anew(folder):
    """An export that somebody has changed cannot bring in HTML."""
    edit(
        folder,
        "articles/rolling/posts.jsonl",
        lambda text: text.replace("First, by a", "<script>alert(1)</script>"),
    )
    bring_in(folder, "--commit")
    post = Article.objects.get(slug="rolling").posts.get(number=1)
    assert "&lt;script&gt;" in post.html
