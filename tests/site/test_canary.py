"""A text that is not public shows up nowhere: every address, every kind of reader.

The leak of this trade is the second door: the page checks, the feed or the list of
versions does not (TRUST §0.2, A4).
"""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from discussion.models import Post
from mfr_site import full_text
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db

FATES = ("held", "hidden", "removed", "deleted")
# Where a writer may read what is held, hidden or removed of their own. Never what they
# deleted: of that nothing is left.
THEIR_OWN = re.compile(r"/manage/|/posts/sent/|/edit/$|/delete/$|/accounts/data/")
# Editors work there, and see everything.
FOR_EDITORS = re.compile(r"^admin/|^drafts/")


def canary(fate):
    return f"canary-of-a-{fate}-post"


@pytest.fixture
def article(maya, sam, edda):
    """A discussion with one post for each fate; each was edited and added to."""
    article = make_article("fascia", title="All about fascia")
    author = make_author(article, maya)
    for fate in FATES:
        post = Post(article=article, author=author)
        post.write(f"Once {canary(fate)}, quokka.")
        if fate == "held":
            post.save()
            continue
        post.publish()
        make_post(article, "An answer.", parent=post, author=make_author(article, sam))
        post.edit(f"Now {canary(fate)}, quokka.", author)
        post.append_update(f"Then {canary(fate)}, quokka.")
        if fate == "hidden":
            post.hide("reports")
        elif fate == "removed":
            post.remove(edda, "spam", "It sells quokkas.")
        else:
            post.delete_by_author()
    return article


def routes(patterns, before=""):
    """Every address of the site as a route with its parameters."""
    for pattern in patterns:
        if not isinstance(pattern.pattern, RoutePattern):
            continue
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


def addresses(article):
    """The routes with every value that leads to something of the discussion."""
    posts = list(article.posts.all())
    values = {
        "slug": ["fascia"],
        "number": [post.number for post in posts if post.number],
        "pk": [post.pk for post in posts],
        "username": ["maya", "sam"],
        "key": [article.live.passages.first().key],
    }
    for route in routes(get_resolver().url_patterns):
        if FOR_EDITORS.match(route):
            continue
        names = re.findall(r"<(?:\w+:)?(\w+)>", route)
        for chosen in product(*(values.get(name, [1]) for name in names)):
            parts = iter(chosen)
            filled = re.sub(r"<[^>]+>", lambda _, parts=parts: str(next(parts)), route)
            yield f"/{filled}"
    yield "/search/?q=quokka"
    for query in ("order=oldest", "order=flat", "since=0", "before=9", "after=1"):
        yield f"/articles/fascia/?{query}"


def seen(client, address):
    """Whose canary an answer tells, and where it leads to."""
    answer = client.get(address)
    told = b"".join(answer) if answer.streaming else answer.content
    told += str(dict(answer.headers)).encode()
    return {fate for fate in FATES if canary(fate).encode() in told}


def test_the_crawl_reaches_what_it_must(article):
    found = set(addresses(article))
    assert {
        "/articles/fascia/",
        "/articles/fascia/feed/",
        "/articles/fascia/posts/1/versions/",
        "/articles/fascia/posts/3/",
        "/discussion/",
        "/feeds/discussion/",
        "/members/maya/",
        "/moderation/",
    } <= found


@pytest.mark.parametrize("reader", ["guest", "sam", "maya"])
def test_no_reader_finds_it(article, reader, request):
    client = Client()
    if reader != "guest":
        client.force_login(request.getfixturevalue(reader))
    for address in addresses(article):
        if "logout" in address:
            continue
        allowed = set()
        if reader == "maya" and THEIR_OWN.search(address):
            allowed = {"held", "hidden", "removed"}
        assert seen(client, address) <= allowed, address


def test_the_crawl_would_find_a_published_text(article, maya):
    post = article.posts.get(state="hidden")
    post.restore(None)
    telling = [a for a in addresses(article) if seen(Client(), a) == {"hidden"}]
    assert "/articles/fascia/" in telling
    assert "/articles/fascia/feed/" in telling
    assert "/search/?q=quokka" in telling
    assert "/discussion/" in telling


def test_the_search_index_forgets_it(article):
    found = full_text.find("post", "quokka", Post.objects.all(), start=0, length=20)
    assert found.total == 0
