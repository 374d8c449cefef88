"""The page of one post: what it answers above it, the answers to it below."""

import pytest
from django.test import Client

from tests.discussion.sending import elsewhere, send, text
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db):
    return make_article("fascia")


def numbers(page):
    return [item.post.number for item in page.context["items"]]


def test_a_post_between_its_parent_and_its_answers(client, article, valid_html):
    one = make_post(article, "A question.")
    two = make_post(article, "An answer.", parent=one)
    three = make_post(article, "A doubt.", parent=two)
    make_post(article, "Another answer.", parent=one)
    make_post(article, "A remark.", parent=three)
    page = client.get("/articles/fascia/posts/2/")
    valid_html(page)
    assert numbers(page) == [1, 2, 3]
    assert "Post 2 by Anonymous" in text(page)
    assert 'href="/articles/fascia/?before=2#post-2"' in text(page)
    assert 'href="/articles/fascia/posts/3/thread/">1 more reply' in text(page)


def test_readers_all_get_the_same_page_without_a_cookie(client, article):
    make_post(article)
    page = client.get("/articles/fascia/posts/1/")
    assert page.status_code == 200
    assert page["Cache-Control"].startswith("public")
    assert not page.cookies
    assert "This is your post" not in text(page)


def test_its_writer_is_offered_what_can_be_done(client, article):
    send(client, article)
    page = client.get("/articles/fascia/posts/1/")
    assert page["Cache-Control"] == "private, no-store"
    assert "This is your post" in text(page)
    assert 'href="/articles/fascia/posts/1/edit/"' in text(page)
    assert 'href="/articles/fascia/posts/1/delete/"' in text(page)
    assert "/update/" not in text(page)


def test_a_member_is_offered_it_on_their_own_posts_alone(client, article, maya, sam):
    make_post(article, author=make_author(article, maya))
    make_post(article, author=make_author(article, sam))
    client.force_login(maya)
    assert "This is your post" in text(client.get("/articles/fascia/posts/1/"))
    assert "This is your post" not in text(client.get("/articles/fascia/posts/2/"))


def test_another_key_opens_nothing(client, article):
    send(elsewhere(), article, "First.")
    send(client, article, "Second.")
    assert "This is your post" not in text(client.get("/articles/fascia/posts/1/"))


def test_a_post_its_author_removed(client, article, valid_html):
    one = make_post(article, "A secret.")
    make_post(article, "An answer.", parent=one)
    one.delete_by_author()
    page = client.get("/articles/fascia/posts/1/")
    assert page.status_code == 410
    valid_html(page)
    assert "Post 1 was removed by its author on" in text(page)
    assert "A secret." not in text(page)
    assert "An answer." in text(page)
    assert "Anonymous" not in text(page).split("What was said around it")[0]


def test_a_post_a_moderator_removed_says_why(client, article, edda):
    make_post(article, "Buy this.").remove(edda, "spam")
    page = client.get("/articles/fascia/posts/1/")
    assert page.status_code == 410
    assert "by a moderator" in text(page)
    assert "spam or advertising" in text(page)
    assert "Edda" not in text(page)
    assert "Buy this." not in text(page)


def test_a_hidden_post_may_come_back(client, article):
    make_post(article, "Hm.").hide("reports")
    page = client.get("/articles/fascia/posts/1/")
    assert page.status_code == 404
    assert "hidden until a moderator has looked" in text(page)
    assert "Hm." not in text(page)


@pytest.mark.parametrize("number", [2, 0, 10**9])
def test_a_number_that_is_not_there(client, article, number):
    make_post(article)
    assert client.get(f"/articles/fascia/posts/{number}/").status_code == 404


def test_an_article_that_is_not_there(client, article):
    make_post(article)
    assert client.get("/articles/nothing/posts/1/").status_code == 404


def test_a_post_of_a_withdrawn_article(client, article, edda):
    make_post(article)
    article.withdraw(edda, "It was wrong.")
    assert client.get("/articles/fascia/posts/1/").status_code == 404


def test_a_former_address_leads_on_and_takes_the_key_along(client, article):
    send(client, article)
    article.change_slug("on-fascia")
    answer = client.get("/articles/fascia/posts/1/")
    assert answer.status_code == 301
    assert answer.url == "/articles/on-fascia/posts/1/"
    assert "This is your post" in text(client.get(answer.url))


def test_search_engines_find_the_post_with_its_article(client, article):
    make_post(article)
    page = text(client.get("/articles/fascia/posts/1/"))
    assert page.count('rel="canonical"') == 1
    assert '/articles/fascia/">' in page.split('rel="canonical"')[1][:80]


def test_it_costs_few_queries_however_long_the_thread(
    article, django_assert_num_queries
):
    parent = make_post(article)
    client = Client()
    for more in (1, 20):
        for _ in range(more):
            make_post(article, parent=parent)
        with django_assert_num_queries(5):
            client.get("/articles/fascia/posts/1/")


def test_it_is_only_read(client, article):
    make_post(article)
    assert client.post("/articles/fascia/posts/1/").status_code == 405
