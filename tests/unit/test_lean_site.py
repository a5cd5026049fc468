"""What the extension leaves out of a site, and what it must not: a site of two small pages."""

import base64
import io
import re
import sys
from pathlib import Path

import pytest
import tinycss2
from fontTools import fontBuilder, ttLib
from fontTools.ttLib.tables._g_l_y_f import Glyph
from PIL import Image
from sphinx.errors import ExtensionError

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_ext"))

import lean_site

STYLES = {
    "basic.css": "p { background: url(dot.png) }",
    "styles/theme.css": '@import "../basic.css"; .used, .gone { color: red }',
    "styles/icons.css": """
        @font-face { font-family: X; src: url(../vendor/fontawesome/webfonts/fa-solid-900.ttf) }
        .fa-sun:before { content: "\\f185" } .fa-moon:before { content: "\\f186" }""",
    "site.css": ".of-ours { color: blue }",
}
SCRIPTS = {
    "scripts/fontawesome.js": "throw 'icons'",
    "settings.js": "const setting = {};",
    "own.js": "document.body.classList.add('by-script')",
    "searchtools.js": "throw 'search'",
    "scripts/theme.js": "setting.ready = true",
}
PAGE = """<html><head><title>{title}</title>
  <link href="{up}_static/styles/theme.css?digest=1" rel="stylesheet" />
  <link rel="stylesheet" href="{up}_static/styles/icons.css" />
  <link rel="stylesheet" href="{up}_static/site.css?v=2" />
  <script defer src="{up}_static/scripts/fontawesome.js"></script>
  <link rel="preload" as="script" href="{up}_static/scripts/theme.js" />
  <script src="{up}_static/settings.js"></script>
  <script>setting.hint = 'Show';</script>
  {own}
  <script>DOCUMENTATION_OPTIONS.pagename = '{title}';</script>
  <script src="{up}_static/searchtools.js"></script>
  <script type="application/json">{{"data": 1}}</script>
</head><body><img src="{up}_static/logo.svg" alt=""/>
<article class="used"><i class="fas fa-sun"></i>
<img src="{up}_static/dot.png" alt="one" /> <img alt="two" src="{up}_static/dot.png"></article>
  <script defer src="{up}_static/scripts/theme.js?digest=3"></script>
</body></html>
"""
OWN = '<script src="{up}_static/own.js"></script>'


NAMES = [".notdef", "sun", "moon"]


