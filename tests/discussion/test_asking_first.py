"""What says who somebody is: its writer sees it before it is public, once, and decides."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from discussion.models import Decision, Post, PostUpdate
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
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db

NUMBER = "020 7946 0018"
GIVING_AWAY = f"It helped. Ring me on {NUMBER}."


@pytest.fixture
def article(db):
    return make_article("fascia")


def seen_on(page):
    """The fields of a page's composer that say what its writer was shown."""
    found = re.search(r'name="seen" value="([^"]+)"', text(page))
    return {"seen": found[1]} if found else {}


def test_it_is_shown_before_it_is_public_and_then_taken_as_it_is(
    client, article, valid_html
):
    first = send(client, article, GIVING_AWAY)
    assert first.status_code == 200
    assert first["Cache-Control"] == "private, no-store"
    valid_html(first)
    assert "Nothing has been posted yet." in text(first)
    assert f"a phone number: <b>{NUMBER}</b>" in text(first)
    assert "Ring me on […]." in text(first)
    assert "Post it as it is" in text(first)
    assert textarea(first) == GIVING_AWAY
    assert not Post.objects.exists()

    again = send(client, article, GIVING_AWAY, **seen_on(first))
    assert again.status_code == 303
    assert Post.objects.get().source == GIVING_AWAY
    # What was shown before is not shown again beside the words of the key.
    assert "post-key" in text(client.get(again.url))
    assert NUMBER not in text(client.get(again.url))


def test_the_masked_text_is_taken_at_once(client, article):
    first = send(client, article, GIVING_AWAY)
    masked = send(client, article, GIVING_AWAY, preview="masked", **seen_on(first))
    assert textarea(masked) == "It helped. Ring me on […]."
    assert NUMBER not in text(masked)
    taken = send(client, article, textarea(masked), **seen_on(masked))
    assert taken.status_code == 303
    assert Post.objects.get().source == "It helped. Ring me on […]."


def test_whoever_saw_it_in_the_preview_is_not_asked_again(client, article):
    page = send(client, article, GIVING_AWAY, preview="1")
    assert "Post it as it is" not in text(page)
    assert send(client, article, GIVING_AWAY, **seen_on(page)).status_code == 303


def test_only_what_is_new_asks_again(client, article):
    fields = seen_on(send(client, article, GIVING_AWAY))
    more = f"{GIVING_AWAY} Or write to anna.m@example.org."
    second = send(client, article, more, **fields)
    assert "an e-mail address" in text(second)
    assert not Post.objects.exists()
    shorter = f"Only ring me on {NUMBER}."
    assert send(client, article, shorter, **seen_on(second)).status_code == 303


def test_what_was_shown_is_kept_with_a_form_that_is_given_back(client, article):
    fields = seen_on(send(client, article, GIVING_AWAY))
    wrong = send(client, article, GIVING_AWAY, key="no such words", **fields)
    assert wrong.status_code == 400
    assert seen_on(wrong) == fields


@pytest.mark.parametrize("seen", ["nothing", "acute red-flag", "\x00", "é " * 1_000])
def test_a_made_up_field_is_no_more_than_that(client, article, seen):
    assert send(client, article, GIVING_AWAY, seen=seen).status_code == 200
    assert not Post.objects.exists()


def test_asking_counts_against_no_limit(client, article):
    words = words_of(client, send(client, article, "First."))
    other = elsewhere()
    for number in range(12):
        body = f"{GIVING_AWAY} {number}"
        assert send(other, article, body, key=words).status_code == 200
    assert send(other, article, "Second.", key=words).status_code == 303


def test_asking_leaves_nothing_behind(client, article, caplog):
    first = send(client, article, GIVING_AWAY)
    assert not first.cookies
    assert not Post.objects.exists()
    assert not Decision.objects.exists()
    assert not client.session.keys()
    assert NUMBER not in caplog.text
    assert NUMBER not in text(elsewhere().get("/moderation/"))


def test_members_and_editors_are_shown_it_too(client, article, maya, edda):
    for somebody in (maya, edda):
        client.force_login(somebody)
        body = f"{GIVING_AWAY} {somebody}"
        first = send(client, article, body, way="member")
        assert 'name="as" value="member">Post it as it is' in text(first)
        number = Post.objects.count() + 1
        again = send(client, article, body, way="member", **seen_on(first))
        # Straight to the post: there is nothing left to tell.
        assert again.url == f"/articles/fascia/posts/{number}/"


def test_a_reply_about_a_passage_keeps_what_it_is_about(client, article):
    parent = make_post(article, "A question.")
    passage = article.live.passages.get(text__contains="stretches")
    about = {"reply": parent.number, "passage": passage.key}
    about |= {"quote": "Some say it stretches the tissue.", "disputes": "on"}
    page = send(client, article, GIVING_AWAY, **about)
    for name in ("reply", "passage", "quote"):
        assert f'name="{name}" value="{about[name]}"' in text(page)
    assert re.search(r'name="disputes"[^>]* checked', text(page))


def test_whoever_logs_in_to_post_types_the_password_once(client, article):
    make_account("maya")
    first = send(
        client, article, GIVING_AWAY, way="login", login="maya", password=PASSWORD
    )
    assert first.status_code == 200
    assert not Post.objects.exists()
    assert PASSWORD not in text(first)
    assert is_logged_in(client)
    assert "draft" not in client.session
    assert "Post as maya" in text(first)
    assert 'value="login"' not in text(first)
    send(client, article, GIVING_AWAY, way="member", **seen_on(first))
    assert Post.objects.get().author.user.username == "maya"


