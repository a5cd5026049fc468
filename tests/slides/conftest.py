"""The browser of the site's tests, for the decks."""

import importlib.util
from pathlib import Path

import pytest
from run_notebooks import ROOT

DECKS = ROOT / "_build" / "slides"
_where = Path(__file__).parents[1] / "site" / "conftest.py"
_spec = importlib.util.spec_from_file_location("browser_of_the_site", _where)
_site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_site)
browser = _site.browser


@pytest.fixture
def show(browser):
    """Open a deck from disk, as by double click, on a projector of 1280 by 720."""
    contexts = []

    def open_deck(name, query=""):
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        contexts.append(context)
        visit = _site.Visit(context.new_page())
        visit.page.goto((DECKS / name).as_uri() + query, wait_until="load")
        visit.page.wait_for_timeout(150)
        return visit

    yield open_deck
    for context in contexts:
        context.close()
