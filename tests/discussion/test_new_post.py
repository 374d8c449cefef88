"""The composer, and what becomes of what it sends."""

import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import signing
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import User
from discussion.models import Author, Post, PostKey
from discussion.views import writing
from tests.accounts.doors import PASSWORD, is_logged_in, make_account
from tests.discussion.sending import (
    OURS,
    elsewhere,
    posts_of,
    send,
    text,
    textarea,
    words_of,
)
from tests.make import make_article, make_post, revise

pytestmark = pytest.mark.django_db

LONG = "a word or two, " * 700


@pytest.fixture
def article(db):
    return make_article("fascia")


# --- Anonymously ------------------------------------------------------------------------


def test_somebody_without_an_account_posts_and_gets_a_key(client, article):
    answer = send(client, article, "What is **fascia**?")
    post = Post.objects.get()
    assert answer.status_code == 303
    assert answer.url == f"/articles/fascia/posts/sent/{post.pk}/"
    assert post.number == 1
    assert post.html == "<p>What is <strong>fascia</strong>?</p>\n"
    assert post.author.label.startswith("Anonymous ")
    assert len(words_of(client, answer).split()) == 7


def test_the_cookies_reach_the_posts_of_this_article_alone(client, article):
    answer = send(client, article)
    for cookie in answer.cookies.values():
        assert cookie["path"].startswith("/articles/fascia/posts/")
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
    assert "no-store" in answer["Cache-Control"]


def test_the_words_of_the_key_are_kept_nowhere(client, article):
    words = words_of(client, send(client, article))
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert words not in str(cursor.fetchall()), table


def test_the_same_browser_goes_on_under_the_same_name(client, article):
    send(client, article, "First.")
    client.defaults["REMOTE_ADDR"] = "198.18.9.9"
    answer = send(client, article, "Second.")
    assert answer.url == "/articles/fascia/posts/2/"
    assert Author.objects.get().posts.count() == 2


def test_a_typed_key_goes_on_in_another_browser(client, article):
    words = words_of(client, send(client, article, "First."))
    other = elsewhere()
    answer = send(other, article, "Second.", key=words.upper().replace(" ", " - "))
    assert answer.url == "/articles/fascia/posts/2/"
    assert PostKey.objects.count() == 1
    answer = send(elsewhere(cookies=other.cookies), article, "Third.", key=words)
    assert Author.objects.get().posts.count() == 3


def test_a_key_links_no_two_discussions(client, article):
    words = words_of(client, send(client, article, "First."))
    send(elsewhere(), make_article("another"), "Second.", key=words)
    one, other = Author.objects.all()
    assert one.key == other.key
    assert "key" not in text(client.get("/articles/another/posts/1/")).lower()


def test_an_unknown_key_gives_the_text_back(client, article):
    answer = send(client, article, "My text.", key="seven words that are no key ever")
    assert answer.status_code == 400
    assert textarea(answer) == "My text."
    assert "no such post key" in text(answer)
    assert not Post.objects.exists()


def test_a_forged_cookie_is_nobody(client, article):
    send(client, article)
    forged = signing.dumps([article.pk, PostKey.objects.get().pk], salt="another")
    stranger = elsewhere()
    stranger.cookies["post-key"] = forged
    send(stranger, article, "Me again.")
    assert Author.objects.count() == 2


# --- As a member ------------------------------------------------------------------------


def test_a_member_posts_by_name(client, article, maya):
    client.force_login(maya)
    answer = send(client, article, way="member")
    assert answer.status_code == 303
    assert answer.url == "/articles/fascia/posts/1/"
    assert Post.objects.get().author.user == maya
    assert "post-key" not in answer.cookies


def test_a_member_may_post_without_a_name(client, article, maya):
    client.force_login(maya)
    send(client, article)
    assert Post.objects.get().author.is_anonymous


def test_an_editor_speaks_for_the_editors(client, article, edda):
    client.force_login(edda)
    send(client, article, way="member")
    assert Post.objects.get().by_editor


def test_who_is_logged_out_meanwhile_keeps_the_text(client, article):
    answer = send(client, article, "My text.", way="member")
    assert answer.status_code == 400
    assert textarea(answer) == "My text."
    assert "not logged in" in text(answer)


