"""A page of the old site becomes an article and its discussion, or nothing at all."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Related, Topic
from discussion.importers.page import parse
from discussion.models import Post
from tests.make import make_article

PAGE = """
How a hammock helps

A hammock holds you.
It gives when you move.

It costs *little* & [lasts].

You might also Like
Rollers and balls
Nobody's article

Discuss this Article

Post 5
Newest words.

Post 3
@oak: I doubt it.

In two paragraphs.

Post 1
The first words.

Post your comments
Post anonymously
"""


def lines(*changes):
    """The page with some of its lines changed: pairs of old and new text."""
    text = PAGE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


# --- Reading a page


def test_every_part_is_found():
    page = parse(PAGE)
    assert page.title == "How a hammock helps"
    assert page.paragraphs == [
        "A hammock holds you.\nIt gives when you move.",
        "It costs *little* & [lasts].",
    ]
    assert page.related == ["Rollers and balls", "Nobody's article"]
    assert page.posts == {
        5: "Newest words.",
        3: "@oak: I doubt it.\n\nIn two paragraphs.",
        1: "The first words.",
    }
    assert page.unused == page.problems == []


@pytest.mark.parametrize(
    "text",
    [
        PAGE.upper(),
        PAGE.replace("\n", "\r\n"),
        PAGE.replace("\n\n", "\n\n\n  \n\n"),
        "\ufeff" + PAGE,
        lines(("Discuss this Article", "  Discuss  this article: ")),
        lines(("Post 5", "post  5:"), ("Post 3", "POST 03")),
        lines(
            ("Post 5\nNewest words.\n\n", ""),
            ("\n\nPost your", "\n\nPost 5\nn\nPost your"),
        ),
        PAGE.replace("\nYou might", "\n\tYou might"),
    ],
)
def test_letter_case_blank_lines_and_order_do_not_matter(text):
    page = parse(text)
    assert page.problems == page.unused == []
    assert page.title.casefold() == "how a hammock helps"
    assert len(page.paragraphs) == len(page.related) == 2
    assert sorted(page.posts) == [1, 3, 5]
    assert page.posts[3].casefold().startswith("@oak: i doubt it.\n")
    assert "anonymously" not in page.posts[1].casefold()


@pytest.mark.parametrize(
    ("left_out", "related", "posts"),
    [
        (["You might also Like", "Rollers and balls", "Nobody's article"], 0, 3),
        (["Rollers and balls", "Nobody's article"], 0, 3),
        (["Discuss this Article"], 2, 3),
        (["Post your comments", "Post anonymously"], 2, 3),
        (["Post 5", "Post 3", "Post 1"], 2, 0),
    ],
)
def test_parts_may_be_missing(left_out, related, posts):
    page = parse(lines(*[(line, "") for line in left_out]))
    assert page.problems == []
    assert (len(page.related), len(page.posts)) == (related, posts)
    assert len(page.paragraphs) == 2


def test_an_article_alone_is_a_page():
    page = parse("Title\n\nText.")
    assert (page.title, page.paragraphs, page.problems) == ("Title", ["Text."], [])


def test_words_of_the_headlines_inside_a_post_stay_there():
    page = parse(lines(("Newest words.", "You might also like\nDiscuss this article")))
    assert page.posts[5] == "You might also like\nDiscuss this article"
    assert page.related == ["Rollers and balls", "Nobody's article"]


def test_lines_before_the_first_post_are_named_as_unused():
    assert parse(lines(("Article\n", "Article\nSort by date\n"))).unused == [
        "Sort by date"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "There is no title."),
        (" \n\n", "There is no title."),
        ("You might also like\nX\nDiscuss this article\nPost 1\nHello", "no title"),
        ("Title", "There is no text."),
        ("Title\n\nDiscuss this article\nPost 1\nHello", "There is no text."),
        (lines(("Post 3", "Post 5")), "Post 5 is there twice."),
        (lines(("Post 3", "Post 05")), "Post 5 is there twice."),
        (lines(("Post 3", "Post 0")), "number 0"),
        (lines(("Post 3", "Post 99999999999")), "number 99999999999"),
        (lines(("Newest words.", "x" * 10_001)), "Post 5 is longer"),
        (lines(("How a hammock", "x" * 130)), "The title has more"),
    ],
)
def test_what_cannot_be_right_is_said(text, problem):
    assert any(problem in said for said in parse(text).problems)


# --- Writing it


@pytest.fixture
def run(tmp_path, db):
    def run(text=PAGE, *options):
        file = tmp_path / "page.txt"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        out = StringIO()
        call_command("import_page", file, *options, stdout=out, stderr=out)
        return out.getvalue()

    return run


def test_a_dry_run_writes_nothing_and_says_all(run):
    out = run()
    assert not Article.objects.exists()
    assert not Post.objects.exists()
    assert "Nothing was written." in out
    for number in (1, 3, 5):
        assert f"Post {number}: new" in out
    assert "“Rollers and balls”, left out" in out


def test_the_article_and_its_discussion_are_public(run):
    rollers = make_article(title="Rollers and Balls")
    topic = Topic.objects.create(slug="care", title="Care", description="Care")
    out = run(PAGE, "--commit", "--topic", "care")
    article = Article.objects.published().get(slug="how-a-hammock-helps")
    assert article.get_absolute_url() in out
    assert article.live.title == "How a hammock helps"
    assert article.live.html == (
        f'<p id="p-{(keys := [p.key for p in article.live.passages.all()])[0]}">'
        "A hammock holds you.\nIt gives when you move."
        f'<!--p:{keys[0]}--></p>\n<p id="p-{keys[1]}">'
        f"It costs *little* &amp; [lasts].<!--p:{keys[1]}--></p>"
    )
    assert article.live.description.startswith("A hammock holds you.")
    assert [*article.topics.all()] == [topic]
    picked = Related.objects.filter(article=article, picked=True)
    assert [link.other for link in picked] == [rollers]
    posts = article.posts.published().order_by("number")
    assert [post.number for post in posts] == [1, 3, 5]
    assert {post.author.name for post in posts} == {"Anonymous"}
    assert posts[1].source == "@oak: I doubt it.\n\nIn two paragraphs."
    assert "@oak: I doubt it." in posts[1].html
    assert posts[0].published_at < posts[1].published_at < posts[2].published_at
    assert (article.post_count, article.last_post_number) == (3, 5)


def test_the_page_shows_no_empty_standfirst(run, client):
    run(PAGE, "--commit")
    page = client.get("/articles/how-a-hammock-helps/").content.decode()
    assert "<h1>How a hammock helps</h1>" in page
    assert 'class="lead"' not in page


def test_a_later_post_gets_the_next_number(run):
    run(PAGE, "--commit")
    article = Article.objects.get()
    post = Post(article=article, author=article.authors.get())
    post.write("New words.")
    post.publish()
    assert post.number == 6


def test_a_name_links_to_the_one_who_has_it(run, maya):
    run(PAGE, "--commit")
    article = Article.objects.get()
    author = article.authors.create(user=maya)
    post = Post(article=article, author=author)
    post.write("I am here.")
    post.publish()
    run(lines(("Post 3", "Post 7\n@maya: hello\n\nPost 3")), "--commit")
    assert 'posts/6/"' in article.posts.get(number=7).html


def test_a_second_run_changes_nothing(run):
    run(PAGE, "--commit")
    before = [*Post.objects.values(), *Article.objects.values()]
    out = run(PAGE, "--commit")
    assert [*Post.objects.values(), *Article.objects.values()] == before
    assert out.count("is here already") == 4


def test_a_second_run_adds_what_is_new(run):
    run(PAGE, "--commit")
    run(lines(("Post 5", "Post 6\nLater.\n\nPost 5")), "--commit")
    numbers = Post.objects.order_by("number").values_list("number", flat=True)
    assert [*numbers] == [1, 3, 5, 6]


def test_a_post_without_words_leaves_a_gap(run):
    assert "Post 5: left out" in run(lines(("Newest words.", "")), "--commit")
    assert sorted(Post.objects.values_list("number", flat=True)) == [1, 3]


def test_a_taken_address_is_left_alone(run):
    make_article("how-a-hammock-helps")
    run(PAGE, "--commit")
    assert Article.objects.filter(slug="how-a-hammock-helps-2").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Title",
        lines(("Post 3", "Post 5")),
        b"\xff\xfe broken",
    ],
)
def test_a_wrong_page_ends_in_an_error_and_writes_nothing(run, text):
    with pytest.raises(CommandError):
        run(text, "--commit")
    assert not Article.objects.exists()


def test_another_text_under_a_known_title_is_refused(run):
    run(PAGE, "--commit")
    with pytest.raises(CommandError, match="another"):
        run(lines(("It costs", "It cost")), "--commit")
    assert Article.objects.get().revisions.count() == 1


def test_a_number_that_somebody_else_has_is_refused(run):
    run(lines(("Post 5\nNewest words.\n", "")), "--commit")
    article = Article.objects.get()
    for _ in range(2):
        post = Post(article=article, author=article.authors.get())
        post.write("Mine.")
        post.publish()
    with pytest.raises(CommandError, match="Post 5"):
        run(lines(("Post 3", "Post 8\nEight\n\nPost 3")), "--commit")
    assert not Post.objects.filter(number=8).exists()


@pytest.mark.parametrize("options", [["--topic", "nowhere"]])
def test_an_unknown_topic_is_refused(run, options):
    with pytest.raises(CommandError, match="nowhere"):
        run(PAGE, *options)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(CommandError):
        call_command("import_page", tmp_path / "nothing.txt")
