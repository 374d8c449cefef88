"""`Post 3`, `#3` and `@name` become links when they can mean only one thing."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from discussion.authors import Speaker
from discussion.mentions import render
from discussion.models import Author, PostKey
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article("neck")


def links(html):
    return re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', html)


def anonymous(article, label):
    key = PostKey.objects.create(digest=label)
    return Author.objects.create(article=article, key=key, label=label)


def test_numbers_of_posts_become_links(article, edda):
    make_post(article)
    make_post(article).remove(edda, "spam")

    html = render(article, "As Post 1 says, and #2; not Post 3, #4 or Post 12.")

    assert links(html) == [
        ("/articles/neck/posts/1/", "Post 1"),
        ("/articles/neck/posts/2/", "#2"),
    ]


def test_a_post_of_another_article_is_not_meant(article):
    make_post(make_article())

    assert links(render(article, "See Post 1.")) == []


@pytest.mark.parametrize("name", ["maya", "Maya", "MAYA"])
def test_a_member_is_linked_to_their_latest_post(article, maya, name):
    author = make_author(article, maya)
    make_post(article, author=author)
    make_post(article, author=author)

    assert links(render(article, f"@{name}: thank you")) == [
        ("/articles/neck/posts/2/", f"@{name}")
    ]


def test_a_display_name_of_two_words_is_known(article, maya):
    make_post(article, author=make_author(article, maya))

    assert links(render(article, "@Maya Member said so")) == [
        ("/articles/neck/posts/1/", "@Maya Member")
    ]


def test_somebody_with_a_label_is_known_by_it(article):
    make_post(article, author=anonymous(article, "Anonymous Heron"))

    assert links(render(article, "Thanks @anonymous heron!")) == [
        ("/articles/neck/posts/1/", "@anonymous heron")
    ]


def test_the_post_that_is_answered_is_meant_before_a_later_one(article, maya):
    author = make_author(article, maya)
    first = make_post(article, author=author)
    make_post(article, author=author)

    html = render(article, "@maya I agree", parent=first)

    assert links(html) == [("/articles/neck/posts/1/", "@maya")]


def test_a_name_that_two_go_by_stays_text(article, maya, sam):
    sam.display_name = "Maya"
    sam.save()
    for user in (maya, sam):
        make_post(article, author=make_author(article, user))

    assert links(render(article, "@maya and @sam")) == [
        ("/articles/neck/posts/2/", "@sam")
    ]


def test_a_label_with_a_number_makes_the_bare_one_ambiguous(article):
    for label in ("Anonymous Heron", "Anonymous Heron 2"):
        make_post(article, author=anonymous(article, label))

    assert links(render(article, "@Anonymous Heron 2, you are right")) == []


def test_nobody_outside_the_discussion_is_known(article, maya):
    make_author(make_article(), maya)

    assert links(render(article, "@maya are you there?")) == []


def test_a_member_whose_posts_are_gone_stays_text(article, maya, edda):
    make_post(article, author=make_author(article, maya)).remove(edda, "spam")

    assert links(render(article, "@maya")) == []


def test_a_text_takes_few_queries_whatever_it_names(article, maya):
    author = make_author(article, maya)
    for _ in range(3):
        make_post(article, author=author)
    text = " ".join(f"#{n} Post {n} @name{n} @Some Body{n}" for n in range(1, 300))

    with CaptureQueriesContext(connection) as made:
        render(article, text + " @maya")
    assert len(made) <= 4

    with CaptureQueriesContext(connection) as made:
        render(article, "No names at all, mail me at someone@example.org.")
    assert len(made) <= 2


def test_speakers_of_old_discussions_are_found_by_index(article):
    Speaker(article).author()
    with CaptureQueriesContext(connection) as made:
        render(article, "@Anonymous Heron")
    assert all("LIKE" not in query["sql"].upper() for query in made)
