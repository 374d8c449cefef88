"""Decisions and disputes by mail, mail to people without an account, the editors' own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from discussion import letters
from discussion.authors import Speaker, new_key
from discussion.models import Mailbox, Notice, Post
from discussion.submission import Submission
from mfr_site import mail as site_mail
from tests.discussion.letterbox import answer, told
from tests.make import make_article, make_author, make_post, make_quotation
from tests.people import make_member

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


@pytest.fixture
def post(article, maya):
    """A post of Maya's, who wants to know who answers her."""
    Mailbox.objects.create(user=maya, replies=True)
    return make_post(article, "Does it last?", author=make_author(article, maya))


# --- Decisions and disputes -----------------------------------------------------------------


def test_a_decision_is_told_to_the_writer(article, maya, edda):
    post = make_post(article, "Mine.", author=make_author(article, maya))
    post.remove(edda, "other", "It named a clinic.")
    [body] = told()
    assert mail.outbox[0].subject == "What was decided about your post"
    assert "It named a clinic." in body
    assert "You can answer once" in mail.outbox[0].alternatives[0][0]
    assert f"/manage/posts/{post.pk}/" in body
    assert "Edda" not in body


def test_decisions_on_many_posts_are_one_mail(article, maya, edda):
    author = make_author(article, maya)
    for number in range(4):
        make_post(article, f"Mine {number}.", author=author).hide("silenced", by=edda)
    [body] = told()
    assert body.count("hidden.") == 4


def test_nothing_is_told_of_a_decision_that_was_ones_own(article, edda):
    post = make_post(article, author=make_author(article, edda))
    post.remove(edda, "other")
    assert told() == []


def test_a_decision_is_no_news_once_the_post_is_taken_back(article, maya, edda):
    post = make_post(article, author=make_author(article, maya))
    post.remove(edda, "other")
    post.delete_by_author()
    assert told() == []
    assert not Notice.objects.exists()


def test_several_kinds_are_one_digest(post, article, maya, edda):
    answer(post)
    dispute = make_quotation(
        article, "Nobody knows", disputes=True, author=make_author(article, maya)
    ).dispute
    dispute.answer_with("It stays.", edda)
    post.hide("rule", by=edda)
    [body] = told()
    assert mail.outbox[0].subject == "News from your discussions"
    assert "You disputed a passage" in body
    assert "hidden." in body
    assert "Stop all mail about discussions" in body


# --- Without an account -----------------------------------------------------------------------


@pytest.fixture
def heron(article):
    """The holder of a post key, with a post and a confirmed address."""
    key, _ = new_key()
    post = Post.objects.submit(Submission(article, Speaker(article, key=key), "Mine."))
    Mailbox.objects.begin(key, "heron@example.org")
    Mailbox.objects.get(key=key).confirm()
    mail.outbox.clear()
    return post


def test_a_key_with_a_confirmed_address_is_told(heron):
    answer(heron)
    [body] = told()
    assert mail.outbox[0].to == ["heron@example.org"]
    assert "/manage/mail/" in body


def test_until_it_is_confirmed_nothing_else_is_sent(article, edda):
    key, _ = new_key()
    post = Post.objects.submit(Submission(article, Speaker(article, key=key), "Mine."))
    Mailbox.objects.begin(key, "heron@example.org")
    answer(post)
    post.hide("rule", by=edda)
    assert told() == []
    Mailbox.objects.get().confirm()
    assert told() == []


def test_decisions_reach_a_key_too(heron, edda):
    heron.remove(edda, "spam")
    assert len(told()) == 1


def test_a_key_that_leaves_is_not_written_to(heron):
    answer(heron)
    heron.author.key.leave(erase=False)
    assert told() == []


def test_deleting_what_was_written_erases_the_address(heron):
    answer(heron)
    heron.delete_by_author()
    assert not Mailbox.objects.exists()
    assert told() == []


def test_a_key_that_becomes_part_of_an_account_takes_its_wishes_along(heron, maya):
    other = make_article("other")
    Mailbox.objects.get().follow(other)
    heron.author.key.hand_over(maya)
    box = Mailbox.objects.get()
    assert (box.user, box.replies) == (maya, True)
    assert box.follows(other)
    answer(Post.objects.get(pk=heron.pk))
    told()
    assert mail.outbox[0].to == [maya.email]


def test_after_a_change_of_the_secret_key_the_address_is_given_up(heron, settings):
    answer(heron)
    settings.SECRET_KEY = "another key" * 6
    assert told() == []
    assert not Mailbox.objects.exists()


# --- Addresses that mail comes back from -------------------------------------------------------


def test_an_address_that_mail_came_back_from_is_erased(heron):
    answer(heron)
    site_mail.suppress("heron@example.org")
    assert told() == []
    assert not Mailbox.objects.exists()


def test_a_member_whose_mail_came_back_gets_no_news(post):
    answer(post)
    site_mail.suppress("maya@example.org")
    assert told() == []


# --- The editors' morning ---------------------------------------------------------------------


def test_each_morning_an_editor_is_told_what_waits(article, edda, time_machine):
    time_machine.move_to(NOON)
    make_post(article, "A private word.").wait()
    assert letters.send_digests() == 1
    [message] = mail.outbox
    assert message.subject == "What waits for an editor today"
    assert "1 post:" in message.body
    assert "private" not in message.body
    assert "List-Unsubscribe" in message.extra_headers
    assert letters.send_digests() == 0
    time_machine.move_to(NOON + timedelta(hours=17))
    assert letters.send_digests() == 0
    time_machine.move_to(NOON + timedelta(hours=18))
    assert letters.send_digests() == 1


def test_there_is_no_digest_of_nothing_nor_for_who_does_not_want_it(article, edda):
    assert letters.send_digests() == 0
    make_post(article).wait()
    Mailbox.objects.create(user=edda, desk=False)
    assert letters.send_digests() == 0
    make_member("nobody-special")
    assert mail.outbox == []
