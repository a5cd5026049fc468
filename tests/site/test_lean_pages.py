"""Every page is light, loads nothing twice, and its pictures do not push the text about."""

import base64
import gzip
import io
import os
import re
import sys
from functools import cache
from pathlib import Path

import pytest
import tinycss2
from audit import MOST_KB
from browser import new_window
from fontTools import ttLib
from site_pages import HTML, THEMED, tree

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_ext"))
from lean_site import ICON_FONTS, NEEDED_FOR, PURGED, is_used

STATIC = HTML / "_static"
SHIFTS = """
new PerformanceObserver(list => {
  for (const shift of list.getEntries()) for (const { node } of shift.sources) {
    const part = node?.nodeType === 1 ? node : node?.parentElement;
    if (part && !part.closest("article")) (window.moved ??= []).push(part.outerHTML.slice(0, 200));
  }
}).observe({ type: "layout-shift", buffered: true });
"""


@cache
def packed(path: Path) -> int:
    """The bytes of a file as a host sends it; fonts are packed already."""
    content = path.read_bytes()
    return len(content if path.suffix == ".woff2" else gzip.compress(content, 9))


@cache
def style() -> str:
    return (STATIC / "lean.css").read_text(encoding="utf-8")


def loaded(name: str) -> list[Path]:
    """The style sheets and scripts of a page, in their order."""
    found = tree(name).xpath("//link[@rel='stylesheet']/@href | //script/@src")
    addresses = [re.split("[?#]", address, maxsplit=1)[0] for address in found]
    return [(HTML / name).parent.joinpath(address).resolve() for address in addresses]


def rules(found: list):
    """All rules of a style sheet, those inside conditions too."""
    for rule in found:
        if rule.type == "qualified-rule":
            yield rule
        elif rule.content and rule.lower_at_keyword == "media":
            yield from rules(tinycss2.parse_rule_list(rule.content, True, True))


@cache
def fonts() -> list[tuple[list, str]]:
    """The selectors that ask for a font of KaTeX, each with the name of the font."""
    return [
        (rule.prelude, family)
        for rule in rules(tinycss2.parse_stylesheet(style(), True, True))
        for family in re.findall(r"KaTeX_\w+", tinycss2.serialize(rule.content))
    ]


def fonts_of(name: str) -> set[Path]:
    """Every font file that a page may ask for; more than most pages do."""
    words = {word for classes in tree(name).xpath("//@class") for word in classes.split()}
    families = {family for selector, family in fonts() if is_used(selector, words)}
    return {path for f in families for path in STATIC.glob(f"katex/fonts/{f}-*.woff2")}


def test_page_is_light_without_its_figures(name):
    files = [HTML / name, *loaded(name), *fonts_of(name)]
    assert sum(map(packed, files)) / 1000 <= MOST_KB


@pytest.mark.parametrize("themed", THEMED)
def test_nothing_is_loaded_twice(themed):
    files = loaded(themed)
    assert len(set(files)) == len(files)
    assert [path.name for path in files if path.suffix == ".css"] == ["lean.css"]
    assert all(path.is_relative_to(HTML) for path in files)
    assert tree(themed).xpath("//link[@rel='preload']") == []


def test_scripts_of_a_page_do_something_on_it(name):
    names = {Path(os.path.relpath(path, STATIC)).as_posix() for path in loaded(name)}
    searches = {"searchtools.js", "language_data.js", "../searchindex.js"}
    assert names & set(NEEDED_FOR) == (searches if name == "search.html" else set())


def test_pictures_have_their_size_and_wait(name):
    images = tree(name).iter("img")
    assert all(int(image.get("width")) > 0 and int(image.get("height")) > 0 for image in images)
    assert all(image.get("loading") == "lazy" for image in tree(name).xpath("//article//img"))


@cache
def drawn() -> set[str]:
    """The icons in the fonts that the style sheet holds."""
    data = re.findall(r"url\(data:font/woff;base64,([^)]+)\)", style())
    maps = [ttLib.TTFont(io.BytesIO(base64.b64decode(font))).getBestCmap() for font in data]
    return {chr(point) for points in maps for point in points}


@pytest.mark.parametrize("themed", THEMED)
def test_every_icon_is_drawn(themed):
    rules_of_icons = re.findall(r'((?:\.fa-[\w-]+:before,?)+)\{content:"([^"]+)"', style())
    signs = {icon: sign for group, sign in rules_of_icons for icon in re.findall("fa-[^:]+", group)}
    prefixes = set().union(*ICON_FONTS.values()) | {"fa-lg"}
    icons = {word for classes in tree(themed).xpath("//i/@class") for word in classes.split()}
    icons = {word for word in icons if word.startswith("fa-")} - prefixes
    assert icons
    assert {signs[icon] for icon in icons} <= drawn()


def test_theme_is_the_one_that_the_trims_are_made_for():
    """A new theme may bring other scripts, styles and icons: look at lean_site again."""
    assert all((STATIC / file).resolve().is_file() for file in NEEDED_FOR)
    assert all(list(STATIC.glob(pattern)) for pattern in PURGED)
    # The only user of the name of the page, which is left out, is a menu that there is not.
    assert "version-switcher" not in (HTML / "index.html").read_text(encoding="utf-8")
    users = [p for p in STATIC.rglob("*.js") if "OPTIONS.pagename" in p.read_text("utf-8")]
    assert {p.name for p in users} == {"pydata-sphinx-theme.js", "lean_end.js"}


@pytest.mark.parametrize("page", ["index.html", "chapters/fundamentals/mnist.html"])
@pytest.mark.parametrize("width", [1280, 1350, 412])
def test_the_frame_of_a_page_does_not_move(browser, page, width):
    context = new_window(browser, viewport={"width": width, "height": 900})
    opened = context.new_page()
    opened.add_init_script(SHIFTS)
    opened.goto((HTML / page).as_uri(), wait_until="load")
    opened.wait_for_timeout(500)
    assert opened.evaluate("window.moved ?? []") == []
    context.close()


def test_dark_is_dark_before_the_scripts_are_there(browser):
    context = new_window(browser, color_scheme="dark")
    opened = context.new_page()
    opened.route("**/lean*.js*", lambda route: route.abort())
    opened.goto((HTML / "index.html").as_uri())
    assert opened.evaluate("document.documentElement.dataset.theme") == "dark"
    assert opened.locator("#pst-primary-sidebar img:visible").count() == 1
    context.close()
