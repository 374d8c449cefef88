"""Who speaks: accounts, post keys, the cookie of one article, and labels."""

import re
from collections import Counter
from itertools import combinations
from math import log2

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpResponse

from discussion import authors
from discussion.authors import Speaker
from discussion.models import Author, PostKey
from mfr_site.network import Net
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def request_with(rf):
    """A request that carries a cookie, or none; and an account, or none."""

    def make(cookie="", user=None):
        request = rf.get("/")
        request.user = user or AnonymousUser()
        if user:
            request.COOKIES["session"] = "there is one"
        if cookie:
            request.COOKIES[authors.COOKIE] = cookie
        return request

    return make


def cookie_of(article, key):
    response = HttpResponse()
    authors.remember(response, article, key)
    return response.cookies[authors.COOKIE]


# --- The words ------------------------------------------------------------------------


def test_a_key_is_at_least_77_bits():
    assert len(authors.words()) == len(set(authors.words())) == 2**11
    assert authors.WORDS_IN_KEY * log2(len(authors.words())) >= 77


def test_the_words_are_plain_and_easy_to_write_down():
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in authors.words())


def test_no_two_words_look_alike():
    """One wrong, missing, added or swapped letter never makes another word."""
    seen = Counter()
    for word in authors.words():
        seen.update(slips(word))
    assert not [slip for slip, times in seen.items() if times > 1 and len(slip) > 2]


def slips(word):
    """Patterns that two words share exactly when one letter tells them apart."""
    gaps = {word[:i] + "?" + word[i + 1 :] for i in range(len(word))}
    gaps |= {word[:i] + "?" + word[i:] for i in range(len(word) + 1)}
    return gaps


def test_each_new_key_is_drawn_anew():
    drawn = [authors.new_key()[1].split() for _ in range(100)]

    assert all(len(key) == 7 for key in drawn)
    assert len({word for key in drawn for word in key}) > 500


def test_words_that_follow_from_a_form_differ_with_the_form_and_the_day(monkeypatch):
    one, other = authors._words_for("form a"), authors._words_for("form b")
    assert one == authors._words_for("form a") != other

    from mfr_site.short_memory import ShortMemory

    monkeypatch.setattr(ShortMemory, "day_keys", lambda self: (b"tomorrow", b"today"))
    assert authors._words_for("form a") != one


# --- Finding a key --------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        str.title,
        lambda words: words.replace(" ", "-"),
        lambda words: words.replace(" ", ", "),
        lambda words: f"  {words.replace(' ', chr(10))}.\t",
        lambda words: words.replace(" ", "\u00a0\u2013\u00a0"),
    ],
)
def test_a_key_is_found_however_it_is_typed(typed):
    key, words = authors.new_key()

    assert authors.find_key(typed(words)) == key


@pytest.mark.parametrize(
    "typed", ["", "acorn", "acorn " * 7, "\x00", "ключ " * 7, "x" * 100_000]
)
def test_words_that_are_no_key_find_nothing(typed):
    authors.new_key()

    assert authors.find_key(typed) is None


def test_nothing_stored_tells_the_words():
    key, words = authors.new_key()

    stored = str(PostKey.objects.values().get(pk=key.pk))
    assert re.fullmatch("[0-9a-f]{64}", key.digest)
    assert not any(word in stored for word in words.split())


def test_a_key_outlives_a_change_of_the_secret(settings):
    key, words = authors.new_key()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret" * 5

    assert authors.find_key(words) == key
    settings.SECRET_KEY_FALLBACKS = []
    assert authors.find_key(words) == key


def test_without_the_old_secret_a_key_is_lost(settings):
    _, words = authors.new_key()
    settings.SECRET_KEY = "another secret" * 5

    assert authors.find_key(words) is None


# --- The cookie -----------------------------------------------------------------------


def test_the_cookie_is_for_one_article_s_posts_alone(article):
    key, words = authors.new_key()

    cookie = cookie_of(article, key)

    assert cookie["path"] == f"/articles/{article.slug}/posts/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) <= 400 * 24 * 3600
    assert not any(word in cookie.value for word in words.split())


def test_the_cookie_is_secure_where_the_site_is(article, settings):
    key, _ = authors.new_key()

    assert not cookie_of(article, key)["secure"]
    settings.SESSION_COOKIE_SECURE = True
    assert cookie_of(article, key)["secure"]


def test_the_browser_goes_on_under_its_key(article, request_with):
    key, _ = authors.new_key()

    speaker = Speaker.of(request_with(cookie_of(article, key).value), article)

    assert speaker.key == key
    assert speaker.is_anonymous


def test_the_cookie_of_one_article_says_nothing_in_another(article, request_with):
    key, _ = authors.new_key()

    speaker = Speaker.of(request_with(cookie_of(article, key).value), make_article())

    assert speaker.key is None


