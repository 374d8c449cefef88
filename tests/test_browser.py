"""What the browser tests rely on, shown on a page that anyone may open."""

import pytest

from tests.browser import Visitor, assert_accessible

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(browser, live_server):
    return Visitor(browser, live_server.url)


def test_a_page_that_asks_another_host_is_noted(visitor):
    page = visitor.open_page("/healthz")
    page.evaluate("new Image().src = 'https://elsewhere.example/pixel.png'")
    with pytest.raises(AssertionError, match="another host: https://elsewhere"):
        visitor.leave()


def test_a_script_that_fails_is_noted(visitor):
    page = visitor.open_page("/healthz")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('It broke.') })")
    with pytest.raises(AssertionError, match="It broke"):
        visitor.leave()


def test_axe_runs_under_our_policy_and_names_the_fault(visitor):
    page = visitor.open_page("/healthz")
    page.evaluate("document.body.append(document.createElement('img'))")
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)
    visitor.leave()


def test_a_page_can_be_seen_dark_narrow_and_without_scripts(visitor):
    page = visitor.open_page("/healthz", width=360, dark=True)
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert page.evaluate("innerWidth") == 360
    assert visitor.open_page("/healthz", javascript=False).inner_text("body")
    visitor.leave()
