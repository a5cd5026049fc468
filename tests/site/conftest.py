"""A browser and the built pages.

Without a browser on a user's machine these tests are skipped with one line
that says what to install; in CI a missing browser is a failure.
"""

import os
import shutil

import pytest
from playwright.sync_api import Error, sync_playwright
from site_pages import HTML, PAGES

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
# Keep the browser itself from calling home; as root it cannot use its sandbox.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUIET += ["--no-first-run", "--disable-gpu", "--disable-quic"]


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=QUIET + sandbox)
        except Error:
            message = "no browser: install Chromium, or run `.venv/bin/playwright install chromium`"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        yield chromium
        chromium.close()


class Visit:
    """An open page and everything it complained about or asked for."""

    def __init__(self, page):
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda r: self.complaints.append(f"not found: {r.url}"))

    def hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    @property
    def foreign(self) -> list[str]:
        local = (HTML.as_uri(), "data:", "blob:")
        return [url for url in self.requests if not url.startswith(local)]


@pytest.fixture
def visit(browser):
    """Open a built page from disk, as by double click."""
    contexts = []

    def open_page(name: str, *, width: int = 1280, theme: str = "light", **options) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, **options
        )
        contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.goto((HTML / name).as_uri(), wait_until="load")
        visit.page.wait_for_timeout(150)  # late scripts
        return visit

    yield open_page
    for context in contexts:
        context.close()


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", PAGES)
