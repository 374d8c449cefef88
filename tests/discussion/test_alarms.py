"""Moderators hear of what waits too long, once, and of danger soon."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from discussion.alarms import tell_moderators
from discussion.models import Post
from tests.make import make_article, make_post
from tests.people import make_editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(edda, maya):
    post = make_post(make_article("fascia"), "A private word about pain.")
    post.wait()
    return post


def test_what_waits_too_long_is_told_once_to_every_editor(post, edda):
    make_editor("emil")
    assert tell_moderators() == 0
    Post.objects.update(waits_since=timezone.now() - timedelta(hours=13))
    assert tell_moderators() == 2
    assert tell_moderators() == 0
    message = mail.outbox[0]
    assert {address for m in mail.outbox for address in m.to} == {
        "edda@example.org",
        "emil@example.org",
    }
    assert message.subject.startswith("posts wait")
    assert "1 post waits for a moderator" in message.body
    assert "/admin/discussion/post/" in message.body
    assert "pain" not in message.body + str(message.alternatives)


def test_danger_is_told_at_once(post):
    post.wait(is_urgent=True)
    assert tell_moderators() == 1
    assert "Please look now" in mail.outbox[0].subject


def test_nobody_is_written_to_when_nothing_waits(edda):
    assert tell_moderators() == 0
