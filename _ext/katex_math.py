"""Formulas rendered in the build, so that a page needs no script and no network for them.

KaTeX runs once, inside Python (mini-racer). A page with formulas loads one
style sheet and a few fonts from the site itself; a screen reader finds MathML.
A formula that KaTeX cannot read is a warning, and so fails the build.
"""

import atexit
from pathlib import Path

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOG = logging.getLogger(__name__)
KATEX = Path(__file__).parent.parent / "_vendor" / "build" / "katex.min.js"


class Katex:
    """One JavaScript context for the whole build; the same formula is rendered once."""

    def __init__(self):
        self.context = None
        self.known: dict[tuple[str, bool], str] = {}

    def render(self, tex: str, display: bool) -> str:
        """Return a formula as HTML and MathML, or raise if KaTeX cannot read it."""
        if self.context is None:
            self.context = MiniRacer()
            # Left to Python's last moments, closing would wait for a thread that is gone.
            atexit.register(self.context.close)
            self.context.eval(KATEX.read_text(encoding="utf-8"))
        if (tex, display) not in self.known:
            options = {"displayMode": display, "throwOnError": True, "strict": "error"}
            self.known[tex, display] = self.context.call("katex.renderToString", tex, options)
        return self.known[tex, display]


katex = Katex()


def render(translator, node: nodes.Node, display: bool) -> str:
    """Render a node's formula; a mistake in it becomes a warning at its place."""
    tex = node.astext()
    if display and "\\\\" in tex and "\\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    try:
        return katex.render(tex, display)
    except Exception as error:
        LOG.warning("KaTeX cannot read %r: %s", tex, error, location=node, type="katex")
        return f"<code>{translator.encode(tex)}</code>"


def visit_inline(self, node):
    """Write a formula inside a line."""
    self.body.append(f'<span class="math">{render(self, node, display=False)}</span>')
    raise nodes.SkipNode


def visit_block(self, node):
    """Write a displayed formula, with its number if it has a label."""
    ids = f' id="{node["ids"][0]}"' if node["ids"] else ""
    # Focusable, because a wide formula scrolls sideways inside its box.
    self.body.append(f'<div class="math"{ids} tabindex="0" role="group" aria-label="formula">')
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Permalink to this equation"))
        self.body.append("</span>")
    self.body.append(render(self, node, display=True))
    self.body.append("</div>\n")
    raise nodes.SkipNode


def add_style(app, pagename, templatename, context, doctree):
    """Load the style sheet only where there are formulas."""
    if doctree is not None and any(doctree.findall(lambda n: isinstance(n, MATH))):
        app.add_css_file("katex/katex.min.css")


MATH = (nodes.math, nodes.math_block)


def setup(app):
    """Register the renderer ``katex``."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    app.connect("html-page-context", add_style)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
