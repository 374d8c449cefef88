"""Which pages a change of a post makes old: all that show it, and no others."""

import pytest

from discussion.models import Decision, Post
from mfr_site.models import PageVersion
from tests.make import make_article, make_author, make_post, make_quotation

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article()


def versions_of(*tags):
    return dict(PageVersion.objects.filter(tag__in=tags).values_list("tag", "version"))


@pytest.mark.parametrize("quotes", [False, True])
def test_every_change_makes_the_pages_old_that_show_it(article, maya, edda, quotes):
    author = make_author(article, maya)
    if quotes:
        post = make_quotation(article, "Fascia is thin tissue", author=author)
    else:
        post = make_post(article, author=author)
    tags = (article.page_tag if quotes else article.posts_tag, "discussion")
    for change in (
        lambda: post.edit("New text.", post.author),
        lambda: post.append_update("More."),
        lambda: post.edit_out("Less.", edda),
        lambda: post.hide("reports"),
        lambda: post.restore(edda),
        lambda: post.remove(edda, Post.Reason.SPAM),
        lambda: post.restore(edda),
        lambda: post.hide("reports"),
        lambda: post.remove(edda, Post.Reason.SPAM),
        lambda: post.restore(edda),
        post.delete_by_author,
    ):
        before = versions_of(*tags)
        change()
        after = versions_of(*tags)
        assert all(after[tag] > before[tag] for tag in tags)


def test_a_post_that_quotes_nothing_leaves_the_article_as_it_is(article, maya, edda):
    post = make_post(article, author=make_author(article, maya))
    before = versions_of(article.page_tag)
    post.edit("New text.", post.author)
    post.hide("reports")
    post.restore(edda)
    post.delete_by_author()
    make_post(article)
    assert versions_of(article.page_tag) == before


@pytest.mark.parametrize("erased", [False, True])
def test_what_became_of_a_hidden_post_is_told_at_once(article, maya, edda, erased):
    post = make_post(article, author=make_author(article, maya))
    post.hide("reports")
    before = versions_of(article.posts_tag)[article.posts_tag]
    if erased:
        post.delete_by_author()
    else:
        post.remove(edda, Post.Reason.SPAM)
    assert versions_of(article.posts_tag)[article.posts_tag] > before


def test_a_decision_is_in_the_public_log_at_once(article, edda):
    post = make_post(article)
    before = versions_of("discussion")["discussion"]
    post.decide(Decision.Action.KEEP, by=edda)
    assert versions_of("discussion")["discussion"] > before
