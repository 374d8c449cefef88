"""Who is speaking: an account, the holder of a post key, or somebody who gets one now.

A post key is seven words, shown once. We keep its keyed hash; the browser keeps a signed
cookie that is sent to one article's `posts/` addresses alone, so that pages for reading
never see it (DESIGN §5).
"""

import hmac
import re
import secrets
import unicodedata
from datetime import timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac

from mfr_site.caching import has_session
from mfr_site.network import Net, net
from mfr_site.short_memory import DAY, Window, short_memory

from .models import Author, Post, PostKey

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article

# Seven of 2,048 words are 77 bits: nobody guesses that, whatever they hold of ours.
WORDS_IN_KEY = 7
BITS_PER_WORD = 11
SALT = "discussion.post-key"
COOKIE = settings.POST_KEY_COOKIE_NAME
# The most that browsers keep a cookie (RFC 6265bis §5.5).
COOKIE_DAYS = 400
# Where a cookie counts: in the discussion of the article with this id, or on /manage/,
# where a key that was typed opens all it wrote. There it must not stay for long: others
# may use the same device.
MANAGE = 0
MANAGE_TIME = timedelta(hours=1)
# Every new post asks this while others wait; the ORM takes three times as long.
KNOWN = "SELECT * FROM discussion_author WHERE article_id = %s AND {}_id = %s"
# Labels drawn before a number is tried with them.
DRAWS = 4


@cache
def words() -> tuple[str, ...]:
    """The words that post keys are made of."""
    return tuple(Path(__file__).with_name("words.txt").read_text().split())


@cache
def kinds() -> tuple[str, ...]:
    """The animals and plants that people without an account are named after."""
    return tuple(Path(__file__).with_name("labels.txt").read_text().splitlines())


class Speaker:
    """Who is at this request, for one article. An account comes before a key.

    `words` are those of a key that was made just now: to be shown, this once.
    """

    def __init__(
        self,
        article: "Article",
        *,
        user: "User | None" = None,
        key: PostKey | None = None,
        net: Net | None = None,
    ) -> None:
        self.article = article
        self.user = user
        self.key = key
        self.net = net
        self.words = ""

    @classmethod
    def of(cls, request: HttpRequest, article: "Article") -> "Speaker":
        return cls(
            article,
            user=member(request),
            key=_key_in_cookie(request, article),
            net=net(request, "post"),
        )

    @classmethod
    def at_manage(cls, request: HttpRequest, article: "Article") -> "Speaker":
        """The same under /manage/, where a typed key counts in all its discussions."""
        return cls(
            article,
            user=member(request),
            key=key_at_manage(request),
            net=net(request, "post"),
        )

    def anonymously(self) -> "Speaker":
        """The same person without their account."""
        return Speaker(self.article, key=self.key, net=self.net)

    def with_key(self, typed: str) -> "Speaker | None":
        """The holder of a typed post key, or None when there is no such key."""
        key = find_key(typed)
        return Speaker(self.article, key=key, net=self.net) if key else None

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    @property
    def label(self) -> str:
        """What the key goes by in this discussion, if it has spoken there."""
        known = self.key and self.key.authors.filter(article=self.article).first()
        return known.label if known else ""

    @property
    def names(self) -> list[str]:
        """What tells this speaker from others, best first; addresses only keyed."""
        if self.user:
            return [f"user:{self.user.pk}"]
        key = [f"key:{self.key.pk}"] if self.key else []
        return key + (list(self.net.names) if self.net else [])

    def owns(self, post: Post) -> bool:
        """Whether the post is this account's or this key's."""
        author = post.author
        if author is None:
            return False
        if author.user_id is not None:
            return self.user is not None and author.user_id == self.user.pk
        return self.key is not None and author.key_id == self.key.pk

    def author_of(self, post: Post) -> Author | None:
        """The post's author when that is the speaker: what its `can_be_…` ask for."""
        return post.author if self.owns(post) else None

    def author(self, form: str = "") -> Author:
        """Who the speaker is in this discussion, made on their first post.

        `form` is the digest of what they sent: sent twice, it yields one key. Call it
        under the article's lock, or two could be given one label.
        """
        if self.user is None and self.key is None:
            self.words = _words_for(form) if form else _draw()
            self.key = find_key(self.words) or _new_key(self.words)
        kind, person = ("user", self.user) if self.user else ("key", self.key)
        known = Author.objects.raw(
            KNOWN.format(kind), [self.article.pk, person and person.pk]
        )
        for author in known:
            setattr(author, kind, person)
            return author
        label = "" if self.user else free_label(self.article)
        return Author.objects.create(
            article=self.article, label=label, **{kind: person}
        )

    def recognise(self, post: Post, form: str) -> None:
        """Give the writer of a form that came twice the key that it was given.

        Its first answer may never have arrived. The words are told as long as nobody has
        shown the key: not to somebody who sends the same text from the same network.
        """
        if self.user or self.key or post.author is None:
            return
        told = _words_for(form)
        key = find_key(told)
        if key and key.pk == post.author.key_id and not _was_shown(key):
            self.key, self.words = key, told


