"""Answers, and the mails that they lead to."""

from django.core import mail

from discussion import letters
from discussion.models import Post
from tests.make import make_author


def answer(post, body="For me it did.", user=None, **given):
    author = make_author(post.article, user)
    held = Post(article=post.article, parent=post, author=author, **given)
    held.write(body)
    held.publish()
    return held


def told():
    """Send what is due; the bodies of the mails that went out."""
    mail.outbox.clear()
    letters.send_due()
    return [message.body for message in mail.outbox]
