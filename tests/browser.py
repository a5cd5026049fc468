"""A browser, and what a page in it asked for, complained about and gets wrong.

Without a browser on a user's machine the tests that need one are skipped with one line that says
what to install; in CI a missing browser is a failure.
"""

import os

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from chromium import MISSING, launch_options
from playwright.sync_api import Error, sync_playwright
from site_pages import HTML

LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(**launch_options())
        except Error:
            if os.environ.get("CI"):
                pytest.fail(MISSING)
            pytest.skip(MISSING)
        yield chromium
        chromium.close()


def new_window(browser, **options):
    """Open a window of its own. A busy machine may take long for a page: no test is about that."""
    context = browser.new_context(**options)
    context.set_default_timeout(180_000)
    return context


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


# Thousands of small boxes, made alike on all pages: axe takes minutes for them.
ALIKE = """
() => {
  for (const pre of document.querySelectorAll(".highlight pre")) pre.textContent = pre.textContent;
  for (const formula of document.querySelectorAll(".katex-html")) formula.remove();
}
"""


# One element for each way in which a page shows text: it has thousands of them, in few colours.
KINDS = """
() => {
  const kinds = new Map();
  const name = element => element ? element.tagName + element.className : "";
  const ground = element => {
    const { backgroundColor } = getComputedStyle(element);
    const clear = backgroundColor === "rgba(0, 0, 0, 0)" && element.parentElement;
    return clear ? ground(element.parentElement) : backgroundColor;
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    const parents = [element.parentElement, element.parentElement.parentElement];
    const { color } = getComputedStyle(element);
    kinds.set([color, ground(element), ...[element, ...parents].map(name)].join(), element);
  }
  return [...kinds.values()];
}
"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of axe that a theme can break


def faults_of_colour(page) -> list[list[str]]:
    """Return the rules about colours that any kind of text on a page breaks."""
    page.evaluate(AXE_FILE_PATH.read_text())
    return page.evaluate(
        f"""async only => {{
          const options = {{preload: false, resultTypes: ["violations"],
            runOnly: {{type: "rule", values: only}}}};
          const {{violations}} = await axe.run({{include: ({KINDS})()}}, options);
          return violations.map(({{id, nodes}}) => [id, nodes[0].html]);
        }}""",
        OF_COLOURS,
    )


def faults(page, scope: str = "html", *, whole: bool = False) -> list[list[str]]:
    """Return the rules of axe that a part of a page breaks, each with the first place.

    Unless the page is to stay whole, its code loses its colours and its formulas all but MathML;
    one page shows them for all.
    """
    if not whole:
        page.evaluate(ALIKE)
    page.evaluate(AXE_FILE_PATH.read_text())
    # Preloading would ask for style sheets, which no page from disk may read. What is in order
    # is not wanted in detail: to describe it takes longer than to find it.
    return page.evaluate(
        """async scope => {
          const options = {preload: false, resultTypes: ["violations"]};
          const {violations} = await axe.run(scope, options);
          return violations.map(({id, nodes}) => [id, nodes[0].html]);
        }""",
        scope,
    )