def icon_font(path: Path) -> None:
    """Write a font of two signs."""
    builder = fontBuilder.FontBuilder(1000)
    builder.setupGlyphOrder(NAMES)
    builder.setupCharacterMap({0xF185: "sun", 0xF186: "moon"})
    builder.setupGlyf({name: Glyph() for name in NAMES})
    builder.setupHorizontalMetrics(dict.fromkeys(NAMES, (500, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Icons", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path.parent.mkdir(parents=True)
    builder.save(path)


def write_page(site: Path, name: str, own: str = "") -> None:
    up = "../" * name.count("/")
    path = site / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(PAGE.format(title=name, up=up, own=own.format(up=up)))


@pytest.fixture
def site(tmp_path):
    """Two pages as the theme writes them; only the second has a script of its own."""
    static = tmp_path / "html" / "_static"
    for name, text in (STYLES | SCRIPTS).items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text(text)
    (static / "logo.svg").write_text('<svg viewBox="0 0 40 20"></svg>')
    Image.new("L", (8, 6)).save(static / "dot.png")
    icon_font(static / "vendor/fontawesome/webfonts/fa-solid-900.ttf")
    write_page(tmp_path / "html", "index.html")
    write_page(tmp_path / "html", "part/page.html", own=OWN)
    return tmp_path / "html"


def make(site: Path) -> str:
    """Run the extension and return the style sheet."""
    lean_site.make_lean(site, site.parent / "memory.json")
    return (site / "_static" / "lean.css").read_text()


def addresses(site: Path, name: str) -> list[str]:
    text = (site / name).read_text()
    return [a.split("?")[0] for a in re.findall(r'<(?:link|script)[^>]*(?:href|src)="(.+?)"', text)]


def test_page_has_one_style_sheet_and_its_scripts_in_their_order(site):
    make(site)
    up = "../_static/"
    assert addresses(site, "part/page.html") == [
        *(up + name for name in ("lean.css", "lean_end.js", "lean.js", "own.js"))
    ]
    assert addresses(site, "index.html") == [
        *("_static/" + name for name in ("lean.css", "lean_end.js", "lean.js"))
    ]
    page = (site / "part" / "page.html").read_text()
    assert '<script src="../_static/own.js">' in page  # did not wait before, and does not now
    assert '<script type="application/json">{"data": 1}</script>' in page
    scripts = [(site / "_static" / name).read_text() for name in lean_site.SCRIPTS]
    assert "const setting" in scripts[0]
    assert scripts[0].index("const setting") < scripts[0].index("hint")
    assert "ready" in scripts[1]
    assert "throw" not in "".join(scripts)
    assert "pagename" not in "".join(scripts)


def test_search_page_keeps_the_search(site):
    path = site / "index.html"
    path.write_text(path.read_text().replace("<article", '<div id="search-results"></div><article'))
    make(site)
    assert "_static/searchtools.js" in addresses(site, "index.html")
    assert "../_static/searchtools.js" not in addresses(site, "part/page.html")


def test_style_keeps_what_is_used_and_all_of_ours(site):
    style = make(site)
    assert ".used{color:red}" in style
    assert "gone" not in style
    assert ".of-ours" in style
    assert "url(dot.png)" in style


def test_icons_are_those_of_the_site(site):
    style = make(site)
    (data,) = re.findall(r"url\(data:font/woff;base64,(.+?)\)", style)
    assert set(ttLib.TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()) == {0xF185}
    assert ".ttf" not in style


def test_pictures_have_sizes_and_those_of_the_article_wait(site):
    make(site)
    tags = re.findall("<img.*?>", (site / "index.html").read_text())
    assert [re.findall(r'(?:width|height)="(\d+)"', tag) for tag in tags] == [
        ["40", "20"],
        ["8", "6"],
        ["8", "6"],
    ]
    assert ['loading="lazy"' in tag for tag in tags] == [False, True, True]


def test_logo_is_a_landmark_and_no_heading_of_a_table_is_empty():
    item = '<div class="sidebar-primary-item">'
    logo = f'{item}\n<a class="navbar-brand logo" href="#">'
    named = item.replace(">", ' role="navigation" aria-label="Home">')
    assert lean_site.mended(f"{item}<p>1</p>{logo}") == f"{item}<p>1</p>{named}{logo[len(item) :]}"
    assert lean_site.mended("<tr><th></th><th>a</th></tr>") == "<tr><td></td><th>a</th></tr>"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ('<svg width="30" height="20px">', (30, 20)),
        ('<svg width="100%" viewBox="0 0 40.4 20">', (40, 20)),
        ('<svg stroke-width="2">', (300, 150)),
    ],
)
def test_size_of_a_drawing(tmp_path, tag, expected):
    path = tmp_path / "a.svg"
    path.write_text(f"<?xml version='1.0'?>{tag}</svg>")
    assert lean_site.size(path) == expected


def test_second_build_changes_nothing_and_a_new_page_joins(site):
    make(site)
    before = {path: path.read_text() for path in site.rglob("*.html")}
    make(site)
    assert {path: path.read_text() for path in site.rglob("*.html")} == before
    write_page(site, "part/page.html", own=OWN)  # as Sphinx writes a page that has changed
    make(site)
    assert {path: path.read_text() for path in site.rglob("*.html")} == before
    write_page(site, "new.html")
    path = site / "new.html"
    path.write_text(path.read_text().replace('"used"', '"gone"'))
    assert ".gone" in make(site)
    assert addresses(site, "new.html") == addresses(site, "index.html")
    versions = {re.search(r"lean\.css\?v=\w+", p.read_text())[0] for p in site.rglob("*.html")}
    assert len(versions) == 1


def test_script_text_on_one_page_alone_is_an_error(site):
    write_page(site, "part/page.html", own="<script>alone()</script>")
    with pytest.raises(ExtensionError, match=r"page\.html alone has the script 'alone\(\)'"):
        make(site)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (".a .b{x:y}", ".a .b{x:y}"),
        (".a .gone{x:y}", ""),
        ("p,.gone,#a{x:y}", "p,#a{x:y}"),
        (".a:not(.gone){x:y}", ".a:not(.gone){x:y}"),
        ("@media print{.a{x:y}.gone{x:y}}", "@media print{.a{x:y}}"),
        ("@media print{.gone{x:y}}", ""),
        ("@keyframes gone{to{x:y}}", "@keyframes gone{to{x:y}}"),
        (".bs-tooltip-end{x:y}", ".bs-tooltip-end{x:y}"),
    ],
)
def test_rules_without_a_user_go(rule, kept):
    rules = tinycss2.parse_stylesheet(rule, True, True)
    assert lean_site.purged(rules, {"a", "b"}) == kept


def test_order_of_every_page_is_kept():
    assert lean_site.in_order([["a", "c"], ["a", "b", "c"], ["a", "c", "d"]]) == list("abcd")
