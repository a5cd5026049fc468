"""Every built page in a real browser, opened from disk."""

import re

import pytest
from browser import LOOKS, faults
from run_notebooks import pages_in_toc
from site_pages import HTML, PAGES, tree

BACKDROP = """
image => {
  const shade = element => getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
  for (let e = image; e; e = e.parentElement) {
    const [r, g, b, a = 1] = shade(e);
    if (a > 0) return (r + g + b) / 3;
  }
  return 255;
}
"""
CONTRAST = """
element => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = [255, 255, 255];
  for (let e = element; e; e = e.parentElement) {
    const [r, g, b, a = 1] = channels(getComputedStyle(e).backgroundColor);
    if (a > 0) { behind = [r, g, b]; break; }
  }
  const pair = [light(channels(getComputedStyle(element).color)), light(behind)];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}
"""

# The page for wrong addresses has no switch: there the style sheet alone follows the system.
SHOWN = "theme => (document.documentElement.dataset.theme ?? theme) === theme"
VERDICTS = ".cell_output [role], .cell_output [role] *"
# Formulas whose number covers a part of them, by their names.
COVERED = """
() => [...document.querySelectorAll("div.math:has(.eqno)")].filter(formula => {
  const number = formula.querySelector(".eqno").getBoundingClientRect();
  return [...formula.querySelectorAll(".katex-html .katex-base")].some(part => {
    const box = part.getBoundingClientRect();
    return box.right > number.left && box.left < number.right
      && box.bottom > number.top + 4 && box.top < number.bottom - 4;
  });
}).map(formula => formula.id)
"""


def test_every_page_of_the_toc_was_built():
    wanted = {p.with_suffix(".html").as_posix() for p in pages_in_toc()} | {"index.html"}
    assert wanted <= set(PAGES)


@pytest.mark.parametrize(("width", "themes"), [(1280, ["light", "dark"]), (390, ["dark", "light"])])
def test_page_is_quiet_private_fits_and_can_be_read(visit, name, width, themes):
    """All in one visit: to open every page four times takes minutes."""
    opened = visit(name, width=width, theme=themes[0])
    page = opened.page
    assert page.evaluate(COVERED) == [], "a formula is covered by its number"
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(SHOWN, arg=theme)
        page.wait_for_timeout(150)  # colours that fade
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        contrasts = page.eval_on_selector_all(VERDICTS, f"all => all.map({CONTRAST})")
        assert min(contrasts, default=21) >= 4.5, "a verdict or a card of data is hard to read"
        behind = page.eval_on_selector_all("img[src*='_images/']", f"all => all.map({BACKDROP})")
        assert min(behind, default=255) > 150, "a figure stands on a dark ground"
        assert faults(page) == []
    assert opened.complaints == []
    assert opened.foreign == []


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_code_and_formulas_are_accessible(visit, width, theme):
    page = visit("chapters/start/math_refresher.html", width=width, theme=theme).page
    assert faults(page, "article", whole=True) == []


def test_page_names_no_third_party_script_style_or_font(name):
    tags = tree(name).iter("script", "link", "img", "iframe")
    loaded = [t.get("src") or t.get("href") or "" for t in tags if t.get("rel") != "canonical"]
    assert not [source for source in loaded if source.startswith(("http:", "https:", "//"))]


def test_pictures_are_described(name):
    images = tree(name).xpath("//article//img")
    assert all(len(image.get("alt", "")) >= 30 for image in images)


def test_figures_and_exercises_are_numbered_from_one(name):
    captions = [
        c for tag in tree(name).iter("figcaption") for c in tag.find_class("caption-number")
    ]
    figures = [caption.text_content() for caption in captions]
    assert figures == [f"Fig. {k} " for k in range(1, len(figures) + 1)]
    titles = tree(name).find_class("admonition-title")
    titles = [title for title in titles if "exercise" in title.getparent().classes]
    numbers = [int(re.search(r"\d+", title.text_content())[0]) for title in titles]
    assert numbers == list(range(1, len(numbers) + 1))


def test_no_error_output_is_on_the_page(name):
    text = "\n".join(output.text_content() for output in tree(name).find_class("cell_output"))
    assert not re.search(r"Traceback \(most recent call last\)|✗ Not yet\.", text)


def test_formulas_need_no_script(visit):
    opened = visit("chapters/start/notation.html", java_script_enabled=False)
    assert opened.page.locator(".katex-mathml math").count() > 5
    assert opened.page.locator(".katex-html").first.is_visible()


def test_solutions_are_folded_and_open_by_keyboard(visit):
    page = visit("chapters/start/math_refresher.html").page
    solution = page.locator(".solution.dropdown").first
    inside = solution.locator("div.highlight, p:not(.admonition-title)").first
    assert not inside.is_visible()
    solution.locator("button.toggle-button").focus()
    page.keyboard.press("Enter")
    inside.wait_for()


def test_search_works_from_disk(visit):
    page = visit("search.html").page
    page.goto((HTML / "search.html").as_uri() + "?q=gradient")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results li").count() >= 1


def test_a_console_error_would_be_heard(visit):
    opened = visit("index.html")
    opened.page.evaluate("console.error('on purpose')")
    opened.page.evaluate("fetch('https://third-party.invalid/x').catch(() => {})")
    opened.page.wait_for_timeout(200)
    assert "error: on purpose" in opened.complaints
    assert opened.foreign == ["https://third-party.invalid/x"]
