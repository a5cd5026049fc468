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
  for (const math of document.querySelectorAll("math")) math.textContent = math.textContent;
}
"""


# Mark one element for each way in which a page shows text: it has thousands of texts, in few
# colours, and axe needs most of its time to find what lies behind each.
MARK_KINDS = """
() => {
  const kinds = new Map();
  const ground = element => {
    const { backgroundColor } = getComputedStyle(element);
    const clear = backgroundColor === "rgba(0, 0, 0, 0)" && element.parentElement;
    return clear ? ground(element.parentElement) : backgroundColor;
  };
  const look = element => {
    if (!element) return "";
    const { color, fontSize, fontWeight, opacity, textDecorationLine } = getComputedStyle(element);
    const style = [color, fontSize, fontWeight, opacity, textDecorationLine];
    return [element.tagName, element.className, ...style].join();
  };
  for (const element of document.body.querySelectorAll("*")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    const parents = [element.parentElement, element.parentElement.parentElement];
    kinds.set([ground(element), ...[element, ...parents].map(look)].join(), element);
  }
  for (const element of kinds.values()) element.dataset.kind = "";
  axe.configure({rules: [
    {id: "color-contrast", selector: "[data-kind]"},
    {id: "link-in-text-block", selector: "a[href][data-kind]"},
  ]});
}
"""


def faults(page, scope: str = "html", *, whole: bool = False) -> list[list[str]]:
    """Return the rules of axe that a part of a page breaks, each with the first place.

    Unless the page is to stay whole, its code loses its colours and its formulas all but their
    text, and the rules about colours judge one text of each kind; one page shows all of it.
    """
    page.evaluate(AXE_FILE_PATH.read_text())
    if not whole:
        page.evaluate(ALIKE)
    if scope == "html" and not whole:
        page.evaluate(MARK_KINDS)
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