def test_log_in_and_post(client, article):
    maya = make_account("maya")
    answer = send(client, article, way="login", login="maya", password=PASSWORD)
    assert answer.url == "/articles/fascia/posts/1/"
    assert is_logged_in(client)
    assert Post.objects.get().author.user == maya
    assert "draft" not in client.session


def test_a_wrong_password_gives_the_text_back_and_not_the_password(client, article):
    make_account("maya")
    answer = send(
        client, article, "My text.", way="login", login="maya", password="not this one"
    )
    assert answer.status_code == 400
    assert textarea(answer) == "My text."
    assert "not this one" not in text(answer)
    assert 'value="maya"' in text(answer)
    assert not is_logged_in(client)
    assert not Post.objects.exists()


def test_the_text_waits_while_a_second_step_is_asked(client, article):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(make_account("maya"), secret)
    answer = send(
        client, article, "My text.", way="login", login="maya", password=PASSWORD
    )
    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert not Post.objects.exists()
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    answer = client.post(answer.url, {"code": code})
    assert answer.url == "/articles/fascia/posts/"
    page = client.get(answer.url)
    assert textarea(page) == "My text."
    send(client, article, "My text.", way="member")
    assert Post.objects.get().author.user == User.objects.get()
    assert textarea(client.get(posts_of(article))) == ""


# --- About something --------------------------------------------------------------------


def test_a_reply_stands_below_what_it_answers(client, article):
    parent = make_post(article, "A question.")
    send(client, article, "An answer.", reply=parent.number)
    assert Post.objects.get(number=2).parent == parent


@pytest.mark.parametrize("number", ["7", "0", "-1", "x", "9" * 30, "\u0663"])
def test_a_reply_to_nothing_is_given_back_to_stand_alone(client, article, number):
    answer = send(client, article, "My text.", reply=number)
    assert answer.status_code == 400
    assert textarea(answer) == "My text."
    assert not Post.objects.exists()


def test_a_reply_to_a_removed_post_can_be_sent_again_alone(client, article):
    make_post(article).delete_by_author()
    answer = send(client, article, "My text.", reply=1)
    assert "cannot be answered any more" in text(answer)
    assert 'name="reply"' not in text(answer)


def test_a_post_in_another_discussion_cannot_be_answered(client, article):
    make_post(make_article("another"))
    assert send(client, article, reply=1).status_code == 400


def passage_of(article, words):
    return article.live.passages.get(text__contains=words)


def test_a_post_quotes_a_passage(client, article):
    key = passage_of(article, "stretches").key
    quote = "Some  say it\nstretches the tissue."
    send(client, article, passage=key, quote=quote, disputes="on")
    post = Post.objects.get()
    assert post.anchor.exact == "Some say it stretches the tissue."
    assert post.anchor.passage == key
    assert post.dispute.state == "open"


def test_a_passage_without_a_quote_is_quoted_whole(client, article):
    passage = passage_of(article, "stretches")
    send(client, article, passage=passage.key)
    assert Post.objects.get().anchor.exact == passage.text


def test_a_passage_is_quoted_as_it_was_read(client, article):
    passage = passage_of(article, "stretches")
    body = article.live.body.replace("Some say it stretches", "It never stretches")
    revise(article, body=body)
    send(client, article, passage=passage.key, quote="Some say it stretches")
    assert Post.objects.get().anchor.revision == passage.revision


def test_words_that_stand_nowhere_are_given_back(client, article):
    key = passage_of(article, "stretches").key
    answer = send(client, article, "My text.", passage=key, quote="It cures all.")
    assert answer.status_code == 400
    assert "do not stand in the article" in text(answer)
    assert textarea(answer) == "My text."
    assert key not in text(answer)


