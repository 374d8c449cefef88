"""What is told by mail: to whom, when, and never twice."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from discussion import letters
from discussion.models import Following, Mailbox, Notice, Pace, Post
from mfr_site.models import OutgoingMail
from tests.discussion.letterbox import answer, told
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


@pytest.fixture
def box(maya):
    """Maya wants to know who answers her."""
    return Mailbox.objects.create(user=maya, replies=True)


@pytest.fixture
def post(article, box):
    return make_post(article, "Does it last?", author=make_author(article, box.user))


# --- Answers ------------------------------------------------------------------------------


def test_an_answer_is_told_with_its_first_words_and_a_way_out(post):
    answer(post)
    [body] = told()
    [message] = mail.outbox
    assert message.to == ["maya@example.org"]
    assert message.subject == "Somebody answered your post"
    assert "answered your Post 1 with Post 2" in body
    assert "For me it did." in body
    assert re.search(r"/articles/fascia/posts/back/[^ ]+/\?post=2\n", body)
    headers = message.extra_headers
    [link] = re.findall(r"http://127.0.0.1:8000(/unsubscribe/\S+/)>", str(headers))
    assert link in body
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "fascia" not in message.subject.lower()
    assert told() == []


def test_the_html_escapes_what_people_write(post):
    answer(post, "1 < 2 & <script>alert(1)</script>")
    [body] = told()
    html = mail.outbox[0].alternatives[0][0]
    assert "<script>alert" not in html
    assert "1 < 2 &" in body
    assert "color-scheme" in html


def test_nobody_is_told_without_having_asked(article, maya):
    post = make_post(article, author=make_author(article, maya))
    answer(post)
    assert told() == []
    assert not Notice.objects.exists()


def test_nobody_is_told_of_their_own_answer(post, maya):
    answer(post, user=maya)
    assert told() == []


def test_answers_fold_into_one_mail(post):
    for number in range(12):
        answer(post, f"Answer {number}.")
    [body] = told()
    assert "12 answers to your posts" in mail.outbox[0].subject
    assert all(f"Answer {number}." in body for number in range(12))
    assert "?since=1" in body


def test_one_unread_mail_stands_for_all_that_follows(post, article):
    """Five hundred answers to a watched thread are one mail until the next visit
    (TRUST A34)."""
    answer(post, "First.")
    assert len(told()) == 1
    author = make_author(article)
    for number in range(499):
        later = Post(article=article, parent=post, author=author)
        later.write(f"Later {number}.")
        later.publish()
        if number % 100 == 0:
            assert told() == []
    assert told() == []
    assert Notice.objects.count() == 499


def test_after_coming_back_there_may_be_another(client, post):
    answer(post, "First.")
    [body] = told()
    answer(post, "Seen on the page.")
    link = re.search(r"http://127.0.0.1:8000(/articles/\S+)", body)[1]
    page = client.get(link)
    assert page.url == "/articles/fascia/posts/2/"
    assert told() == []
    answer(post, "News again.")
    [body] = told()
    assert "News again." in body
    assert "Seen on the page." not in body


def test_after_a_week_there_is_one_more(time_machine, post):
    time_machine.move_to(NOON)
    answer(post, "First.")
    assert len(told()) == 1
    answer(post, "Second.")
    time_machine.move_to(NOON + timedelta(days=6, hours=23))
    assert told() == []
    time_machine.move_to(NOON + timedelta(days=7, minutes=1))
    [body] = told()
    assert "Second." in body
    assert "First." not in body


def test_another_discussion_does_not_wait_for_this_one(post, maya):
    answer(post)
    assert len(told()) == 1
    other = make_article("other")
    answer(make_post(other, author=make_author(other, maya)))
    assert len(told()) == 1


def test_what_comes_too_often_waits_for_the_next_mail(post, maya, time_machine):
    """More than five mails within an hour are none."""
    time_machine.move_to(NOON)
    posts = []
    for number in range(7):
        article = make_article(f"article-{number}")
        posts.append(make_post(article, author=make_author(article, maya)))
    for number, one in enumerate(posts):
        answer(one)
        assert len(told()) == (number < 5)
    time_machine.move_to(NOON + timedelta(hours=1, minutes=1))
    [body] = told()
    assert body.count("answered your Post") == 2


# --- How often ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "due"),
    [
        (Pace.NOW, NOON),
        (Pace.HOURLY, NOON.replace(hour=13, minute=0)),
        (Pace.DAILY, datetime(2026, 3, 2, 6, tzinfo=UTC)),
    ],
)
def test_it_comes_as_often_as_its_reader_chose(post, box, time_machine, pace, due):
    Mailbox.objects.update(pace=pace)
    time_machine.move_to(NOON, tick=False)
    answer(post)
    if due > NOON:
        time_machine.move_to(due - timedelta(minutes=1), tick=False)
        answer(post, "A little later.")
        assert told() == []
    time_machine.move_to(due, tick=False)
    [body] = told()
    assert "For me it did." in body
    assert ("A little later." in body) == (pace != Pace.NOW)


@pytest.mark.parametrize(
    ("hour", "morning"), [(5, 28), (6, 1), (23, 1)], ids=["before", "at", "after"]
)
def test_a_day_begins_in_the_morning(hour, morning):
    now = datetime(2026, 3, 1, hour, 30, tzinfo=UTC)
    ripe = Pace.DAILY.ripe(now)
    assert (ripe.day, ripe.hour, ripe.minute) == (morning, 6, 0)


# --- A discussion that is followed -----------------------------------------------------------


def test_every_new_post_of_a_followed_discussion_is_told(article, sam):
    make_post(article, "From before.")
    box = Mailbox.objects.create(user=sam)
    article.refresh_from_db()
    box.follow(article)
    assert told() == []
    make_post(article, "New.")
    make_post(article, "My own.", author=make_author(article, sam))
    [body] = told()
    assert "New." in body
    assert "My own." not in body
    assert "From before." not in body
    assert mail.outbox[0].subject == "A new post in a discussion you follow"
    assert "Stop mail about new posts in this discussion" in body


def test_only_the_first_of_many_posts_are_shown(article, sam):
    Mailbox.objects.create(user=sam).follow(article)
    for number in range(14):
        make_post(article, f"Number {number}.")
    [body] = told()
    assert "Number 9." in body
    assert "Number 10." not in body
    assert "And 4 more." in body


def test_an_answer_is_not_told_a_second_time_as_a_new_post(post, box, article):
    article.refresh_from_db()
    box.follow(article)
    answer(post, "Once.")
    make_post(article, "Another thread.")
    [body] = told()
    assert body.count("Once.") == 1
    assert "Another thread." in body
    assert mail.outbox[0].subject == "News from your discussions"


def test_own_posts_alone_are_no_news_and_leave_nothing_unread(article, sam):
    Mailbox.objects.create(user=sam).follow(article)
    make_post(article, "My own.", author=make_author(article, sam))
    assert told() == []
    assert Following.objects.get().unread_since is None
    make_post(article, "Somebody else.")
    assert len(told()) == 1


# --- What is visible ------------------------------------------------------------------------


@pytest.fixture
def queued(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.parametrize(
    "vanish",
    [
        lambda post: post.hide("rule"),
        lambda post: post.remove(None, "spam"),
        lambda post: post.delete_by_author(),
        lambda post: post.article.withdraw(None, "why"),
    ],
    ids=["hidden", "removed", "deleted", "withdrawn"],
)
@pytest.mark.parametrize(
    "after", [False, True], ids=["before the mail", "in the queue"]
)
def test_what_cannot_be_seen_is_not_told(queued, post, box, vanish, after):
    box.follow(post.article)
    reply = answer(post, "Secret.")
    if after:
        letters.send_due()
    vanish(reply)
    letters.send_due()
    for waiting in OutgoingMail.objects.all():
        letters.deliver.call(waiting.pk)
    assert "Secret." not in "".join(message.body for message in mail.outbox)
    assert not OutgoingMail.objects.exists()
    assert not Following.objects.exclude(unread_since=None).exists()


def test_what_is_hidden_for_a_while_is_told_when_it_shows_again(post):
    reply = answer(post)
    reply.hide("rule")
    assert told() == []
    reply.restore(None)
    assert len(told()) == 1


def test_a_held_answer_is_told_when_it_is_published(post, edda):
    held = Post(article=post.article, parent=post, author=make_author(post.article))
    held.write("Held for a while.")
    held.save()
    assert told() == []
    held.publish(edda)
    assert len(told()) == 1


def test_who_leaves_or_is_shut_out_gets_no_mail(post, maya):
    answer(post)
    maya.deletion_due_at = timezone.now()
    maya.save()
    assert told() == []


def test_the_queue_holds_no_address_and_no_words(queued, post):
    answer(post, "Private words.")
    letters.send_due()
    kept = str(list(OutgoingMail.objects.values()))
    assert "maya" not in kept
    assert "Private" not in kept
