"""What search engines and messengers are told about a page: its description, picture and place.

The description is the page's own first words: whole sentences until there are enough for a line
in a list of results. The search from a folder shows the same. Full addresses, a picture (messengers
take it from a full address only) and a site map exist only where the site's address is known.
"""

import html
import itertools
import re
import textwrap
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from docutils import nodes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sphinx.util import logging

LOG = logging.getLogger(__name__)
ENOUGH = 60  # characters
PICTURE = "_static/card.png"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
POWER = re.compile(r"\^\{?(-?\d+)\}?")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def description(doctree) -> str:
    """Return the first sentences of a page; empty if it has none."""
    for paragraph in doctree.findall(nodes.paragraph):
        if "page-facts" in paragraph["classes"]:
            continue
        text = POWER.sub(lambda power: power[1].translate(RAISED), paragraph.astext())
        said = ""
        for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
            said = f"{said} {sentence}".strip()
            if len(said) >= ENOUGH:
                break
        return said
    return ""


def collect(app, doctree):
    """Keep the description of a page; the environment is kept between builds."""
    app.env.metadata[app.env.docname]["description"] = said = description(doctree)
    if re.search(r"[\\{}]", said):
        why = "the first sentence of a page describes it in plain text; it cannot hold: %s"
        LOG.warning(why, said, location=app.env.docname, type="page_meta")


def tag(kind: str, name: str, content: str) -> str:
    """Return one line about a page."""
    return f'<meta {kind}="{name}" content="{html.escape(content)}">\n'


def describe(app, pagename, templatename, context, doctree):
    """Put the lines into the head of a page; pages without text are not to be listed."""
    lines = [] if doctree is not None else [tag("name", "robots", "noindex")]
    if doctree is not None:
        config, said = app.config, app.env.metadata[pagename]["description"]
        tags = {
            "og:type": "website" if pagename == config.root_doc else "article",
            "og:site_name": config.html_title,
            "og:title": app.env.titles[pagename].astext(),
            "og:description": said,
        }
        if base := config.html_baseurl:
            tags["og:url"] = base + app.builder.get_target_uri(pagename)
            tags["og:image"] = base + PICTURE
            tags["og:image:alt"] = config.html_title
        large = "summary_large_image" if base else "summary"
        lines += [tag("name", "description", said), tag("name", "twitter:card", large)]
        lines += [tag("property", name, content) for name, content in tags.items()]
    context["metatags"] = context.get("metatags", "") + "".join(lines)


def draw_picture(path: Path, title: str, author: str) -> None:
    """Draw the course's picture: its title, its authors and a small network."""
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 120)
    axes.set_ylim(0, 63)
    layers = [
        [(84 + 14 * k, 31.5 + 11 * (i - (size - 1) / 2)) for i in range(size)]
        for k, size in enumerate((2, 4, 1))
    ]
    for left, right in itertools.pairwise(layers):
        for (x, y), (u, v) in ((a, b) for a in left for b in right):
            axes.plot([x, u], [y, v], color="#555555", linewidth=2, zorder=1)
    for layer, colour in zip(layers, PALETTE, strict=False):
        axes.scatter(*zip(*layer, strict=True), s=1500, color=colour, zorder=2)
    lines = textwrap.wrap(title, 20)
    size = min(44, 150 // len(lines))
    # A title is text, not a formula, whatever its characters.
    axes.text(6, 36, "\n".join(lines), size=size, weight="bold", va="center", parse_math=False)
    axes.text(6, 7, author, size=20, color="#444444", parse_math=False)
    FigureCanvasAgg(figure).print_png(path)


def write_files(app, exception):
    """Write picture and site map where the site's address is known."""
    base = app.config.html_baseurl
    if exception is not None or app.builder.name != "html" or not base:
        return
    out = Path(app.outdir)
    draw_picture(out / PICTURE, app.config.html_title, app.config.author)
    changed, rows = app.env.last_changes, []
    for page in sorted(app.env.found_docs):
        day = f"<lastmod>{changed[page]}</lastmod>" if page in changed else ""
        place = escape(base + app.builder.get_target_uri(page))
        rows.append(f"<url><loc>{place}</loc>{day}</url>\n")
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    head += '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    (out / "sitemap.xml").write_text(f"{head}{''.join(rows)}</urlset>\n", encoding="utf-8")
    if urlsplit(base).path == "/":  # robots look for this at the root of a host only
        text = f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"
        (out / "robots.txt").write_text(text, encoding="utf-8")


def setup(app):
    """Connect the moments at which pages are read and written."""
    app.connect("doctree-read", collect)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