# --- Given back -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "fields", "sentence"),
    [
        ("", {}, "Please write something first."),
        ("\u200b \u2060", {}, "Please write something first."),
        (LONG, {}, "and 10,000 fit"),
        ("My text.", {"website": "https://spam.example"}, "trap for robots"),
        ("My text.", {"as": ""}, "Please choose how you want to post."),
        ("My text.", {"as": "editor"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_comes_back_whole(client, article, body, fields, sentence):
    answer = send(client, article, body, **fields)
    assert answer.status_code == 400
    assert sentence in text(answer)
    assert textarea(answer).strip() == body.strip()
    assert not Post.objects.exists()


def test_line_breaks_count_once(client, article):
    send(client, article, "a\r\n" * 3_300 + "b")
    assert Post.objects.get().source == "a\n" * 3_300 + "b"


def test_a_megabyte_comes_back_whole(client, article):
    body = "m" * 1_000_000
    answer = send(client, article, body)
    assert answer.status_code == 400
    assert textarea(answer) == body


def test_what_is_too_big_to_read_says_where_the_text_is(client, article):
    answer = send(client, article, "m" * 3_000_000)
    assert answer.status_code == 413
    assert "Back button" in text(answer)


def test_over_the_limit(client, article):
    send(client, article, "First.")
    answer = send(client, article, "Second.")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 15
    assert textarea(answer) == "Second."
    assert "You can send this one in" in text(answer)


def test_a_closed_discussion_gives_the_text_back_and_no_button(client, article):
    article.discussion_open = False
    article.save()
    answer = send(client, article, "My text.")
    assert answer.status_code == 403
    assert "The discussion of this article is closed." in text(answer)
    assert textarea(answer) == "My text."
    assert 'name="as"' not in text(answer)
    assert not Post.objects.exists()


def test_a_database_that_does_not_answer_loses_no_text(client, article, monkeypatch):
    def busy(*_):
        raise OperationalError("database is locked")

    monkeypatch.setattr(Post._default_manager.__class__, "submit", busy, raising=True)
    answer = send(client, article, "My text.")
    assert answer.status_code == 503
    assert answer["Retry-After"] == str(writing.BUSY_SECONDS)
    assert textarea(answer) == "My text."


# --- Once -------------------------------------------------------------------------------


def test_sent_twice_it_is_one_post(client, article):
    first = send(client, article)
    again = send(client, article)
    assert Post.objects.count() == 1
    assert again.status_code == 303
    assert text(client.get(again.url)) == text(client.get("/articles/fascia/posts/1/"))
    assert first.url != again.url


def test_sent_twice_before_the_first_answer_came_it_still_gives_the_key(article):
    first, again = elsewhere(), None
    first_answer = send(first, article)
    again = Client(REMOTE_ADDR=first.defaults["REMOTE_ADDR"])
    answer = send(again, article)
    assert answer.url == first_answer.url
    assert len(words_of(again, answer).split()) == 7
    assert Post.objects.count() == 1


def test_a_held_post_sent_by_another_in_the_same_network_shows_nothing(article):
    first = elsewhere()
    links = " ".join(f"https://{n}.example" for n in range(4))
    answer = send(first, article, links)
    words_of(first, answer)  # its writer has seen the page
    other = Client(REMOTE_ADDR=first.defaults["REMOTE_ADDR"])
    answer = send(other, article, links)
    assert answer.status_code == 409
    assert "We have this text already" in text(answer)
    assert ".example" not in text(answer)


# --- Which addresses there are ------------------------------------------------------------


def test_an_article_that_is_not_there(client):
    assert client.get("/articles/nothing/posts/").status_code == 404
    assert client.post("/articles/nothing/posts/", {}, headers=OURS).status_code == 404


def test_a_withdrawn_article_takes_no_posts(client, article, edda):
    article.withdraw(edda, "It was wrong.")
    assert send(client, article).status_code == 404


def test_a_former_address_leads_on_and_still_takes_posts(client, article):
    article.change_slug("on-fascia")
    page = client.get("/articles/fascia/posts/?reply=1")
    assert page.status_code == 301
    assert page.url == "/articles/on-fascia/posts/?reply=1"
    assert (
        client.post(
            "/articles/fascia/posts/", {"body": "x", "as": "anonymous"}, headers=OURS
        ).status_code
        == 303
    )


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client, article, method):
    assert getattr(client, method)(posts_of(article)).status_code == 405


def test_a_post_costs_few_queries(client, article, django_assert_max_num_queries):
    send(client, article, "First.")
    client.defaults["REMOTE_ADDR"] = "198.18.9.9"
    with django_assert_max_num_queries(19):
        send(client, article, "Second.", reply=1)
