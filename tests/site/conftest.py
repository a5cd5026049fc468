"""The built pages in a browser."""

import pytest
from browser import Visit, browser  # noqa: F401
from site_pages import HTML, PAGES


@pytest.fixture
def visit(browser):  # noqa: F811
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
