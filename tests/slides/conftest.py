"""The decks in a browser."""

import pytest
from browser import Visit, browser, new_window  # noqa: F401
from run_notebooks import ROOT

DECKS = ROOT / "_build" / "slides"


@pytest.fixture
def show(browser):  # noqa: F811
    """Open a deck from disk, as by double click, on a projector of 1280 by 720."""
    contexts = []

    def open_deck(name, query=""):
        context = new_window(browser, viewport={"width": 1280, "height": 720})
        contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.goto((DECKS / name).as_uri() + query, wait_until="load")
        visit.page.wait_for_timeout(150)
        return visit

    yield open_deck
    for context in contexts:
        context.close()
