"""A guard that never complains guards nothing: each is shown what it must catch."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory

from tests import guards
from tests.html import assert_valid

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Fascia</title></head>
<body><main><h1>Fascia</h1>{}</main></body></html>"""


@pytest.fixture
def noted():
    """What the watch notes of an answer; forgotten, so that this test may pass."""

    def answer(response, request):
        guards.watch_shared_pages(lambda request: response)(request)
        found = list(guards.broken)
        guards.broken.clear()
        return found

    return answer


def test_a_shared_page_that_sets_a_cookie_is_noted(noted):
    response = HttpResponse(headers={"Cache-Control": "public"})
    response.set_cookie("reader", "1")
    assert noted(response, RequestFactory().get("/articles/")) == [
        "GET /articles/ (200) is public and sets reader"
    ]


def test_a_page_that_read_the_session_and_may_be_kept_is_noted(noted):
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.session.get("name")
    assert noted(HttpResponse(), request) == [
        "GET / (200) read the session and may be kept: ''"
    ]


def test_each_test_has_a_cache_of_its_own(db):
    cache.set("limit", 1)
    guards.start_of_a_test()
    assert cache.get("limit") is None


def test_a_whole_page_is_valid():
    assert assert_valid(PAGE.format("<p>Text</p>")).find(".//p").text == "Text"


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p><div></div></p>", "unexpected-end-tag"),
        ('<p id="a"></p><p id="a"></p>', 'id="a" is given 2 times'),
        ('<label for="body">Text</label>', '<label for="body"> names nothing'),
        ('<a href="#post-4">Post 4</a>', '<a href="#post-4"> leads nowhere'),
        ("<h1>Another</h1>", "2 <h1> with text, not one"),
        ("<h3>Too deep</h3>", "an <h3> follows an <h1>"),
    ],
)
def test_a_fault_in_the_html_is_named(html, fault):
    with pytest.raises(AssertionError, match=fault):
        assert_valid(PAGE.format(html))