def member(request: HttpRequest) -> "User | None":
    """The account that is logged in, if any."""
    user = request.user if has_session(request) else None
    return user if user and user.is_authenticated else None


# --- Keys -----------------------------------------------------------------------------


def new_key() -> tuple[PostKey, str]:
    """A new post key and its words, which nothing can tell again."""
    drawn = _draw()
    return _new_key(drawn), drawn


def find_key(typed: str) -> PostKey | None:
    """The post key of these words, in any case, with spaces, hyphens or commas between.

    The table is asked by keyed hash, so how long it takes tells nothing of the words. A
    key made under a former SECRET_KEY is moved to the present one.
    """
    said = normalise(typed)
    if len(said.split()) != WORDS_IN_KEY:
        return None
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = PostKey.objects.filter(digest=_digest(said, secret)).first()
        if key and secret != settings.SECRET_KEY:
            key.digest = _digest(said, settings.SECRET_KEY)
            key.save(update_fields=["digest"])
        if key:
            return key
    return None


def normalise(typed: str) -> str:
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return " ".join(re.findall(r"[a-z]+", folded))


def _digest(said: str, secret: str) -> str:
    return salted_hmac(SALT, said, secret=secret, algorithm="sha256").hexdigest()


def _new_key(said: str) -> PostKey:
    return PostKey.objects.create(digest=_digest(said, settings.SECRET_KEY))


def _draw() -> str:
    return " ".join(secrets.choice(words()) for _ in range(WORDS_IN_KEY))


def _words_for(form: str) -> str:
    """Words for what was sent, under the day's key: nobody can find them again later."""
    seed = hmac.digest(short_memory().day_keys()[0], f"{SALT}|{form}".encode(), sha256)
    bits = int.from_bytes(seed, "big")
    picks = [bits >> (BITS_PER_WORD * i) & 0x7FF for i in range(WORDS_IN_KEY)]
    return " ".join(words()[pick] for pick in picks)


# --- The browser's cookie ---------------------------------------------------------------


def remember(response: HttpResponse, article: "Article", key: PostKey) -> None:
    """Let this browser go on under the key, in this article alone.

    The cookie names the article by id: after a change of its address, the old address
    still gets the cookie, and whoever answers there remembers it anew for the present one.
    """
    _remember(response, article.pk, key, _path(article), timedelta(days=COOKIE_DAYS))


def remember_at_manage(response: HttpResponse, key: PostKey) -> None:
    """Let this browser see and change for a while all that the key wrote anywhere."""
    _remember(response, MANAGE, key, reverse("discussion:manage"), MANAGE_TIME)


def forget(response: HttpResponse, article: "Article") -> None:
    """Take from this browser what it keeps of a key for one discussion."""
    response.delete_cookie(COOKIE, path=_path(article), samesite="Lax")


def forget_at_manage(response: HttpResponse) -> None:
    """Close what a typed key opened."""
    path = reverse("discussion:manage")
    response.delete_cookie(COOKIE, path=path, samesite="Lax")


def key_at_manage(request: HttpRequest) -> PostKey | None:
    """The key that was typed on /manage/ a while ago."""
    return _said_in_cookie(request, MANAGE, MANAGE_TIME)


def _key_in_cookie(request: HttpRequest, article: "Article") -> PostKey | None:
    key = _said_in_cookie(request, article.pk, timedelta(days=COOKIE_DAYS))
    if key and key.is_fresh:
        short_memory().act([_shown(key)], "shown", [Window(1, DAY)])
    return key


def _remember(
    response: HttpResponse, where: int, key: PostKey, path: str, time: timedelta
) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps([where, key.pk], salt=SALT),
        max_age=time,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _said_in_cookie(
    request: HttpRequest, where: int, time: timedelta
) -> PostKey | None:
    """The key that a cookie of ours names for a place, if it is not older than `time`."""
    given = request.COOKIES.get(COOKIE, "")
    try:
        place, key_id = signing.loads(given, salt=SALT, max_age=time)
    except signing.BadSignature:
        return None
    return PostKey.objects.filter(pk=key_id).first() if place == where else None


def _path(article: "Article") -> str:
    return reverse("discussion:new_post", args=[article.slug])


def _shown(key: PostKey) -> str:
    return f"post key {key.pk} was shown"


def _was_shown(key: PostKey) -> bool:
    return not key.is_fresh or short_memory().knows(_shown(key))


# --- Labels ---------------------------------------------------------------------------


def free_label(article: "Article") -> str:
    """A name that nobody has in this discussion, drawn so that it links to no other."""
    for attempt in count():
        # Nobody counts a crowd: the wider each draw, the sooner it meets a free name.
        turn = secrets.randbelow(2 ** max(0, attempt - DRAWS + 1)) + 1
        label = f"Anonymous {secrets.choice(kinds())}"
        label += f" {turn}" if turn > 1 else ""
        if not article.authors.filter(label=label).exists():
            return label
    raise AssertionError("count() does not end")
