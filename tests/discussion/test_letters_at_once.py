"""Several workers, and people who post meanwhile: everything is told, and told once."""

from collections import Counter

import pytest

from articles.models import Article
from discussion import letters
from discussion.models import Following, Mailbox, Notice, Post
from mfr_site.models import OutgoingMail
from tests.discussion.letterbox import answer
from tests.discussion.test_concurrency import all_at_once
from tests.make import make_article, make_author, make_post
from tests.people import make_member

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 6


@pytest.fixture
def posts(settings):
    """Members who follow a discussion in which each of them wrote."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    article, posts = make_article(), []
    for number in range(READERS):
        member = make_member(f"member{number}")
        Mailbox.objects.create(user=member, replies=True)
        posts.append(make_post(article, author=make_author(article, member)))
    return posts


def test_two_rounds_at_once_write_one_mail_to_each(posts):
    for post in posts:
        answer(post)
    sent = all_at_once(4, lambda _: letters.send_due())
    assert sum(sent) == READERS
    to = Counter(mail.context["mailbox"] for mail in OutgoingMail.objects.all())
    assert len(to) == READERS
    assert set(to.values()) == {1}
    assert not Notice.objects.exists()


def test_what_is_posted_while_a_round_runs_is_told_once(posts, monkeypatch):
    monkeypatch.setattr(letters, "allow", lambda *_: None)
    article = Article.objects.get()
    for mailbox in Mailbox.objects.all():
        mailbox.follow(article)

    def act(place):
        for turn in range(4):
            if place % 2:
                for following in Following.objects.order_by("pk"):
                    Following.objects.filter(pk=following.pk).update(unread_since=None)
                letters.send_due()
            else:
                answer(Post.objects.get(pk=posts[place].pk), f"{place}.{turn}")

    all_at_once(4, act)
    Following.objects.update(unread_since=None)
    letters.send_due()
    numbers = Post.objects.filter(parent__isnull=False).values_list("number", flat=True)
    for mailbox in Mailbox.objects.all():
        mails = OutgoingMail.objects.filter(context__mailbox=mailbox.pk)
        told = [
            number
            for mail in mails
            for after, until in mail.context["followed"].values()
            for number in range(after + 1, until + 1)
        ]
        assert sorted(told) == sorted(numbers)
        replies = [pk for mail in mails for pk in mail.context["reply"]]
        mine = Post.objects.filter(parent__author__user=mailbox.user)
        assert sorted(replies) == sorted(mine.values_list("pk", flat=True))
