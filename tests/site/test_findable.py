"""Every page can be found, cited and understood: its description, its terms, the search."""

import functools
import http.server
import json
import re
import sys
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from browser import LOOKS, Visit, faults
from bs4 import BeautifulSoup
from run_notebooks import ROOT
from site_pages import HTML, PAGES

sys.path.insert(0, str(ROOT / "_ext"))
import repository

GLOSSARY = "chapters/reference/glossary.html"
TERMS = "chapters/backprop/backpropagation.html"
WITHOUT_TEXT = {"404.html", "search.html"}
COURSE = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
BASE = repository.site(str(ROOT))


def text_of(name: str) -> str:
    return (HTML / name).read_text(encoding="utf-8")


@functools.lru_cache(maxsize=4)
def head(name: str) -> BeautifulSoup:
    return BeautifulSoup(text_of(name).partition("</head>")[0], "html.parser")


@functools.cache
def entries() -> set[str]:
    return set(re.findall(r'<dt id="(term-[^"]*)"', text_of(GLOSSARY)))


def said(name: str, key: str) -> str | None:
    tag = head(name).select_one(f'meta[name="{key}"], meta[property="{key}"]')
    return tag and tag["content"]


# -- what others are told ----------------------------------------------------------------------


def test_page_describes_itself_in_words_of_its_own(name):
    found = said(name, "description")
    if name in WITHOUT_TEXT:
        assert found is None
        assert said(name, "robots") == "noindex"
        return
    assert 40 <= len(found) <= 320
    assert found.split()[0] in text_of(name).partition("<article")[2]
    assert said(name, "og:description") == found
    assert said(name, "og:title") in head(name).title.get_text()
    assert said(name, "robots") is None


def test_no_two_pages_have_the_same_description():
    counted = Counter(said(name, "description") for name in PAGES if name not in WITHOUT_TEXT)
    assert [text for text, times in counted.items() if times > 1] == []


def test_addresses_are_full_where_known_and_absent_elsewhere(name):
    canonical = head(name).select_one('link[rel="canonical"]')
    if BASE and name not in WITHOUT_TEXT:
        assert canonical["href"] == said(name, "og:url") == BASE + name
        assert said(name, "og:image").startswith(BASE)
    else:
        assert canonical is None or name in WITHOUT_TEXT
        assert said(name, "og:image") is None
    assert (HTML / "sitemap.xml").exists() == bool(BASE)


def test_page_says_how_to_cite_it(name):
    # Only this part is read: a whole page takes a second.
    about = text_of(name).split('<div class="page-about">')[1:]
    assert len(about) == (name not in WITHOUT_TEXT)
    for html in about:
        part = BeautifulSoup(html.partition("</details>")[0], "html.parser")
        assert f"ersion {COURSE['version']}" in part.p.get_text()
        for text in (part.details.p.get_text(), part.pre.get_text().replace("\\", "")):
            assert said(name, "og:title") in text
            assert COURSE["title"] in text
            assert (BASE + name in text) == bool(BASE)


def test_citation_opens_by_keyboard_and_is_accessible(visit):
    page = visit(TERMS).page
    page.locator(".page-about summary").focus()
    page.keyboard.press("Enter")
    assert "@misc{backpropagation-" in page.locator(".page-about pre").inner_text()
    assert faults(page, ".page-about") == []


# -- terms -------------------------------------------------------------------------------------


def test_terms_lead_to_entries_stand_in_running_text_and_are_no_sea_of_links(name):
    page = BeautifulSoup(text_of(name), "html.parser")
    links = page.select("a.glossary-term")
    assert {link["href"].split("#")[1] for link in links} <= entries()
    assert all(len(link["data-definition"]) >= 30 for link in links)
    places = ["a", "h1", "h2", "h3", "code", "pre", "figcaption", "table", "details"]
    assert not [link for link in links if link.find_parent(places)]
    assert not [link for link in links if link.find_parent(class_="solution")]
    blocks = Counter(id(link.find_parent(["p", "li"])) for link in links)
    assert max(blocks.values(), default=0) <= 2
    assert len(links) <= len(page.get_text().split()) / 40


def test_most_pages_link_terms():
    linked = [name for name in PAGES if 'class="glossary-term"' in text_of(name)]
    assert len(linked) > len(PAGES) / 2


def test_definition_comes_on_focus_and_goes_with_escape(visit):
    page = visit(TERMS).page
    term = page.locator("a.glossary-term").nth(3)
    tip = page.locator("#glossary-tip")
    assert not tip.is_visible()
    term.focus()
    assert tip.inner_text() == term.get_attribute("data-definition")
    assert tip.get_attribute("role") == "tooltip"
    assert term.get_attribute("aria-describedby") == "glossary-tip"
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    assert term.get_attribute("aria-describedby") is None
    assert term.evaluate("link => link === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert tip.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-*")


def test_definition_stays_under_the_pointer(visit):
    page = visit(TERMS).page
    tip = page.locator("#glossary-tip")
    page.locator("a.glossary-term").nth(3).hover()
    tip.wait_for(state="visible")
    tip.hover()
    page.wait_for_timeout(600)
    assert tip.is_visible()
    page.mouse.move(2, 2)
    tip.wait_for(state="hidden")


def test_escape_sends_a_hovered_definition_away(visit):
    page = visit(TERMS).page
    page.locator("a.glossary-term").nth(3).hover()
    page.locator("#glossary-tip").wait_for(state="visible")
    page.keyboard.press("Escape")
    assert not page.locator("#glossary-tip").is_visible()


