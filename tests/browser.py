"""Chromium, as the browser tests use it."""

import os
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    # Nothing but our own pages is opened, and a container seldom allows the sandbox.
    "--no-sandbox",
    "--disable-gpu",
    # Whatever a page might ask of another host fails, also where there is a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]

OpenPage = Callable[..., Page]


def chromium() -> str | None:
    """The program to drive: CHROMIUM from the environment, else the system's."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None)


class Visitor:
    """Opens pages of one server, and notes what no page of ours may do."""

    def __init__(self, browser: Browser, server: str) -> None:
        self.browser = browser
        self.server = server
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open_page(
        self,
        path: str = "/",
        *,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        javascript: bool = True,
        for_axe: bool = False,
    ) -> Page:
        """Open an address in a fresh browser profile: no cookies, nothing cached.

        `for_axe` lets axe try its own styles on the page, which our policy forbids.
        """
        context = self.browser.new_context(
            base_url=self.server,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            bypass_csp=for_axe,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        context.on("request", self._note_foreign_host)
        context.on("response", self._note_failure)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._note_refusal)
        self.contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    def leave(self) -> None:
        """Close everything. Raises AssertionError when a page did what none may do."""
        for context in self.contexts:
            context.close()
        assert not self.complaints, "\n".join(self.complaints)

    def _note_foreign_host(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and not (
            request.url.startswith(self.server)
        ):
            self.complaints.append(f"A page asked another host: {request.url}")

    def _note_failure(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")

    def _note_refusal(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)


def on_two_screens(open_page: OpenPage, address: str) -> Iterator[tuple[Page, int]]:
    """An address on a small light screen, then loaded again on a wide dark one.

    With the width. The same browser profile: a second takes longer than the page.
    """
    page = open_page(address, width=360)
    yield page, 360
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="dark")
    page.reload()
    yield page, 1280


def assert_accessible(page: Page) -> None:
    """Raise AssertionError with every violation that axe finds on the page.

    The page needs JavaScript on. axe's best practices count too, not only WCAG.
    """
    options = {
        # axe would fetch stylesheets to put them inline, which our policy refuses.
        "preload": False,
        # Nobody reads what it says of all that is well: a third of its work.
        "resultTypes": ["violations"],
    }
    violations = Axe().run(page, options=options).response["violations"]
    assert not violations, f"{page.url}\n" + "\n".join(map(describe, violations))


def describe(violation: dict) -> str:  # type: ignore[type-arg]
    places = "\n".join(
        f"    {' '.join(map(str, node['target']))}\n      {node['failureSummary']}"
        for node in violation["nodes"]
    )
    return f"{violation['id']} ({violation['impact']}): {violation['help']}\n{places}"
