"""The map of the pages: every page on it, lines where there is room, a list for keys and phones."""

import re

import pytest
from browser import LOOKS, faults
from make_pdfs import listed
from site_pages import HTML, ROOT
from yaml import safe_load

PAGE = "index.html"
MOST_BYTES = 6000
LINKS = ".page-map a"
# How far the ends of all lines are from the next box, and all names that their box cuts off.
ENDS = """
() => {
  const boxes = [...document.querySelectorAll(".page-map a")].map(a => a.getBoundingClientRect());
  return [...document.querySelectorAll(".page-map path")].flatMap(path => {
    const at = path.getScreenCTM();
    return path.getAttribute("d").match(/M[^M]*/g).flatMap(line => {
      const one = path.cloneNode();
      one.setAttribute("d", line);
      return [0, one.getTotalLength()].map(length => {
        const { x, y } = one.getPointAtLength(length).matrixTransform(at);
        return Math.min(...boxes.map(box => Math.max(
          box.left - x, x - box.right, box.top - y, y - box.bottom)));
      });
    });
  });
}
"""
CUT_OFF = """
links => links.filter(a => a.scrollHeight > a.clientHeight + 1 || a.scrollWidth > a.clientWidth + 1)
  .map(a => a.textContent)
"""


def drawn() -> str:
    """The map in the source of the page."""
    page = (HTML / PAGE).read_text(encoding="utf-8")
    return re.search(r'<nav class="page-map".*?</nav>', page, re.S)[0]


def test_every_page_of_the_course_stands_on_the_map_once():
    toc = safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [f"{name}.html" for _, name in listed(toc) if name != "index"]
    linked = re.findall(r'<a href="([^"]*)"', drawn())
    assert linked == pages
    assert all((HTML / address).is_file() for address in linked)


def test_the_map_is_light():
    assert len(drawn().encode()) <= MOST_BYTES


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_the_map_is_accessible_and_fits(visit, width, theme):
    page = visit(PAGE, width=width, theme=theme).page
    assert faults(page, ".page-map") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(LINKS).evaluate_all(CUT_OFF) == []
    assert page.locator(".page-map svg").is_visible() == (width > 390)


@pytest.mark.parametrize("width", [768, 1280, 1600])
def test_lines_join_boxes_at_every_width(visit, width):
    ends = visit(PAGE, width=width).page.evaluate(ENDS)
    assert len(ends) > 50
    assert max(map(abs, ends)) < 2  # pixels


@pytest.mark.parametrize("width", [390, 1280])
def test_tab_goes_along_the_rows_with_a_ring(visit, width):
    page = visit(PAGE, width=width).page
    links = page.locator(LINKS)
    places = []
    links.first.focus()
    for name in links.all_text_contents():
        focused = page.locator(":focus")
        assert focused.text_content() == name
        assert focused.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
        box = focused.bounding_box()
        places.append((round(box["y"] + page.evaluate("scrollY")), box["x"]))
        page.keyboard.press("Tab")
    assert places == sorted(places)