def test_first_tap_shows_the_definition_and_a_second_one_follows_the_link(visit):
    page = visit(TERMS, width=390, has_touch=True, is_mobile=True).page
    term, tip = page.locator("a.glossary-term").nth(3), page.locator("#glossary-tip")
    term.tap()
    tip.wait_for(state="visible")
    page.wait_for_timeout(400)
    assert page.url.endswith(TERMS)
    page.locator("article h1").tap()
    assert not tip.is_visible()
    term.tap()
    tip.wait_for(state="visible")
    term.tap()
    page.wait_for_url("**/glossary.html#term-*")


def test_without_scripts_the_link_serves(visit):
    page = visit(TERMS, java_script_enabled=False).page
    page.locator("a.glossary-term").nth(3).click()
    page.wait_for_url("**/glossary.html#term-*")


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_definition_is_readable_and_inside_the_window(visit, width, theme):
    page = visit(TERMS, width=width, theme=theme).page
    for number, term in enumerate(page.locator("a.glossary-term").all()):
        if number % 6 == 0:
            term.focus()
            box = page.locator("#glossary-tip").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            lines = term.evaluate("link => [...link.getClientRects()].map(r => [r.top, r.bottom])")
            covered = [t for t, b in lines if box["y"] < b - 1 and box["y"] + box["height"] > t + 1]
            assert covered == []
    assert faults(page, "#glossary-tip") == []
    assert faults(page, "p:has(> a[aria-describedby])") == []


# -- search ------------------------------------------------------------------------------------


def results(opened: Visit, words: str) -> list[str]:
    """Search from disk and return where the results lead, the best first."""
    page = opened.page
    page.goto(f"{(HTML / 'search.html').as_uri()}?q={quote(words)}")
    page.wait_for_function("document.querySelector('#search-results [role=status]')?.textContent")
    links = page.locator("#search-results li > a").all()
    return [link.get_attribute("href").partition("?")[0] for link in links]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("cross-entropy", f"{GLOSSARY}#term-cross-entropy"),
        ("backpropagation", "chapters/backprop/backpropagation.html"),
        ("Glorot", f"{GLOSSARY}#term-Glorot"),
        ("softmax", f"{GLOSSARY}#term-softmax"),
        ("XOR", "chapters/history/xor.html"),
        ("the learning rate", "chapters/tuning/learning_rate.html"),
        ("Reading handwritten digits", "chapters/fundamentals/mnist.html"),
    ],
)
def test_search_from_disk_leads_to_entries_and_pages(visit, words, wanted):
    opened = visit("search.html")
    found = results(opened, words)
    assert wanted in found[:8]
    assert opened.complaints == []
    assert opened.foreign == []
    described = opened.page.locator("#search-results li p.context")
    assert described.count() == len(found)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("backprobagation", "backpropagation"),
        ("sofmax", "softmax"),
        ("momentem", "momentum"),
    ],
)
def test_misspelt_word_leads_on(visit, wrong, right):
    opened = visit("search.html")
    assert results(opened, wrong) == []
    page = opened.page
    assert f"Nothing found for “{wrong}”" in page.locator("[role=status]").inner_text()
    page.get_by_role("status").get_by_role("link", name=right, exact=True).click()
    page.locator("#search-results li").first.wait_for()
    assert opened.complaints == []


def test_nonsense_gets_advice_and_is_shown_as_it_was_typed(visit):
    opened = visit("search.html")
    assert results(opened, "<qqqqxxx>") == []
    advice = opened.page.locator("[role=status]")
    assert "Nothing found for “<qqqqxxx>”. Fewer or shorter words" in advice.inner_text()
    advice.get_by_role("link", name="the glossary").click()
    opened.page.wait_for_url("**/glossary.html")


def test_search_by_keyboard(visit):
    page = visit(TERMS).page
    page.keyboard.press("Control+k")
    page.keyboard.type("momentum")
    page.keyboard.press("Enter")
    page.locator("#search-results li").first.wait_for()
    page.locator("#search-results li a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chapters/**")


# -- wrong addresses, and the site on a host ---------------------------------------------------


@pytest.fixture
def served():
    """Serve the site below a folder, as a host of many sites does; yield the address."""
    below = "/a/course/"

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix(below[:-1]))

        def send_head(self):
            if self.path.startswith(below) and Path(self.translate_path(self.path)).is_file():
                return super().send_head()
            content = (HTML / "404.html").read_bytes()
            self.send_response(404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if self.command == "GET" else b"")
            return None

        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{below}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(bool(BASE), reason="the page leads to the known address")
@pytest.mark.parametrize("wrong", ["nowhere.html", "chapters/no/where/at/all"])
def test_page_for_wrong_addresses_finds_the_site(visit, served, wrong):
    page = visit("404.html").page
    page.goto(served + wrong)
    page.wait_for_function("url => document.links[0].href === url", arg=f"{served}index.html")
    page.get_by_role("link", name="Glossary").click()
    assert page.url == served + GLOSSARY
    assert page.locator("article h1").inner_text().startswith("Glossary")


def test_page_for_wrong_addresses_is_accessible(visit):
    assert faults(visit("404.html").page) == []


def test_search_on_a_host_quotes_the_pages(visit, served):
    opened = visit("index.html")
    opened.page.goto(f"{served}search.html?q=softmax")
    opened.page.locator("#search-results li p.context").first.wait_for()
    assert opened.complaints == []


def test_what_the_search_says_of_pages_is_their_description():
    script = (
        (HTML / "_static" / "search_pages.js")
        .read_text(encoding="utf-8")
        .partition("const PAGE_DESCRIPTIONS = ")[2]
    )
    known = json.JSONDecoder().raw_decode(script)[0]
    pages = {name for name in PAGES if name not in WITHOUT_TEXT}
    assert {f"{page}.html": text for page, text in known.items()} == {
        name: said(name, "description") for name in pages
    }
