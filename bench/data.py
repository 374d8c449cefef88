"""What is measured: one article for each size of discussion, and members."""

import itertools
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts.models import User
from accounts.sessions import BEGAN, SEEN
from articles.models import Article
from discussion.loading import fill, many_threads

SIZES: Final = (0, 100, 1_000, 10_000, 100_000)
_numbers = itertools.count(1)
BODY = "\n\n".join(
    f"## Question {n}\n\n"
    + "Slow pressure is held on a sore place until it eases. " * 20
    for n in range(1, 5)
)


def make() -> dict[int, str]:
    """Fill the empty database. Answers the address of the article of each size."""
    return {size: article(f"with-{size}-posts", size) for size in SIZES}


def article(slug: str, posts: int = 0) -> str:
    """The address of a new article with so many posts."""
    revision = Article.objects.begin(
        slug, None, title=slug, standfirst="Made for measuring.", body=BODY
    )
    revision.approve(None)
    if posts:
        fill(revision.article, posts, many_threads)
    return revision.article.get_absolute_url()


def members(count: int) -> list[str]:
    """Cookies of as many members: each may post once, for the limits hold here too."""
    old = timezone.now() - timedelta(days=30)
    cookies = []
    for number in itertools.islice(_numbers, count):
        user = User(
            username=f"writer{number}",
            email=f"writer{number}@example.org",
            date_joined=old,
            trusted_at=old,
        )
        user.set_unusable_password()
        user.save()
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BEGAN] = session[SEEN] = time.time()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies
