"""Chromium on the dashboard: what it may not do, and when a page is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

REQUIRED = os.environ.get("DASH_REQUIRE_BROWSER") == "1"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
TALLEST = 12_000
PATIENCE_MS = 60_000
SCROLLED = '[data-testid="stMain"], [data-testid="stAppScrollToBottomContainer"]'
"""What holds a page; the second with a field for questions at the foot."""
RUNNING = '[data-testid="stApp"][data-test-script-state="running"]'
WAITING = '[data-testid="stSkeleton"], [data-testid="stSpinner"], [data-stale="true"]'


def chromium() -> Path | None:
    """The browser of DASH_BROWSER, or one on PATH."""
    named = os.environ.get("DASH_BROWSER")
    found = named if named else next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


@contextmanager
def opened_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        try:
            yield made
        finally:
            made.close()


@dataclass
class Watch:
    """What a page should not do: complain, or reach for another host."""

    host: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.elsewhere.append(request.url)

    def broke(self, error: Exception) -> None:
        self.complaints.append(str(error))


@contextmanager
def page_of(browser: Browser, url: str, **context: Any) -> Iterator[tuple[Page, Watch]]:
    """A page in a browser that knows nothing of any other. context: as of Playwright, such as locale."""
    made: BrowserContext = browser.new_context(**context)
    watch = Watch(urlsplit(url).netloc)
    page = made.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", watch.said)
    page.on("pageerror", watch.broke)
    page.on("request", watch.asked)
    try:
        yield page, watch
    finally:
        made.close()


def settled(page: Page) -> None:
    """Until the script has run, and nothing that is shown is of the run before."""
    page.locator("h1").first.wait_for()
    calm = 0
    while calm < 4:
        page.wait_for_timeout(150)
        busy = page.locator(RUNNING).count() or page.locator(WAITING).count()
        calm = 0 if busy else calm + 1


def whole(page: Page, width: int) -> None:
    """As high as what the page holds: it scrolls inside of itself, where no picture follows."""
    height = page.evaluate(f"Math.max(...Array.from(document.querySelectorAll(`{SCROLLED}`), one => one.scrollHeight))")
    page.set_viewport_size({"width": width, "height": min(max(int(height), 700), TALLEST)})
    settled(page)