def test_a_wrong_password_is_told_before_anything_else(client, article):
    make_account("maya")
    page = send(client, article, GIVING_AWAY, way="login", login="maya", password="no")
    assert page.status_code == 400
    assert textarea(page) == GIVING_AWAY


def test_what_was_shown_waits_with_the_text_for_a_second_step(client, article):
    TOTP.activate(make_account("maya"), "JBSWY3DPEHPK3PXP")
    fields = seen_on(send(client, article, GIVING_AWAY))
    fields |= {"login": "maya", "password": PASSWORD}
    send(client, article, GIVING_AWAY, way="login", **fields)
    assert client.session["draft"]["fields"]["seen"] == fields["seen"]


def test_a_browser_that_needs_a_token_has_one_after_the_log_in(article):
    make_account("maya")
    strict = Client(enforce_csrf_checks=True)
    strict.get(posts_of(article))
    form = {"body": GIVING_AWAY, "as": "login", "login": "maya", "password": PASSWORD}
    form["csrfmiddlewaretoken"] = strict.cookies["csrf"].value
    page = strict.post(posts_of(article), form)
    assert "Post it as it is" in text(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text(page))[1]
    form = {"body": GIVING_AWAY, "as": "member", "csrfmiddlewaretoken": token}
    again = strict.post(posts_of(article), form | seen_on(page))
    assert again.status_code == 303


def test_a_closed_discussion_says_so_and_asks_nothing(client, article):
    article.discussion_open = False
    article.save()
    page = send(client, article, GIVING_AWAY)
    assert page.status_code == 403
    assert "Post it as it is" not in text(page)


def test_nobody_in_danger_is_held_up(client, article, maya):
    """They are heard at once, and read where help is, and what they gave away, after it."""
    client.force_login(maya)
    body = f"I want to kill myself. Ring me on {NUMBER}."
    answer = send(client, article, body, way="member")
    assert answer.status_code == 303
    assert Post.objects.get().is_urgent
    page = text(client.get(answer.url))
    assert "116 123" in page
    assert NUMBER in page


def test_what_a_doctor_should_see_is_told_after_posting_once(client, article, maya):
    client.force_login(maya)
    body = "I have chest pain since then."
    page = send(client, article, body, way="", preview="1")
    assert "Please ask a doctor today" in text(page)
    answer = send(client, article, body, way="member", **seen_on(page))
    assert answer.url == "/articles/fascia/posts/1/"
    Post.objects.all().delete()
    answer = send(elsewhere(), article, body)
    assert "/posts/sent/" in answer.url


# --- Edits and updates ------------------------------------------------------------------

POST = "/articles/fascia/posts/1"


def save(client, body, act="edit", **fields):
    return client.post(f"{POST}/{act}/", {"body": body, **fields}, headers=OURS)


def test_an_edit_asks_first_and_then_saves(client, article, valid_html):
    send(client, article, "The old text.")
    first = save(client, GIVING_AWAY)
    assert first.status_code == 200
    valid_html(first)
    assert "Nothing has been changed yet." in text(first)
    assert f"a phone number: <b>{NUMBER}</b>" in text(first)
    assert "Save it as it is" in text(first)
    assert textarea(first) == GIVING_AWAY
    assert Post.objects.get().source == "The old text."

    again = save(client, GIVING_AWAY, **seen_on(first))
    assert again.url == f"{POST}/"
    assert Post.objects.get().source == GIVING_AWAY


def test_an_edit_does_not_ask_for_what_the_post_says_already(client, article):
    fields = seen_on(send(client, article, GIVING_AWAY))
    send(client, article, GIVING_AWAY, **fields)
    fields = seen_on(client.get(f"{POST}/edit/"))
    assert save(client, f"{GIVING_AWAY} Please.", **fields).status_code == 303
    other = "Or write to anna.m@example.org."
    assert save(client, f"{GIVING_AWAY} {other}", **fields).status_code == 200


def test_asking_counts_as_no_edit(client, article):
    send(client, article, "The old text.")
    asked = [save(client, f"{GIVING_AWAY} {n}").status_code for n in range(31)]
    assert asked == [200] * 31
    assert save(client, "The new text.").status_code == 303


def test_an_update_asks_first_and_then_is_added(client, article):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        send(client, article, "The old text.")
        clock.shift(timedelta(days=2))
        first = save(client, GIVING_AWAY, "update")
        assert "Save it as it is" in text(first)
        assert not PostUpdate.objects.exists()
        again = save(client, GIVING_AWAY, "update", **seen_on(first))
        assert again.url == f"{POST}/"
        assert PostUpdate.objects.get().source == GIVING_AWAY


def test_under_manage_an_edit_asks_too(client, article):
    words = words_of(client, send(client, article, "The old text."))
    client.post("/manage/", {"key": words}, headers=OURS)
    address = f"/manage/posts/{Post.objects.get().pk}/edit/"
    first = client.post(address, {"body": GIVING_AWAY}, headers=OURS)
    assert "Save it as it is" in text(first)
    form = {"body": GIVING_AWAY} | seen_on(first)
    assert client.post(address, form, headers=OURS).status_code == 303
    assert Post.objects.get().source == GIVING_AWAY


def test_help_is_shown_again_with_every_new_text_of_somebody_in_danger(client, article):
    send(client, article, "I want to kill myself.")
    fields = seen_on(client.get(f"{POST}/edit/"))
    answer = save(client, "I still want to die.", **fields)
    assert "116 123" in text(client.get(answer.url))
