"""A page loads what it uses: one style sheet, scripts that wait, pictures as they come near.

The theme and the extensions put some twenty files into every page: a megabyte with every icon of
Font Awesome, every rule of Bootstrap and the whole search index, most of it waited for before the
first word appears. When all pages are written, this extension

- joins the style sheets into one, without the theme's rules for classes that no page has, and with
  the few icons that are used inside it;
- joins the scripts that all pages share, puts them at the end, where their order is the same and
  nothing waits for them, and leaves out those that do nothing on a page;
- gives pictures their size, so that nothing jumps when they arrive, and lets all but the first of
  a page wait until a reader comes near;
- mends what the theme and pandas leave without a meaning for screen readers: a logo outside all
  parts of the page, headings of tables without a word.

Pages may be opened by double click: every address stays relative. What this extension cannot put
in order is an error, and so fails the build.
"""

import base64
import hashlib
import io
import json
import posixpath
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import tinycss2
from fontTools import subset, ttLib
from PIL import Image
from shrink import shrink
from sphinx.errors import ExtensionError

STYLE = "lean.css"
# What pages read before they run the scripts that only some pages have, and after these.
SCRIPTS = ("lean.js", "lean_end.js")
# Made for any site; the other style sheets are made for this one and stay whole.
PURGED = ("styles/*.css", "sphinx-design.min.css", "mystnb.*.css")
# Scripts put these names together while they run: a tooltip turns to the side that has room.
MADE_BY_SCRIPTS = re.compile("bs-(tooltip|popover)-")
# What a page must hold for a script to do anything on it; None: no page needs it.
SEARCH = re.compile('id="search-results"')
NEEDED_FOR = {
    "scripts/fontawesome.js": None,  # draws the icons that the style sheet holds as a font
    "design-tabs.js": re.compile(r'class="[^"]*\bsd-tab-set\b'),
    "searchtools.js": SEARCH,
    "language_data.js": SEARCH,
    "../searchindex.js": SEARCH,
}
# Only the theme's menu of versions asks for the page's name, and there is none.
UNUSED_SETTING = re.compile(r"DOCUMENTATION_OPTIONS\.pagename = '[^']*';")
# The theme chooses light or dark when all has loaded; until then it shows the logos of both.
EARLY_THEME = """<script>
    (d => { d.theme = ["light", "dark"].includes(d.mode) ? d.mode
      : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"; })
    (document.documentElement.dataset);
  </script>"""
ICONS = "vendor/fontawesome/webfonts"
ICON_FONTS = {"fa-solid-900": {"fas", "fa-solid"}, "fa-brands-400": {"fab", "fa-brands"}}

STYLE_TAG = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"]*)"[^>]*>\n?')
PRELOAD_TAG = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="preload")(?=[^>]*\bas="script")[^>]*>\n?')
SCRIPT_TAG = re.compile(r"[ \t]*<script\b([^>]*)>(.*?)</script>\n?", re.S)
OURS_AT_END = re.compile(
    r'<script src="[^"]*/lean\.js\?v=\w+"></script>\n'
    r'(?:<script src="[^"]*"></script>\n)*(?=</body>)'
)
THEME_AT_END = re.compile(r'[ \t]*<script defer src="[^"]*_static/scripts/[^>]*></script>\n?')
SOURCE = re.compile(r'\bsrc="([^"]*)"')
LOGO = re.compile(r'(<div class="sidebar-primary-item")(>\s*<a class="navbar-brand)')
IMAGE_TAG = re.compile(r'<img\b[^>]*?\bsrc="([^"]*)"[^>]*?(?=\s*/?>)')
NAMES = re.compile(r'\b(?:class|id)="([^"]*)"')
WORD = re.compile(r"[A-Za-z_][\w-]*")
PRIVATE_USE = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")


class Script(NamedTuple):
    """A script of a page: its file as seen from ``_static``, or its text."""

    file: str
    text: str


class Page:
    """A written page, its head as Sphinx wrote it.

    Sphinx writes again only the pages that have changed. So the heads are saved as they were,
    and every build makes the pages' heads from them.
    """

    def __init__(self, path: Path, saved_head: str | None):
        self.path = path
        head, self.body = path.read_text(encoding="utf-8").split("</head>", 1)
        if f"{STYLE}?v=" in head:
            self.head = saved_head
        else:
            self.head = head + "".join(THEME_AT_END.findall(self.body))
            self.body = THEME_AT_END.sub("", self.body)
        self.body = OURS_AT_END.sub("", self.body)
        # Relative, but absolute on a page that any missing address shows.
        self.static = re.search(r'"([^"]*\b_static)/', self.head)[1]

    def file(self, address: str) -> str:
        """Return an address of the page as seen from ``_static``."""
        return posixpath.relpath(re.split("[?#]", address, maxsplit=1)[0], self.static)

    def styles(self) -> list[str]:
        """Return the style sheets in their order."""
        return [self.file(address) for address in STYLE_TAG.findall(self.head)]

    def scripts(self) -> dict[Script, str]:
        """Return the scripts that the page needs in their order, each with its tag."""
        found = {}
        for tag in SCRIPT_TAG.finditer(self.head, STYLE_TAG.search(self.head).start()):
            attributes, text = tag[1], tag[2].strip()
            if "type=" in attributes or UNUSED_SETTING.fullmatch(text):
                continue  # data, or of no use
            source = SOURCE.search(attributes)
            script = Script(self.file(source[1]) if source else "", text)
            if script.file in NEEDED_FOR:
                needed = NEEDED_FOR[script.file]
                if needed is None or not needed.search(self.body):
                    continue
            found.setdefault(script, tag[0])
        return found


