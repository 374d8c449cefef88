"""A folder of files becomes the site, and never takes back what editors have changed."""

import re
from io import StringIO

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Image, StandingPage, Topic, render_body
from articles.related import related_to
from discussion.models import Post
from mfr_site.models import PageVersion
from tests.make import revise

pytestmark = pytest.mark.django_db

ARTICLE = """---
title: {title}
standfirst: How to start.
description: A page about rollers.
topics: [care]
related: [{other}]
published: 2026-01-05
last_reviewed: 2026-02-10
review_months: 12
featured: true
---
Roll slowly.[^one-2001]

![](image:roller "A roller.")
"""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 396"><path/></svg>'


# Not those to pages that only a member sees.
HREF = re.compile(r'href="(/(?!accounts/)[^"]*)"')


@pytest.fixture
def folder(tmp_path):
    write(
        tmp_path, "topics.yaml", [{"slug": "care", "title": "Care", "description": "C"}]
    )
    source = {"title": "One trial", "year": 2001, "doi": "10.1/one", "kind": "trial"}
    write(tmp_path, "sources.yaml", {"one-2001": {**source, "facts": "R1"}})
    image = {"file": "roller.svg", "alt": "A roller", "credit": "Us", "caption": "Roll"}
    write(tmp_path, "images/images.yaml", {"roller": image})
    (tmp_path / "images/roller.svg").write_bytes(SVG)
    write(
        tmp_path, "articles/rollers.md", ARTICLE.format(title="Rollers", other="balls")
    )
    write(tmp_path, "articles/balls.md", ARTICLE.format(title="Balls", other="rollers"))
    write(
        tmp_path,
        "pages/about.md",
        "---\ntitle: About\ndescription: Us\n---\nWe **are**.\n",
    )
    return tmp_path


def write(folder, name, data):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    text = data if isinstance(data, str) else yaml.safe_dump(data)
    path.write_text(text, encoding="utf-8")


def edit(folder, name, old, new):
    path = folder / name
    path.write_text(
        path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8"
    )


def load(folder):
    out = StringIO()
    call_command("load_content", folder, stdout=out)
    return out.getvalue()


def writes_of(act):
    """The statements that changed something."""
    writes = []

    def watch(execute, sql, params, many, context):
        if sql.split()[0] in {"INSERT", "UPDATE", "DELETE"}:
            writes.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        act()
    return writes


def test_everything_is_there(folder):
    load(folder)
    article = Article.objects.published().get(slug="rollers")
    revision = article.live
    assert revision.title == "Rollers"
    assert [topic.slug for topic in article.topics.all()] == ["care"]
    assert [other.slug for other in related_to(article)] == ["balls"]
    assert article.related_links.get().picked
    assert str(article.first_published_at) == "2026-01-05 12:00:00+00:00"
    assert str(article.last_reviewed_on) == "2026-02-10"
    assert str(article.next_review_on) == "2027-02-10"
    assert article.featured
    assert article.reviews.get().kind == "editorial"
    assert revision.citations == ["https://doi.org/10.1/one"]
    image = Image.objects.get()
    assert (image.width, image.height) == (640, 396)
    with image.file.open() as file:
        assert file.read() == SVG
    assert image.file.url in revision.html
    page = StandingPage.objects.get(url="/about/")
    assert page.content == "<p>We <strong>are</strong>.</p>"
    assert [site.pk for site in page.sites.all()] == [settings.SITE_ID]


def test_a_second_run_writes_nothing(folder):
    load(folder)
    assert writes_of(lambda: load(folder)) == []


def test_a_text_from_the_future_is_public_at_once(folder):
    edit(folder, "articles/rollers.md", "2026-01-05", "2999-01-05")
    edit(folder, "articles/rollers.md", "2026-02-10", "2999-01-05")
    load(folder)
    article = Article.objects.published().get(slug="rollers")
    assert article.last_reviewed_on == timezone.localdate()


def test_a_changed_file_becomes_a_revision(folder):
    load(folder)
    key = Article.objects.get(slug="rollers").live.passages.get().key
    edit(folder, "articles/rollers.md", "Roll slowly.", "Roll rather slowly.")
    load(folder)
    live = Article.objects.get(slug="rollers").live
    assert live.number == 2
    assert live.passages.get().text == "Roll rather slowly."
    assert live.passages.get().key == key
    assert Article.objects.get(slug="balls").live.number == 1


