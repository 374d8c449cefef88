"""Rows by a query that was put together once: the same as by one put together now."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from discussion.kept_rows import KeptRows
from discussion.models import Post
from discussion.threads import Order, first_page
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db


def first_posts(article):
    return article.posts.in_thread().for_reading().order_by("number")


@pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
def test_the_first_page_is_that_of_the_queryset_it_was_made_from(
    order, django_assert_num_queries
):
    article, other = make_article(), make_article()
    for _ in range(3):
        make_post(article)
    make_post(other)
    rows = first_page(order, 50)
    for which in (article, other, article):
        with django_assert_num_queries(1) as asked:
            kept = list(rows.of(which))
        with django_assert_num_queries(1) as asked_now:
            now = list(rows.of_article(which))
        assert kept == now
        assert [row.__dict__.keys() for row in kept] == [
            row.__dict__.keys() for row in now
        ]
        assert asked.captured_queries[0]["sql"] == asked_now.captured_queries[0]["sql"]
        with django_assert_num_queries(0):
            assert {row.article for row in kept} == {which}
            assert [row.author.label for row in kept] == [
                row.author.label for row in now
            ]


def test_the_query_is_put_together_once():
    article = make_article()
    made = []
    rows = KeptRows(lambda whose: made.append(whose) or first_posts(whose))
    for number in (1, 2, 3):
        make_post(article)
        assert [row.number for row in rows.of(article)] == list(range(1, number + 1))
    assert len(made) == 1


def test_rows_are_made_only_when_they_are_asked_for():
    article = make_article()
    first, _second = make_post(article), make_post(article)
    rows = iter(KeptRows(first_posts).of(article))
    assert next(rows).pk == first.pk


@pytest.mark.parametrize(
    "of_article",
    [
        lambda article: Post.objects.in_thread(),
        lambda article: Post.objects.filter(article=article, author=article.pk),
    ],
)
def test_a_query_in_which_the_article_is_not_once_is_refused(of_article):
    article = make_article()
    with pytest.raises(ValueError, match="once"):
        KeptRows(of_article).of(article)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_on_its_own_connection():
    article = make_article()
    make_post(article)
    rows = first_page(Order.NEWEST, 50)

    def read():
        try:
            return [row.pk for row in rows.of(article)]
        finally:
            connection.close()

    here = [row.pk for row in rows.of(article)]
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(lambda _: read(), range(8))] == [here] * 8
