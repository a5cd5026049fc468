"""The built pages in a browser."""

import pytest
from browser import Visit, browser, new_window  # noqa: F401
from site_pages import HTML, PAGES


@pytest.fixture(scope="session")
def windows(browser):  # noqa: F811
    """One window for each look: a new one for every page would take twice the time."""
    return {}


@pytest.fixture
def visit(browser, windows):  # noqa: F811
    """Open a built page from disk, as by double click, in a tab that knows nothing of others."""
    tabs, own = [], []

    def window(look: tuple[int, str], options: dict):
        made = {"viewport": {"width": look[0], "height": 900}, "color_scheme": look[1]}
        if options:
            own.append(new_window(browser, **made, **options))
            return own[-1]
        if look not in windows:
            windows[look] = new_window(browser, **made)
        return windows[look]

    def open_page(name: str, *, width: int = 1280, theme: str = "light", **options) -> Visit:
        tabs.append(window((width, theme), options).new_page())
        visit = Visit(tabs[-1])
        visit.page.goto((HTML / name).as_uri(), wait_until="load")
        visit.page.wait_for_timeout(150)  # late scripts
        return visit

    yield open_page
    for tab in tabs:
        if not tab.is_closed() and tab.url.startswith("file:"):
            tab.evaluate("localStorage.clear()")  # all pages on the disk share it
        tab.close()
    for each in own:
        each.close()


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", PAGES)