def test_what_an_editor_has_changed_stays(folder, edda):
    load(folder)
    article = Article.objects.get(slug="rollers")
    revise(article, by=edda, body="Better words.")
    Topic.objects.update(title="Looking after yourself")
    StandingPage.objects.get().delete()
    for name in ("articles/rollers.md", "pages/about.md"):
        edit(folder, name, "title: ", "title: New ")
    edit(folder, "topics.yaml", "title: Care", "title: Caring")
    out = load(folder)
    article.refresh_from_db()
    assert Article.objects.get(slug="rollers").live.body == "Better words."
    assert Topic.objects.get().title == "Looking after yourself"
    assert not StandingPage.objects.exists()
    for name in ("article:rollers", "topic:care", "standing page:/about/"):
        assert f"kept as changed on the site: {name}" in out


def test_an_editors_draft_is_not_overtaken(folder, edda):
    load(folder)
    article = Article.objects.get(slug="rollers")
    draft = article.revise(edda, based_on=article.live, title="A draft")
    edit(folder, "articles/rollers.md", "Roll slowly.", "Roll rather slowly.")
    load(folder)
    assert article.latest == draft


def test_an_article_keeps_its_file_when_its_address_changes(folder):
    load(folder)
    Article.objects.get(slug="rollers").change_slug("foam-rollers")
    assert "new" not in load(folder)
    assert Article.objects.count() == 2


def test_a_changed_source_or_drawing_shows_in_every_text(folder):
    load(folder)
    before = PageVersion.objects.get(tag="article:rollers").version
    edit(folder, "sources.yaml", "One trial", "One small trial")
    (folder / "images/roller.svg").write_bytes(SVG.replace(b"640", b"320"))
    load(folder)
    live = Article.objects.get(slug="rollers").live
    assert live.number == 1
    assert "One small trial" in live.html
    assert 'width="320"' in live.html
    assert PageVersion.objects.get(tag="article:rollers").version > before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("articles/rollers.md", "title:", "headline:"),
        ("articles/rollers.md", "---\ntitle", "title"),
        ("articles/rollers.md", "[balls]", "[bells]"),
        ("articles/rollers.md", "topics: [care]", "topics: [cure]"),
        ("topics.yaml", "title:", "- :"),
        ("sources.yaml", "kind: trial", "kind: rumour"),
        ("images/images.yaml", "roller.svg", "missing.svg"),
    ],
)
def test_a_wrong_file_stops_with_its_name(folder, name, old, new):
    edit(folder, name, old, new)
    with pytest.raises(CommandError):
        load(folder)
    assert not Article.objects.filter(slug="rollers").exists()


def test_samples_can_be_left_out():
    call_command("load_content", "--no-samples", stdout=StringIO())
    assert Article.objects.exists()
    assert not Post.objects.exists()
    assert not User.objects.exists()


def test_what_comes_with_the_site_loads_and_is_whole():
    load(settings.BASE_DIR / "content")
    assert Article.objects.published().count() >= 12
    for article in Article.objects.with_live():
        assert render_body(article.latest.body).problems == []
        assert len(related_to(article)) >= 3
    assert {page.url for page in StandingPage.objects.all()} >= {
        *("/about/", "/editorial-policy/", "/privacy/", "/community-rules/")
    }
    posts = Post.objects.published()
    assert posts.filter(dispute__isnull=False, parent=None).exists()
    assert posts.filter(source__contains="@", html__contains="/posts/").exists()
    assert Post.objects.in_thread().filter(state=Post.State.REMOVED).exists()
    assert posts.count() == posts.filter(is_sample=True).count()
    assert set(User.objects.values_list("is_sample", flat=True)) == {True}


def test_every_link_inside_the_site_leads_somewhere(client):
    call_command("load_content", stdout=StringIO())
    texts = [
        *Article.objects.published().values_list("slug", "revisions__html"),
        *StandingPage.objects.values_list("url", "content"),
        *Post.objects.published().values_list("number", "html"),
    ]
    links = {(link, name) for name, text in texts for link in HREF.findall(text)}
    links.add(("/about/#s-samples", "the samples' posts"))
    paths = {link.partition("#")[0] for link, _ in links}
    answers = {path: client.get(path) for path in paths}
    for link, name in sorted(links, key=str):
        path, _, place = link.partition("#")
        # A post may name one that was removed: its page says so.
        fine = {200, 410} if "/posts/" in path else {200}
        assert answers[path].status_code in fine, f"{link} in {name}"
        assert not place or f'id="{place}"' in answers[path].content.decode(), link
