"""What reading and adding to a discussion costs, however long it is."""

import re
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from discussion import passages, threads
from discussion.authors import Speaker
from discussion.models import Author, Post, PostKey
from discussion.submission import Submission
from tests.discussion.planting import plant
from tests.make import make_article, make_quotation

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db):
    return make_article()


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 1),
        ("before=150", 1),
        ("after=150", 1),
        ("order=oldest", 1),
        ("order=oldest&after=150", 1),
        ("order=flat", 1),
        ("order=flat&after=150", 2),
        ("order=flat&before=151", 2),
        ("since=150", 2),
    ],
)
def test_a_page_takes_the_same_few_queries_however_many_posts(
    article, query, most, django_assert_max_num_queries
):
    for length in (20, 400):
        plant(article, [place // 2 for place in range(length)])
        with django_assert_max_num_queries(most):
            page = threads.page(article, QueryDict(query))
            look_at(page.items)


def look_at(items):
    """Ask of each post what a template asks."""
    for item in items:
        str(item.post.author), item.post.can_be_answered, item.updates
        getattr(item.post, "anchor", None), getattr(item.post, "dispute", None)


def test_a_permalink_takes_three_queries(article, django_assert_num_queries):
    plant(article, [0, 1, 2, 2, 2])
    with django_assert_num_queries(3):
        look_at(threads.around(article, 2))


@pytest.fixture
def large(article):
    """A discussion long enough that a database's planner takes it seriously."""
    one_branch = [place // 2 + 1 for place in range(1, 800)]
    hot_parent = [1] * 800
    short_threads = [place - place % 4 + 1 for place in range(1600, 5000)]
    parents = [0, *one_branch, *hot_parent, *short_threads]
    in_order = [0 if parent > place else parent for place, parent in enumerate(parents)]
    signed(plant(article, in_order), article)
    plant(make_article(), [place // 3 for place in range(3000)])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return article


def signed(posts, article):
    """Four posts to a person, or the planner believes that nobody wrote anything."""
    people = [f"Anonymous Wren {number}" for number in range(len(posts) // 4 + 1)]
    keys = PostKey.objects.bulk_create(PostKey(digest=name) for name in people)
    authors = Author.objects.bulk_create(
        Author(article=article, key=key, label=name)
        for key, name in zip(keys, people, strict=True)
    )
    for place, post in enumerate(posts):
        post.author = authors[place // 4]
    Post.objects.bulk_update(posts, ["author"], batch_size=1000)


def plan(query):
    """How the database would go about a query that was made."""
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {query['sql']}")
        return "\n".join(str(row) for row in cursor.fetchall())


def assert_index_range(queries):
    """Every query on posts reads by index what it needs, in order."""
    found = "\n".join(
        plan(query) for query in queries if 'FROM "discussion_post"' in query["sql"]
    )
    for word in ("SCAN", "Seq Scan on discussion_post ", "TEMP B-TREE", "Sort"):
        assert word not in found
    return found


# SQLite gives the index of a plain constraint no name of ours.
BY_NUMBER = "post_number_once" if connection.vendor == "postgresql" else "number>?"


def test_every_page_is_one_range_of_an_index(large):
    branch = 3
    in_branch = int(parse_qs(threads.branch(large, branch).newer[1:])["after"][0])
    for index, page in [
        ("post_newest", ""),
        ("post_newest", "before=3000"),
        ("post_newest", "before=2000"),
        ("post_newest", "after=3000"),
        ("post_oldest", "order=oldest"),
        ("post_oldest", "order=oldest&after=3000"),
        ("post_oldest", "order=oldest&before=3000"),
        (BY_NUMBER, "order=flat"),
        (BY_NUMBER, "order=flat&after=3000"),
        (BY_NUMBER, "order=flat&before=3001"),
        (BY_NUMBER, "since=3000"),
        ("post_branch", lambda: threads.branch(large, branch).items),
        ("post_branch", lambda: threads.branch(large, branch, in_branch).items),
        ("post_answers", lambda: threads.around(large, 1)),
    ]:
        with CaptureQueriesContext(connection) as made:
            items = page() if callable(page) else show(large, page).items
        assert len(items) >= 50, page
        assert index in assert_index_range(made.captured_queries)


def test_posts_on_passages_are_found_without_looking_all_posts_through(large):
    for words in "Fascia is thin tissue", "Nobody knows":
        make_quotation(large, words, disputes=True)
    for ask in passages.about, passages.by_passage, passages.by_dispute:
        with CaptureQueriesContext(connection) as made:
            assert ask(large)
        queries = [query for query in made if 'FROM "discussion_post"' in query["sql"]]
        steps = [step for query in queries for step in plan(query).splitlines()]
        on_posts = [step for step in steps if "discussion_post " in step]
        assert on_posts
        for all_posts in "(article_id=?)", "SCAN", "Seq Scan":
            assert not [step for step in on_posts if all_posts in step]


def show(article, query):
    return threads.page(article, QueryDict(query))


def test_a_new_post_looks_nothing_through(large):
    """However long the discussion, every row that posting needs is found by index."""
    parent = large.posts.order_by("-depth").first()
    text = "A text that is long enough to be looked for among the latest. @maya #3"
    with CaptureQueriesContext(connection) as made:
        Post.objects.submit(Submission(large, Speaker(large), text, parent=parent))

    asked = re.compile(r'(FROM|UPDATE) "?discussion_post\b')
    queries = [query for query in made if asked.search(query["sql"])]
    assert [query for query in queries if "discussion_credential" in query["sql"]]
    assert len(queries) >= 4
    for query in queries:
        # The queue's index holds only what waits for a moderator, however many posts.
        found = plan(query).replace("SCAN discussion_post USING INDEX post_queue", "")
        assert "SCAN discussion_post" not in found
        assert "Seq Scan on discussion_post" not in found, query["sql"]