def in_order(orders: list[list]) -> list:
    """Return everything that some lists hold, once, each after what it follows in its list."""
    result: list = []
    for order in orders:
        place = 0
        for name in order:
            if name not in result:
                result.insert(place, name)
            place = result.index(name) + 1
    return result


def read_style(static: Path, name: str) -> str:
    """Return a style sheet with what it imports, its addresses as seen from ``_static``."""
    folder = posixpath.dirname(name)

    def moved(match: re.Match) -> str:
        if match[2].startswith(("data:", "#")):
            return match[0]
        return f'url("{posixpath.normpath(posixpath.join(folder, match[2]))}")'

    def imported(match: re.Match) -> str:
        return read_style(static, posixpath.normpath(posixpath.join(folder, match[1])))

    text = (static / name).read_text(encoding="utf-8").removeprefix("\ufeff")
    text = re.sub(r'@charset "[^"]*";', "", text)
    text = re.sub(r"""url\((["']?)(.+?)\1\)""", moved, text)
    return re.sub(r'@import "([^"]+)";', imported, text)


def is_used(selector: list, words: set[str]) -> bool:
    """Tell whether all classes and ids of a selector are among the words."""
    names = [node.value for node in selector if node.type == "hash"]
    for dot, name in pairwise(selector):
        if dot == "." and name.type == "ident":
            names.append(name.value)
    return all(name in words or MADE_BY_SCRIPTS.match(name) for name in names)


