import os
from itertools import count

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from mfr_site import short_memory
from mfr_site.models import SiteRules
from tests import guards
from tests.browser import ARGUMENTS, Visitor, assert_accessible, chromium
from tests.html import assert_valid
from tests.people import edda, maya, sam

__all__ = ["edda", "maya", "sam"]

_numbers = count()


def pytest_collection_modifyitems(items):
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.get_closest_marker("postgres") and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="DATABASE_URL is not PostgreSQL"))
        if item.get_closest_marker("browser") and not chromium():
            item.add_marker(pytest.mark.skip(reason="no Chromium here: see CHROMIUM"))


@pytest.fixture(autouse=True)
def shared_pages_are_the_same_for_everybody():
    guards.start_of_a_test()
    yield
    assert not guards.broken, "\n".join(guards.broken)


@pytest.fixture
def client_of_sam():
    """A second browser."""
    return Client()


@pytest.fixture(autouse=True)
def folders_of_this_test(tmp_path_factory, settings, monkeypatch):
    """No upload, and no limit that was reached, of one test meets another.

    Only names: most tests write no file, and making a folder takes longer than they do.
    """
    own = tmp_path_factory.getbasetemp() / f"site-of-test-{next(_numbers)}"
    settings.MEDIA_ROOT = own / "media"
    settings.RUNTIME_DIR = own / "runtime"
    monkeypatch.setattr(short_memory.InRedis, "prefix", f"test:{own}")
    short_memory.short_memory.cache_clear()


@pytest.fixture(autouse=True)
def rules_of_this_test():
    """No rule that one test has changed holds in another."""
    SiteRules.forget()


@pytest.fixture(scope="session")
def browser():
    # Playwright keeps an event loop running in this thread; Django would take every
    # query of a test for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser, live_server):
    """`open_page(path, width=…, dark=…, javascript=…)`: a page of the site in Chromium.

    The test fails when a page asks another host for anything, when a script raises, or
    when something is refused by the content security policy.
    """
    visitor = Visitor(browser, live_server.url)
    yield visitor.open_page
    visitor.leave()


@pytest.fixture
def axe():
    """`axe(page)`: fail with what axe finds on an open page."""
    return assert_accessible


@pytest.fixture
def valid_html():
    """`valid_html(response)`: fail with what is wrong in the HTML; gives its tree."""
    return assert_valid
