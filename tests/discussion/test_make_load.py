"""make_load: the same large data each time, as if every post had been published."""

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from discussion import placing
from discussion.loading import DEEPEST, fill, many_threads, one_thread
from discussion.management.commands.make_load import lengths
from discussion.models import Post, PostKey
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db

PLACE = ("number", "parent_number", "root", "path", "depth", "folded", "descendants")


def places(article):
    return list(article.posts.order_by("number").values_list(*PLACE))


@pytest.mark.parametrize("answers", [many_threads, one_thread])
def test_posts_stand_where_publishing_would_have_put_them(monkeypatch, answers):
    monkeypatch.setattr(placing, "FOLD_AFTER", 4)
    monkeypatch.setattr("discussion.loading.LATEST", 5)
    article, published = make_article(), make_article()
    fill(article, 40, answers)
    by_number = {}
    for post in article.posts.order_by("number"):
        parent = by_number.get(post.parent_number)
        by_number[post.number] = make_post(published, parent=parent)

    assert places(article) == places(published)
    published.refresh_from_db()
    article.refresh_from_db()
    assert article.post_count == published.post_count == 40
    assert article.last_post_number == published.last_post_number


def test_the_same_command_makes_the_same_posts():
    made = []
    for _ in range(2):
        Post.objects.all()._raw_delete("default")
        Article.objects.all().delete()
        PostKey.objects.all().delete()
        call_command("make_load", articles=3, posts=700, thread=300, verbosity=0)
        values = Post.objects.order_by("article__slug", "number")
        made.append(list(values.values_list(*PLACE, "author__label", "source")))

    assert made[0] == made[1]
    assert len(made[0]) == 700


def test_one_thread_is_long_and_as_deep_as_it_may_be():
    call_command("make_load", articles=1, posts=0, thread=2000, verbosity=0)
    posts = Article.objects.get(slug="load-1").posts

    assert posts.order_by("-descendants").first().descendants == 1800
    assert posts.order_by("-depth").first().depth == DEEPEST - 1
    make_post(Article.objects.get(slug="load-1"))


def test_it_is_not_run_twice():
    call_command("make_load", articles=1, posts=1, thread=1, verbosity=0)

    with pytest.raises(CommandError):
        call_command("make_load", articles=1, posts=1, thread=1, verbosity=0)


@pytest.mark.parametrize(
    ("articles", "posts", "thread", "expected"),
    [
        (1, 10, 10, [10]),
        (2, 10, 4, [4, 4]),
        (5, 20, 4, [4, 4, 4, 4, 4]),
        (4, 11, 4, [4, 4, 2, 1]),
        (3, 0, 0, [0, 0, 0]),
    ],
)
def test_the_rest_is_shared_out(articles, posts, thread, expected):
    assert lengths(articles=articles, posts=posts, thread=thread) == expected
