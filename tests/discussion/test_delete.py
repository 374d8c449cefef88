"""Deleting one's post: everything goes but number, date and place."""

import pytest

from discussion.models import Author, Post, PostKey, PostVersion
from tests.discussion.sending import OURS, elsewhere, send, text, words_of
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/1/delete/"


@pytest.fixture
def article(db):
    return make_article("fascia")


def delete(client, address=ADDRESS):
    return client.post(address, headers=OURS)


def test_asking_deletes_nothing(client, article, valid_html):
    send(client, article, "A secret.")
    page = client.get(ADDRESS)
    valid_html(page)
    assert "A secret." in text(page)
    assert Post.objects.get().source == "A secret."


def test_a_key_holder_deletes(client, article):
    send(client, article, "A secret.")
    answer = delete(client)
    assert answer.status_code == 303
    assert answer.url == "/articles/fascia/?before=2#post-1"
    page = text(client.get("/articles/fascia/"))
    assert "Post 1 was removed by its author" in page
    assert "A secret." not in page
    assert not PostKey.objects.exists()


def test_a_member_deletes_also_what_was_answered(client, article, maya):
    post = make_post(article, "A secret.", author=make_author(article, maya))
    make_post(article, "An answer.", parent=post)
    client.force_login(maya)
    delete(client)
    post.refresh_from_db()
    assert (post.source, post.html, post.author) == ("", "", None)
    assert not PostVersion.objects.exists()
    assert "An answer." in text(client.get("/articles/fascia/"))


def test_by_the_key_on_another_device(client, article):
    words = words_of(client, send(client, article))
    other = elsewhere()
    other.post("/manage/", {"key": words}, headers=OURS)
    answer = delete(other, f"/manage/posts/{Post.objects.get().pk}/delete/")
    assert answer.url == "/manage/?deleted=1"
    assert "The post is deleted." in text(other.get(answer.url))
    assert Post.objects.get().is_erased


def test_what_a_moderator_removed_can_still_be_erased(client, article, edda):
    send(client, article, "A secret.")
    Post.objects.get().remove(edda, "spam")
    assert delete(client).status_code == 303
    assert Post.objects.get().source == ""


def test_nobody_else_deletes(article, maya, sam, edda):
    make_post(article, author=make_author(article, maya))
    send(elsewhere(), article)
    for somebody in (None, sam, edda):
        other = elsewhere()
        if somebody:
            other.force_login(somebody)
        for number in (1, 2):
            address = f"/articles/fascia/posts/{number}/delete/"
            assert other.get(address).status_code == 404
            assert delete(other, address).status_code == 404
        for post in Post.objects.all():
            assert delete(other, f"/manage/posts/{post.pk}/delete/").status_code == 404
    assert Post.objects.published().count() == 2


def test_a_deleted_post_is_nobodys(client, article, maya):
    make_post(article, author=make_author(article, maya))
    client.force_login(maya)
    delete(client)
    assert not Author.objects.exists()
    assert client.get(ADDRESS).status_code == 404


def test_a_number_that_is_not_there(client, article):
    send(client, article)
    assert delete(client, "/articles/fascia/posts/2/delete/").status_code == 404


def test_other_methods_are_refused(client, article):
    send(client, article)
    assert client.delete(ADDRESS).status_code == 405


def test_an_answer_that_quotes_a_deleted_text_waits_for_a_moderator(article):
    post = make_post(article, "Fine.\n\nMy sister and I both\n have it in the family.")
    quoting = make_post(article, "> have it in the family.\n\nMine too.", parent=post)
    make_post(article, "> Fine.\n\nGood.", parent=post)
    make_post(article, "Mine have it in the family. too", parent=post)

    post.delete_by_author()

    assert list(Post.objects.waiting()) == [quoting]
    assert quoting.reports.get().note == (
        "It quotes Post 1, which its author has deleted. Should the words go?"
    )
    assert quoting in Post.objects.published()
