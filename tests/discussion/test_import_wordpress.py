"""A WordPress export becomes articles and discussions, without anybody's addresses."""

from datetime import UTC, datetime
from io import StringIO
from xml.sax.saxutils import escape

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from articles.models import Article, OldSlug, Revision, Topic
from discussion.importers import foreign
from discussion.models import Author, Post
from tests.make import make_article

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old site</title><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ann</wp:author_login>
<wp:author_email>ann-canary@example.org</wp:author_email>
<wp:author_display_name><![CDATA[Ann Author]]></wp:author_display_name></wp:author>
<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>at-home</wp:category_nicename>
<wp:cat_name>At home</wp:cat_name>
<wp:category_description>What you can do yourself.</wp:category_description></wp:category>
"""
TAIL = "</channel></rss>"
BODY = "Rollers <strong>press</strong>.\nSlowly.\n\n<ul>\n<li>One</li>\n</ul>"


def tag(name, text):
    return f"<{name}>{escape(str(text))}</{name}>"


def comment(id, text="Words.", **given):
    said = {
        "id": id,
        "author": "Bob",
        "author_email": "bob-canary@example.org",
        "author_IP": "203.0.113.77",
        "date": f"2019-05-06 07:08:{int(id) % 60:02}",
        "date_gmt": f"2019-05-06 05:08:{int(id) % 60:02}",
        "content": text,
        "approved": "1",
        "type": "comment",
        "parent": 0,
        **given,
    }
    return tag_all("wp:comment", {f"wp:comment_{k}": v for k, v in said.items()})


def tag_all(name, children):
    return f"<{name}>{''.join(tag(*child) for child in children.items())}</{name}>"


def item(id="7", *inner, body=BODY, **given):
    said = {
        "title": "Rollers & balls",
        "link": "https://old.example/2019/05/rollers-and-balls/",
        "dc:creator": "ann",
        "content:encoded": body,
        "excerpt:encoded": "",
        "wp:post_id": id,
        "wp:post_date_gmt": "2019-05-01 10:00:00",
        "wp:post_name": "rollers-and-balls",
        "wp:status": "publish",
        "wp:post_type": "post",
        **{name.replace("_", ":", 1): text for name, text in given.items()},
    }
    category = '<category domain="category" nicename="at-home">At home</category>'
    children = "".join(tag(name, text) for name, text in said.items())
    return f"<item>{children}{category}{''.join(inner)}</item>"


@pytest.fixture
def run(tmp_path, db):
    """`run(items…)`: the report; `failing=True` where it must end in an error."""

    def run(*items, text=None, commit=True, failing=False):
        file = tmp_path / "export.xml"
        file.write_text(text if text is not None else HEAD + "".join(items) + TAIL)
        out = StringIO()
        options = ["--commit"] if commit else []
        if failing:
            with pytest.raises(CommandError) as refused:
                call_command("import_wordpress", file, *options, stdout=out)
            return f"{out.getvalue()}{refused.value}"
        call_command("import_wordpress", file, *options, stdout=out)
        return out.getvalue()

    return run


def posts():
    return list(Post.objects.order_by("number").select_related("author", "parent"))


# --- Articles


def test_a_post_becomes_an_article(run, client):
    out = run(item(excerpt_encoded="In short."))
    article = Article.objects.get()
    live = article.live
    assert (article.slug, live.title) == ("rollers-and-balls", "Rollers & balls")
    assert (live.byline, live.standfirst) == ("Ann Author", "In short.")
    assert live.go_live_at == datetime(2019, 5, 1, 10, tzinfo=UTC)
    assert live.body == "Rollers **press**.  \nSlowly.\n\n- One\n"
    topic = Topic.objects.get()
    assert (topic.slug, topic.title) == ("at-home", "At home")
    assert topic.description == "What you can do yourself."
    assert [*article.topics.all()] == [topic]
    assert "/2019/05/rollers-and-balls/ is now /articles/rollers-and-balls/" in out
    page = client.get("/articles/rollers-and-balls/").content.decode()
    assert "<strong>press</strong>" in page


def test_nothing_is_written_without_commit(run):
    out = run(item("7", comment(1)), commit=False)
    assert "article 7 “Rollers & balls”: new" in out
    assert "comment 1: new" in out
    assert "topic at-home: new" in out
    assert "Nothing was written." in out
    assert not Article.objects.exists()
    assert not Topic.objects.exists()
    assert not Post.objects.exists()


def test_a_second_run_changes_nothing(run):
    whole = item("7", comment(1), comment(2, approved="0"), comment(3, parent=1))
    run(whole)
    before = [*Post.objects.values(), *Article.objects.values(), *Author.objects.all()]
    out = run(whole)
    after = [*Post.objects.values(), *Article.objects.values(), *Author.objects.all()]
    assert after == before
    assert out.count("is here already") == 4 + 2


def test_scripts_and_frames_do_not_come_in(run, client):
    body = (
        "Fine. <script>alert('canary')</script><iframe src='https://x.example/1'>"
        "</iframe><a href='javascript:canary()' onclick='canary()'>link</a>"
        "<img src='https://old.example/a.jpg' alt='A roller' onerror='canary()'>"
    )
    out = run(item(body=body), failing=True)
    assert "iframe left out https://x.example/1" in out
    assert "picture left out, https://old.example/a.jpg" in out
    live = Revision.objects.get()
    assert "canary" not in live.body + live.html
    assert live.body == "Fine. linkA roller\n"


def test_of_what_is_nested_too_deep_only_the_words_come_in(run):
    out = run(item(body="<b>" * 60_000 + "Deep *words*."), failing=True)
    assert "nesting left out" in out
    assert Revision.objects.get().body == "Deep \\*words\\*.\n"


def test_words_that_look_like_markdown_stay_words(run):
    run(item(body="1. *Not* a [list] &lt;b&gt; # no\n\n# no heading"))
    live = Revision.objects.get()
    assert "<p>1. *Not* a [list] &lt;b&gt; # no" in live.html.replace(
        " id=", "<"
    ).replace(f'<"p-{live.passages.first().key}"', "")
    assert live.headings == []


@pytest.mark.parametrize(
    "href",
    [
        "https://old.example/2019/05/rollers-and-balls/",
        "http://www.old.example/2019/05/rollers-and-balls#comment-3",
        "/2019/05/rollers-and-balls/",
        "https://old.example/?p=7",
    ],
)
def test_links_between_the_articles_go_on(run, href):
    text = f"<a href='{href}'>rollers</a>, <a href='https://x.example/'>else</a>"
    link = {"link": "https://old.example/2019/06/second/"}
    run(item("9", comment(1, text), body=text, wp_post_name="second", **link), item())
    body = Article.objects.get(slug="second").live.body
    assert body == (
        "[rollers](</articles/rollers-and-balls/>), [else](<https://x.example/>)\n"
    )
    assert '<a href="/articles/rollers-and-balls/"' in posts()[0].html


def test_an_address_that_is_none_does_no_harm(run):
    run(
        item(
            link="https://[broken/",
            body="<a href='https://[broken/'>Link</a> <a href=''>x</a>",
        )
    )
    assert Revision.objects.get().body == "Link x\n"


def test_shortcodes_are_named(run):
    body = 'See.\n\n[gallery ids="1,2"]\n\n[contact-form-7 id="3"]\n\nIt is [sic] so.'
    out = run(item(body=body), failing=True)
    assert "[gallery] left out" in out
    assert '[contact-form-7 id="3"] stands as text' in out
    assert "sic" not in out
    assert "gallery" not in Revision.objects.get().body


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"wp_post_type": "page"}, "left out, it is a page"),
        ({"wp_post_type": "attachment"}, "left out, it is a attachment"),
        ({"wp_status": "trash"}, "left out, its status is trash"),
        ({"body": "  "}, "left out, it has no text"),
        ({"body": "<script>x</script>"}, "left out, it has no text"),
    ],
)
def test_what_is_no_article_is_left_out(run, given, outcome):
    out = run(item("7", comment(1), **given))
    assert outcome in out
    assert "comment 1: left out, with its page" in out
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        {"wp_status": "draft", "wp_post_date_gmt": "0000-00-00 00:00:00"},
        {"wp_status": "private"},
        {"wp_status": "future"},
        {"wp_post_password": "secret"},
    ],
)
def test_what_was_not_public_there_is_a_draft_here(run, given):
    assert "a draft here" in run(item(**given))
    assert Article.objects.unpublished().count() == 1


def test_an_unknown_status_is_not_understood(run):
    out = run(item(wp_status="wc-refunded"), item("8"), failing=True)
    assert "not understood, its status is 'wc-refunded'" in out
    assert Article.objects.get().import_ref == "wordpress/old.example/8"


def test_old_addresses_lead_to_the_article(run, client):
    old = tag_all(
        "wp:postmeta", {"wp:meta_key": "_wp_old_slug", "wp:meta_value": "roll"}
    )
    make_article("taken")
    run(item("7", old, wp_post_name="Größe"))
    assert OldSlug.objects.get().slug == "roll"
    assert client.get("/articles/roll/").headers["Location"] == "/articles/groe/"


def test_a_taken_address_is_left_alone(run):
    make_article("rollers-and-balls")
    out = run(item(), failing=True)
    assert Article.objects.filter(slug="rollers-and-balls-2").exists()
    assert "no redirect from rollers-and-balls" in out


# --- Comments


def test_comments_become_posts_by_date_below_their_parents(run):
    run(
        item(
            "7",
            comment(30, "Third."),
            comment(20, "Second.", parent=10, author="Cid"),
            comment(10, "First."),
        )
    )
    said = [(p.number, p.source, p.parent_number, p.author.name) for p in posts()]
    assert said == [
        (1, "First.", None, "Bob"),
        (2, "Second.", 1, "Cid"),
        (3, "Third.", None, "Bob"),
    ]
    assert posts()[0].published_at == datetime(2019, 5, 6, 5, 8, 10, tzinfo=UTC)
    assert Article.objects.get().post_count == 3


def test_an_answer_never_comes_before_what_it_answers(run):
    """Clocks of old servers went wrong."""
    run(item("7", comment(1, "Answer.", parent=2), comment(2, "Question.")))
    assert [p.source for p in posts()] == ["Question.", "Answer."]


def test_nobodys_address_is_stored(run):
    run(item("7", comment(1), comment(2, approved="0")))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = str(cursor.fetchall())
            assert "canary" not in rows
            assert "203.0.113" not in rows


def test_spam_trash_and_pingbacks_are_left_out_and_counted(run):
    out = run(
        item(
            "7",
            comment(1, approved="spam"),
            comment(2, approved="trash"),
            comment(3, type="pingback"),
            comment(4, "Kept."),
        )
    )
    assert "comment, left out: 3" in out
    assert [(p.number, p.source) for p in posts()] == [(1, "Kept.")]


def test_what_was_removed_keeps_its_place_when_it_was_answered(run, client):
    run(item("7", comment(1, "Gone canary", approved="trash"), comment(2, parent=1)))
    gone, answer = posts()
    assert (gone.state, gone.source, gone.author) == ("removed", "", None)
    assert answer.parent == gone
    assert Article.objects.get().post_count == 1
    page = client.get("/articles/rollers-and-balls/").content.decode()
    assert "Post 1 was removed before this discussion came here." in page
    assert client.get("/articles/rollers-and-balls/posts/1/").status_code == 410


def test_what_waited_there_waits_here(run):
    run(item("7", comment(1, approved="0"), comment(2)))
    held = Post.objects.get(state="held")
    assert held.waits_since is not None
    assert Post.objects.get(number=1).import_ref.endswith("#2")
    held.publish()
    assert held.number == 2


def test_an_answer_to_what_waits_stands_alone(run):
    out = run(item("7", comment(1, approved="0"), comment(2, parent=1)), failing=True)
    assert "stands alone" in out
    assert Post.objects.get(number=1).parent is None


@pytest.mark.parametrize(
    "parents", [{1: 99}, {1: 2, 2: 1}, {1: 2, 2: 3, 3: 1}], ids=str
)
def test_a_parent_that_cannot_be_is_said(run, parents):
    comments = [comment(n, parent=parents.get(n, 0)) for n in (1, 2, 3)]
    assert "stands alone" in run(item("7", *comments), failing=True)
    assert Post.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"type": "order_note"}, "its type is 'order_note'"),
        ({"approved": "perhaps"}, "its state is 'perhaps'"),
        ({"date": "x", "date_gmt": "0000-00-00 00:00:00"}, "its date cannot be read"),
    ],
)
def test_a_comment_of_an_unknown_kind_is_not_understood(run, given, why):
    assert why in run(item("7", comment(1, **given)), failing=True)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("", "Anonymous"),
        ("anonymous", "Anonymous"),
        (" Bob \n Builder ", "Bob Builder"),
        ("Admin", "Admin (old site)"),
        ("Maya Member", "Maya Member (old site)"),
        ("x" * 100, "x" * 49),
    ],
)
def test_nobody_is_taken_for_somebody_else(run, maya, name, label):
    run(item("7", comment(1, author=name)))
    assert posts()[0].author.name == label


def test_strangers_words_are_rendered_as_strangers(run):
    text = (
        "Line one\nline two <b>bold</b> <a href='https://x.example/'>there</a>"
        "<img src='https://x.example/p.gif'><script>alert(1)</script>"
    )
    run(item("7", comment(1, text)))
    html = posts()[0].html
    assert "Line one<br>\nline two <strong>bold</strong>" in html
    assert 'rel="nofollow ugc noopener noreferrer"' in html
    assert "<img" not in html
    assert "alert" not in html


def test_a_text_longer_than_a_post_goes_on_below_it(run):
    words = "word " * 2500
    run(item("7", comment(1, words)))
    post = posts()[0]
    update = post.updates.get()
    assert f"{post.source} {update.source}" == words.strip()
    assert update.created_at == post.published_at


def test_a_run_that_was_stopped_is_finished_by_the_next(run, monkeypatch):
    """As if it had never been stopped (TRUST R20)."""
    comments = [comment(n, f"No {n}.", parent=n // 2) for n in range(1, 20)]
    whole = item("7", *comments)
    monkeypatch.setattr(foreign, "BATCH", 4)
    write, count = foreign.Discussion._write, iter(range(10))

    def stopped(*args):
        if next(count, None) is None:
            raise KeyboardInterrupt
        return write(*args)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(foreign.Discussion, "_write", stopped)
        run(whole)
    assert 0 < Post.objects.count() < 19
    run(whole)
    said = [(p.number, p.source, p.parent_number) for p in posts()]
    assert said == [(n, f"No {n}.", n // 2 or None) for n in range(1, 20)]


# --- Files that are not what they should be


@pytest.mark.parametrize(
    "text",
    [
        HEAD + item() + item("8")[:-1],
        HEAD + item() + "</rss>",
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
    ],
    ids=["torn", "wrong", "xxe"],
)
def test_a_hostile_or_broken_file_is_refused_whole(run, text):
    assert "Nothing was written." in run(text=text, failing=True)
    assert not Article.objects.exists()


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_wordpress", tmp_path / "nothing.xml")