def purged(rules: list, words: set[str]) -> str:
    """Return style rules without the selectors whose classes or ids are not among the words."""
    kept = []
    for rule in rules:
        if rule.type == "error":
            raise ExtensionError(f"lean_site: a style sheet cannot be read: {rule.message}")
        if rule.type == "qualified-rule":
            selectors: list[list] = [[]]
            for node in rule.prelude:
                if node == ",":
                    selectors.append([])
                else:
                    selectors[-1].append(node)
            used = [tinycss2.serialize(s) for s in selectors if is_used(s, words)]
            if used:
                kept.append(f"{','.join(used)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.lower_at_keyword in ("media", "supports", "layer") and rule.content:
            inside = purged(tinycss2.parse_rule_list(rule.content, True, True), words)
            if inside:
                condition = tinycss2.serialize(rule.prelude)
                kept.append(f"@{rule.at_keyword}{condition}{{{inside}}}")
        elif not (rule.lower_at_keyword == "font-face" and ICONS in rule.serialize()):
            kept.append(rule.serialize())
    return "\n".join(kept)


def icon_fonts(static: Path, style: str, words: set[str]) -> str:
    """Return Font Awesome's fonts as rules that hold them, with only the icons in the style."""
    points = {int(code, 16) if code else ord(sign) for code, sign in PRIVATE_USE.findall(style)}
    # Every icon has the same room, also before the font is ready: nothing moves then.
    rules = [":is(.fas,.fa-solid,.fab,.fa-brands){width:1.25em;text-align:center}\n"]
    for name, classes in ICON_FONTS.items():
        if not words & classes:
            continue
        font = ttLib.TTFont(static / ICONS / f"{name}.ttf", recalcTimestamp=False)
        cutter = subset.Subsetter(subset.Options(hinting=False, layout_features=[]))
        cutter.populate(unicodes=points)
        cutter.subset(font)
        font.flavor = "woff"
        file = io.BytesIO()
        font.save(file)
        data = base64.b64encode(file.getvalue()).decode()
        family = "Brands" if "brands" in name else "Free"
        rules.append(
            f'@font-face{{font-family:"Font Awesome 6 {family}";font-weight:{name[-3:]};'
            f"font-display:block;src:url(data:font/woff;base64,{data})}}\n"
        )
    return "".join(rules)


def make_style(static: Path, names: list[str], words: set[str]) -> str:
    """Return style sheets as one, without what no page uses."""
    parts = []
    for name in names:
        text = read_style(static, name)
        if any(Path(name).match(pattern) for pattern in PURGED):
            text = purged(tinycss2.parse_stylesheet(text, True, True), words)
        parts.append(text)
    style = "\n".join(parts)
    return shrink("text/css", style + icon_fonts(static, style, words))


def make_script(static: Path, scripts: list[Script]) -> str:
    """Return scripts as one."""
    texts = [
        (static / script.file).read_text(encoding="utf-8") if script.file else script.text
        for script in scripts
    ]
    return shrink("application/javascript", "\n;\n".join(texts))


@cache
def size(path: Path) -> tuple[int, int]:
    """Return the width and height of a picture in pixels."""
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    root = re.search(r"<svg\b[^>]*>", path.read_text(encoding="utf-8"))[0]
    sides = [re.search(rf'\s{side}="([\d.]+)(?:px)?"', root) for side in ("width", "height")]
    if all(sides):
        return tuple(round(float(side[1])) for side in sides)
    box = re.search(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"', root)
    # Without either, browsers take 300 by 150.
    return tuple(round(float(side)) for side in box.groups()) if box else (300, 150)


def mended(body: str) -> str:
    """Return a page's body, each part of which says what it is."""
    body = LOGO.sub(r'\1 role="navigation" aria-label="Home"\2', body, count=1)
    return body.replace("<th></th>", "<td></td>")


def with_sizes(page: Page, static: Path) -> str:
    """Return a page's body, its pictures with their size, and those of the article in no hurry.

    The first picture, too, stands some screens below the title of a chapter: fetched at once, it
    would only keep the text and its fonts waiting on a slow line.
    """
    start = page.body.find("<article")

    def change(tag: re.Match) -> str:
        text, address = tag[0], tag[1]
        if ":" not in address and not re.search(r"\s(width|height)=", text):
            width, height = size((static / page.file(address)).resolve())
            text += f' width="{width}" height="{height}"'
        if tag.start() > start >= 0 and " loading=" not in text:
            text += ' loading="lazy" decoding="async"'
        return text

    return IMAGE_TAG.sub(change, page.body)


def lean_text(page: Page, static: Path, shared: list[list[Script]], versions: list[str]) -> str:
    """Return a page with one style sheet, the shared scripts and what the page alone has."""
    style, first, last = (f"{page.static}/{version}" for version in versions)
    tags = [EARLY_THEME, f'<link rel="stylesheet" href="{style}" />']
    at_end = [f'<script src="{first}"></script>']
    for script, tag in page.scripts().items():
        if any(script in part for part in shared):
            continue
        if not script.file:
            raise ExtensionError(f"lean_site: {page.path} alone has the script {script.text!r}")
        (tags if " defer" in tag else at_end).append(tag.strip())
    tags.append(f'<script defer src="{last}"></script>')
    place = STYLE_TAG.search(page.head).start()
    before, rest = page.head[:place], page.head[place:]
    rest = PRELOAD_TAG.sub("", STYLE_TAG.sub("", rest))
    rest = SCRIPT_TAG.sub(lambda tag: tag[0] if "type=" in tag[1] else "", rest)
    head = before + "\n  ".join(tags) + "\n" + rest
    # Not "defer": these scripts wait for the end of the page themselves, if they see it loading.
    body, end = mended(with_sizes(page, static)).rsplit("</body>", 1)
    scripts = "\n".join(at_end)
    return f"{head}</head>{body}{scripts}\n</body>{end}"


def make_lean(outdir: Path, memory: Path) -> None:
    """Change the pages of a written site; ``memory`` keeps their heads between builds."""
    static = outdir / "_static"
    saved = json.loads(memory.read_text()) if memory.is_file() else {}
    paths = [path for path in sorted(outdir.rglob("*.html")) if "_static" not in path.parts]
    # A page that loads nothing, such as the one for wrong addresses, is lean already.
    paths = [path for path in paths if STYLE_TAG.search(path.read_text(encoding="utf-8"))]
    pages = [Page(path, saved.get(path.relative_to(outdir).as_posix())) for path in paths]
    memory.write_text(
        json.dumps({page.path.relative_to(outdir).as_posix(): page.head for page in pages})
    )
    styles = in_order([page.styles() for page in pages])
    scripts = [list(page.scripts()) for page in pages]
    order = in_order(scripts)
    own = [script for script in order if any(script not in some for some in scripts)]
    place = order.index(own[0]) if own else len(order)
    shared = [order[:place], [script for script in order[place:] if script not in own]]
    code = [make_script(static, part) for part in shared]
    files = [(static / script.file).read_text(encoding="utf-8") for script in own if script.file]
    words = {word for text in code + files for word in WORD.findall(text)}
    for page in pages:
        words.update(*(names.split() for names in set(NAMES.findall(page.body))))
    versions = []
    for name, text in zip(
        (STYLE, *SCRIPTS), (make_style(static, styles, words), *code), strict=True
    ):
        (static / name).write_text(text, encoding="utf-8")
        versions.append(f"{name}?v={hashlib.sha256(text.encode()).hexdigest()[:8]}")
    for page in pages:
        text = lean_text(page, static, shared, versions)
        if text != page.path.read_text(encoding="utf-8"):
            page.path.write_text(text, encoding="utf-8")


def finish(app, exception):
    """Change the pages when all are written."""
    if exception is None and app.builder.format == "html":
        make_lean(Path(app.outdir), Path(app.doctreedir, "lean_site.json"))


def setup(app):
    """Connect to the very end, when other extensions have changed their pages."""
    app.connect("build-finished", finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
