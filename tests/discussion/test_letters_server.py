"""Mail about discussions against a real SMTP server: outages, refusals and kills."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from discussion import letters
from discussion.models import Mailbox, Notice, Post
from mfr_site.models import OutgoingMail
from tests.discussion.letterbox import answer
from tests.discussion.sending import elsewhere, send
from tests.mail_server import server, sink, work
from tests.make import make_article, make_author, make_post
from tests.people import make_member

__all__ = ["server", "sink"]

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def body_of(message):
    return message.get_payload()[0].get_payload(decode=True).decode()


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


@pytest.fixture
def posts(article):
    """Twenty members wrote, and want to know who answers."""
    posts = []
    for number in range(20):
        member = make_member(f"member{number}")
        Mailbox.objects.create(user=member, replies=True)
        posts.append(make_post(article, author=make_author(article, member)))
    return posts


def test_the_whole_way_over_the_wire(server, sink, article):
    """Double opt-in, an answer, one click: as a mail provider sees it."""
    send(elsewhere(), article, notify="heron@example.org")
    work()
    [message] = sink.received
    assert message["To"] == "heron@example.org"
    assert message["Subject"] == "Please confirm your address"
    assert message["List-Unsubscribe"] is None
    link = re.search(r"(/manage/mail/confirm/\S+)", body_of(message))[1]
    Client().post(link, headers={"Sec-Fetch-Site": "same-origin"})
    send(elsewhere(), article, "For me it did.", reply=1)
    letters.send_due()
    work()
    message = sink.received[-1]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"]
    one_click = re.search(
        r"<http://[^/]+(/unsubscribe/[^>]+)>", message["List-Unsubscribe"]
    )
    provider = Client(enforce_csrf_checks=True)
    done = provider.post(one_click[1], {"List-Unsubscribe": "One-Click"})
    assert (done.status_code, done.content) == (200, b"")
    assert not Mailbox.objects.exists()


def test_an_hour_without_a_server_delays_and_loses_nothing(server, sink, posts):
    server.stop()
    for post in posts:
        answer(post, f"To {post.number}.")
    letters.send_due()
    for _ in range(5):
        work()
    for post in posts:
        answer(post, "While the server is away.")
    assert letters.send_due() == 0
    server.start()
    sink.answer = "451 Later"
    work()
    sink.answer = "250 OK"
    work()
    work()
    arrived = Counter(message["To"] for message in sink.received)
    assert len(arrived) == len(posts)
    assert set(arrived.values()) == {1}
    assert not OutgoingMail.objects.exists()
    assert Notice.objects.count() == len(posts)


def test_what_was_removed_while_the_server_was_away_is_not_told(server, sink, posts):
    server.stop()
    replies = [answer(post, "Secret.") for post in posts[:2]]
    letters.send_due()
    work()
    replies[0].remove(None, "personal-data")
    server.start()
    work()
    [message] = sink.received
    assert message["To"] == posts[1].author.user.email


def test_an_address_that_is_refused_is_erased(server, sink, article):
    author = make_author(article)
    post = make_post(article, author=author)
    Mailbox.objects.begin(author.key, "gone@example.org")
    Mailbox.objects.get().confirm()
    answer(post)
    sink.to_address = "550 5.1.1 No such user"
    letters.send_due()
    work()
    letters.send_due()
    assert not Mailbox.objects.exists()
    assert not Post.objects.filter(source__contains="gone@").exists()


def test_a_worker_that_dies_between_any_two_steps_tells_nothing_twice(
    server, sink, posts, monkeypatch
):
    """Killed while it gathers: nothing is on its way, and the next round has it all."""
    for post in posts[:3]:
        answer(post)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mfr_site.mail.send", killed)
        with pytest.raises(KeyboardInterrupt):
            letters.send_due()
    assert not OutgoingMail.objects.exists()
    assert Notice.objects.count() == 3
    assert letters.send_due() == 3
    # Killed after the server took a mail, and before that is written down.
    with monkeypatch.context() as patch:
        patch.setattr(OutgoingMail, "delete", killed)
        pk = OutgoingMail.objects.earliest("pk").pk
        with pytest.raises(KeyboardInterrupt):
            letters.deliver.call(pk)
    work()
    arrived = Counter(message["To"] for message in sink.received)
    assert sorted(arrived.values()) == [1, 1, 2]
    ids = Counter(message["Message-ID"] for message in sink.received)
    assert sorted(ids.values()) == [1, 1, 2]


def test_posting_does_not_ask_the_mail_server(
    server, sink, article, posts, time_machine
):
    """Whatever state it is in: only a worker speaks to it (TRUST R4)."""
    server.stop()
    sent = send(elsewhere(), article, "Nobody waits for this.", reply=1)
    assert sent.status_code == 303
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    asked = send(elsewhere(), article, "Nor for this.", notify="heron@example.org")
    assert asked.status_code == 303
    assert OutgoingMail.objects.count() == 1