def test_the_cookie_outlives_a_change_of_address(article, request_with):
    key, _ = authors.new_key()
    cookie = cookie_of(article, key).value
    article.slug = "another-address"
    article.save()

    assert Speaker.of(request_with(cookie), article).key == key
    assert cookie_of(article, key)["path"] == "/articles/another-address/posts/"


@pytest.mark.parametrize("cookie", ["", "x", "1:2:3", "a" * 5000])
def test_a_made_up_cookie_is_nobody(article, request_with, cookie):
    assert Speaker.of(request_with(cookie), article).key is None


def test_a_cookie_signed_for_something_else_is_nobody(article, request_with):
    key, _ = authors.new_key()
    forged = signing.dumps([article.pk, key.pk], salt="something else")

    assert Speaker.of(request_with(forged), article).key is None


def test_a_cookie_whose_key_was_erased_is_nobody(article, request_with):
    key, _ = authors.new_key()
    cookie = cookie_of(article, key).value
    key.delete()

    assert Speaker.of(request_with(cookie), article).key is None


# --- Speaking -------------------------------------------------------------------------


def test_without_a_session_cookie_the_session_is_not_asked(article, rf):
    request = rf.get("/")  # has no `user`: touching it would raise

    assert Speaker.of(request, article).user is None


def test_an_account_comes_before_a_key_and_can_be_left_out(article, maya, request_with):
    key, _ = authors.new_key()
    request = request_with(cookie_of(article, key).value, user=maya)

    speaker = Speaker.of(request, article)

    assert speaker.author().user == maya
    assert speaker.anonymously().author().key == key


def test_a_typed_key_speaks_for_its_holder(article):
    post = make_post(article)
    key, words = authors.new_key()
    post.author.key = key
    post.author.save()

    speaker = Speaker(article).with_key(words.upper())

    assert speaker.owns(post)
    assert Speaker(article).with_key("wrong words") is None


def test_a_post_belongs_to_its_account_or_key_and_nobody_else(article, maya, sam):
    mine = make_post(article, author=Speaker(article, user=maya).author())
    theirs = make_post(article)
    erased = make_post(article)
    erased.delete_by_author()

    for speaker, owned in [
        (Speaker(article, user=maya), [mine]),
        (Speaker(article, user=sam), []),
        (Speaker(article, key=theirs.author.key), [theirs]),
        (Speaker(article, user=maya, key=theirs.author.key), [mine, theirs]),
        (Speaker(article), []),
    ]:
        posts = [post for post in (mine, theirs, erased) if speaker.owns(post)]
        assert posts == owned


def test_names_tell_speakers_apart_and_hold_no_address(article, maya, rf):
    key, _ = authors.new_key()
    request = rf.get("/", REMOTE_ADDR="192.0.2.7")

    guest = Speaker.of(request, article)

    assert Speaker(article, user=maya, key=key).names == [f"user:{maya.pk}"]
    assert Speaker(article, key=key, net=Net("a", "b")).names == [
        f"key:{key.pk}",
        "a",
        "b",
    ]
    assert all("192.0.2" not in name for name in guest.names)


# --- Labels ---------------------------------------------------------------------------


def test_there_are_many_labels_each_once():
    assert len(authors.kinds()) == len(set(authors.kinds())) >= 200
    assert all(re.fullmatch("[A-Z][a-z]+", kind) for kind in authors.kinds())


def test_one_person_has_one_label_in_a_discussion(article):
    speaker = Speaker(article)

    assert speaker.author() == Speaker(article, key=speaker.key).author()


def test_labels_are_unique_also_when_there_are_more_people_than_animals(
    article, monkeypatch
):
    monkeypatch.setattr(authors, "kinds", lambda: ("Heron", "Wren"))

    labels = [Speaker(article).author().label for _ in range(7)]

    assert len(set(labels)) == 7
    assert labels[0] in {"Anonymous Heron", "Anonymous Wren"}
    assert all(re.fullmatch(r"Anonymous (Heron|Wren)( \d+)?", name) for name in labels)


def test_nothing_links_two_discussions_of_one_person(article):
    """Same key typed in two articles: two rows, drawn independently of each other."""
    key, _ = authors.new_key()
    same = 0
    for _ in range(20):
        one, other = (Speaker(make_article(), key=key).author() for _ in range(2))
        same += one.label == other.label

    assert same < 5


def test_the_database_itself_refuses_a_second_author_of_one_name(article, maya):
    from django.db import IntegrityError, transaction

    key, _ = authors.new_key()
    Author.objects.create(article=article, key=key, label="Anonymous Heron")
    Author.objects.create(article=article, user=maya)
    for second in (
        {"label": "Anonymous Heron"},
        {"key": key, "label": "Anonymous Wren"},
        {"user": maya},
        {},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Author.objects.create(article=article, **second)


def test_slips_finds_words_that_look_alike():
    """The check above would notice: a changed, an added and a missing letter."""
    for one, other in combinations(["boat", "coat", "boats"], 2):
        alike = bool(slips(one) & slips(other))
        assert alike == ({one, other} != {"coat", "boats"})
