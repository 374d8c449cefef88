"""The composer on its own page: what it shows, previews, and from where it is sent."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from discussion.models import Author, Post
from tests.discussion.sending import posts_of, send, text, textarea
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db):
    return make_article("fascia")


def passage_of(article, words):
    return article.live.passages.get(text__contains=words)


# --- Preview ----------------------------------------------------------------------------


def test_a_preview_shows_the_post_and_posts_nothing(client, article):
    answer = send(client, article, "**Bold** <script>", way="", preview="1")
    assert answer.status_code == 200
    assert "<p><strong>Bold</strong> &lt;script&gt;</p>" in text(answer)
    assert textarea(answer) == "**Bold** &lt;script&gt;"
    assert not Post.objects.exists()
    assert not answer.cookies


def test_a_preview_keeps_what_it_is_about(client, article):
    make_post(article, "A question.")
    answer = send(client, article, "An answer.", way="", preview="1", reply="1")
    assert 'name="reply" value="1"' in text(answer)
    assert "Reply to Post 1" in text(answer)


# --- Where it comes from (STACK §11) ------------------------------------------------------


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def test_a_browser_that_says_nothing_is_asked_to_confirm(strict, article):
    form = {"body": "My text.", "as": "anonymous"}
    answer = strict.post(posts_of(article), form)
    assert answer.status_code == 403
    assert textarea(answer) == "My text."
    assert not Post.objects.exists()
    form["csrfmiddlewaretoken"] = strict.cookies["csrf"].value
    assert strict.post(posts_of(article), form).status_code == 303
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_post_for_anybody(strict, article, maya, headers):
    strict.force_login(maya)
    form = {"body": "Not mine.", "as": "member"}
    answer = strict.post(posts_of(article), form, headers=headers)
    assert answer.status_code == 403
    assert not Post.objects.exists()


def test_a_browser_of_today_gets_no_cookie_for_the_form(strict, article):
    page = strict.get(posts_of(article), headers={"Sec-Fetch-Site": "none"})
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in text(page)


# --- The composer alone -------------------------------------------------------------------


def test_the_composer_shows_what_is_answered(client, article, valid_html):
    make_post(article, "A question.")
    page = client.get(posts_of(article), {"reply": "1"})
    valid_html(page)
    assert '<h1 id="composer-h">Reply to Post 1</h1>' in text(page)
    assert "A question." in text(page)
    assert page["Cache-Control"] == "private, no-store"
    assert 'content="noindex"' in text(page)


def test_the_composer_begins_with_a_quotation_if_wanted(client, article):
    make_post(article, "> Somebody else.\n\nFirst line.\nSecond line.")
    page = client.get(posts_of(article), {"reply": "1", "cite": "1"})
    assert textarea(page) == "&gt; First line.\n&gt; Second line.\n\n"


def test_the_composer_says_under_which_name_one_goes_on(client, article):
    send(client, article)
    page = text(client.get(posts_of(article)))
    assert f"You go on as <b>{Author.objects.get().label}</b>" in page


def test_the_composer_shows_the_passage(client, article, valid_html):
    passage = passage_of(article, "stretches")
    page = client.get(posts_of(article), {"passage": passage.key})
    valid_html(page)
    assert passage.text in text(page)
    assert "I think this passage is wrong" in text(page)


@pytest.mark.parametrize("way", ["member", "guest"])
def test_everybody_is_offered_what_they_can_do(client, article, maya, way):
    if way == "member":
        client.force_login(maya)
    page = text(client.get(posts_of(article)))
    assert ("Post as Maya Member" in page) is (way == "member")
    assert ('value="login"' in page) is (way == "guest")
    assert 'value="anonymous"' in page


# --- How long it was open (PEERS §3) ------------------------------------------------------


TOKEN = re.compile(r'<input[^>]* name="token"[^>]* value="([^"]+)"')


@pytest.fixture
def opened(client, article):
    """When a form of one's own was opened: the clock, and its fields."""
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        page = text(client.get(posts_of(article)))
        yield clock, {"token": TOKEN.search(page)[1]}


@pytest.mark.parametrize(("seconds", "state"), [(2, "held"), (3, "published")])
def test_a_link_from_a_stranger_as_fast_as_a_machine_waits(
    client, article, opened, seconds, state
):
    clock, fields = opened
    clock.shift(seconds)
    send(client, article, "See https://a.example", **fields)
    assert Post.objects.get().state == state


def test_haste_alone_holds_nothing(client, article, opened):
    _, fields = opened
    send(client, article, "Thank you!", **fields)
    assert Post.objects.get().is_published


def test_a_page_for_everybody_tells_nothing_of_one_reader_s_time(client, article):
    """It is kept for hours and is the same for all, so its posts have no age."""
    assert not TOKEN.search(text(client.get(article.get_absolute_url())))
    send(client, article, "See https://a.example")
    assert Post.objects.get().is_published


@pytest.mark.parametrize("token", ["a-form", "x.1:forged", "é", ":"])
def test_a_token_of_somebody_s_own_is_no_age(client, article, token):
    send(client, article, "See https://a.example", token=token)
    assert Post.objects.get().is_published


def test_after_a_day_the_form_comes_back_once_with_its_text(client, article, opened):
    clock, fields = opened
    clock.shift(24 * 3600 + 1)
    page = send(client, article, "A slow thought.", **fields)
    assert page.status_code == 400
    assert "open for more than a day" in text(page)
    assert textarea(page) == "A slow thought."
    assert not Post.objects.exists()

    fields["token"] = TOKEN.search(text(page))[1]
    assert send(client, article, "A slow thought.", **fields).status_code == 303
