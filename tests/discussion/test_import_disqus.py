"""A Disqus export goes under the articles that its threads were under."""

from datetime import UTC, datetime
from io import StringIO
from xml.sax.saxutils import escape

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from articles.models import Article
from discussion.models import Author, Post
from tests.make import make_article, make_post

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="1"><forum>old</forum><title>General</title></category>
"""
TAIL = "</disqus>"


def thread(key="5", link="https://old.example/2019/rolling.html", **given):
    said = {"id": "", "link": link, "title": "Rolling", "isDeleted": "false", **given}
    return f'<thread dsq:id="{key}">{tags(said)}<ipAddress>203.0.113.77</ipAddress></thread>'


def tags(said):
    return "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in said.items())


def post(id, message="<p>Words.</p>", *, parent=None, of="5", name="Bob", **given):
    said = {
        "id": "",
        "message": message,
        "createdAt": f"2019-05-06T07:08:{id:02}Z",
        "isDeleted": "false",
        "isSpam": "false",
        **given,
    }
    author = tags({"email": "canary@example.org", "name": name, "isAnonymous": "true"})
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{id}">{tags(said)}<author>{author}</author>'
        f'<ipAddress>203.0.113.77</ipAddress><thread dsq:id="{of}"/>{above}</post>'
    )


@pytest.fixture
def run(tmp_path, db):
    """`run(parts…)`: the report; `failing=True` where it must end in an error."""

    def run(*parts, text=None, commit=True, failing=False):
        file = tmp_path / "export.xml"
        file.write_text(text if text is not None else HEAD + "".join(parts) + TAIL)
        out = StringIO()
        options = ["--commit"] if commit else []
        if failing:
            with pytest.raises(CommandError) as refused:
                call_command("import_disqus", file, *options, stdout=out)
            return f"{out.getvalue()}{refused.value}"
        call_command("import_disqus", file, *options, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def rolling(db):
    return make_article("rolling")


def posts():
    return list(Post.objects.order_by("number").select_related("author", "parent"))


def test_comments_come_under_their_article_in_order_of_time(run, rolling, client):
    out = run(
        thread(),
        post(3, "<p>Third.</p>"),
        post(
            2, "<p>Second,<br>in two lines.</p><p>And more.</p>", parent=1, name="Cid"
        ),
        post(1, "First."),
    )
    said = [(p.number, p.source, p.parent_number, p.author.name) for p in posts()]
    assert said == [
        (1, "First.", None, "Bob"),
        (2, "Second,  \nin two lines.\n\nAnd more.", 1, "Cid"),
        (3, "Third.", None, "Bob"),
    ]
    assert posts()[0].published_at == datetime(2019, 5, 6, 7, 8, 1, tzinfo=UTC)
    assert "is of /articles/rolling/" in out
    assert "And more." in client.get("/articles/rolling/").content.decode()


def test_nothing_is_written_without_commit(run, rolling):
    out = run(thread(), post(1), commit=False)
    assert "comment 1: new" in out
    assert "Nothing was written." in out
    assert not Post.objects.exists()


def test_a_second_run_changes_nothing(run, rolling):
    whole = [thread(), post(1), post(2, parent=1), post(3, isDeleted="true")]
    run(*whole)
    before = [*Post.objects.values(), *Article.objects.values(), *Author.objects.all()]
    assert run(*whole).count("is here already") == 2 + 1
    after = [*Post.objects.values(), *Article.objects.values(), *Author.objects.all()]
    assert after == before


def test_what_was_said_here_meanwhile_keeps_its_number(run, rolling):
    make_post(rolling, "New here.")
    run(thread(), post(1, "Old."))
    assert [(p.number, p.source) for p in posts()] == [(1, "New here."), (2, "Old.")]


@pytest.mark.parametrize(
    "given",
    [
        {"link": "https://old.example/rolling"},
        {"link": "https://old.example/rolling/?utm=x#disqus_thread"},
        {"link": "http://old.example/a/b/Rolling.php"},
        {"link": "https://old.example/", "id": "/posts/rolling/"},
        {"link": "https://old.example/x/", "id": "rolling"},
        {"link": "https://old.example/before/"},
        {"link": "https://old.example/x/", "id": "7 https://old.example/?p=7"},
    ],
    ids=str,
)
def test_an_article_is_found_by_its_addresses(run, rolling, given):
    make_article("other")
    rolling.old_slugs.create(slug="before")
    Article.objects.filter(pk=rolling.pk).update(import_ref="wordpress/old.example/7")
    run(thread(**given), post(1))
    assert posts()[0].article == rolling


def test_a_thread_without_an_article_is_not_understood(run, rolling):
    elsewhere = thread("6", "https://old.example/gone/")
    out = run(thread(), elsewhere, post(1), post(2, of="6"), failing=True)
    assert "old.example/gone/: not understood, no article has its address" in out
    assert "comment 2: left out, with its thread" in out
    assert Post.objects.count() == 1


def test_threads_of_one_article_are_one_discussion(run, rolling):
    other = thread("6", "http://old.example/rolling/?page=2")
    run(thread(), other, post(1), post(3), post(2, "Between.", of="6"))
    assert [p.source for p in posts()] == ["Words.", "Between.", "Words."]


def test_empty_and_deleted_threads_are_left_out(run, rolling):
    out = run(thread(), thread("6", isDeleted="true"), post(1, of="6"))
    assert "left out, it has no comments" in out
    assert "left out, it was deleted there" in out
    assert not Post.objects.exists()


def test_spam_and_deleted_comments_are_left_out_and_counted(run, rolling):
    out = run(thread(), post(1, isSpam="true"), post(2, isDeleted="true"), post(3))
    assert "comment, left out: 2" in out
    assert [p.number for p in posts()] == [1]


def test_what_was_deleted_keeps_its_place_when_it_was_answered(run, rolling, client):
    run(thread(), post(1, "canary", isDeleted="true"), post(2, parent=1))
    gone, answer = posts()
    assert (gone.state, gone.source, gone.html, gone.author) == (
        "removed",
        "",
        "",
        None,
    )
    assert answer.parent == gone
    assert "canary" not in client.get("/articles/rolling/").content.decode()


def test_somebody_without_a_name_is_anonymous(run, rolling):
    run(thread(), post(1, name=""), post(2, name="Anonymous"))
    assert {p.author.label for p in posts()} == {"Anonymous"}


def test_nobodys_address_is_stored(run, rolling):
    run(thread(), post(1))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = str(cursor.fetchall())
            assert "canary" not in rows
            assert "203.0.113" not in rows


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (post(1, of="99"), "its thread is not in the file"),
        (post(1, createdAt="yesterday"), "it has no date or no id"),
    ],
)
def test_a_comment_that_cannot_be_placed_is_not_understood(run, rolling, part, why):
    assert why in run(thread(), part, failing=True)
    assert not Post.objects.exists()


def test_an_answer_to_what_is_not_there_stands_alone(run, rolling):
    assert "stands alone" in run(thread(), post(1, parent=99), failing=True)
    assert posts()[0].parent is None


def test_strangers_words_are_rendered_as_strangers(run, rolling):
    run(
        thread(), post(1, "<p>Hi <script>alert(1)</script><img src='x'> <b>you</b></p>")
    )
    assert posts()[0].html == "<p>Hi  <strong>you</strong></p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD + thread() + post(1),
        "<rss><channel></channel></rss>",
        HEAD + post(1) + TAIL,
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><disqus>&x;</disqus>',
    ],
    ids=["empty", "torn", "other", "no-threads", "xxe"],
)
def test_a_hostile_or_broken_file_is_refused_whole(run, rolling, text):
    assert "Nothing was written." in run(text=text, failing=True)
    assert not Post.objects.exists()
