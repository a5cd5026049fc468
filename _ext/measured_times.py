"""What a page costs, quoted on another page: its link, then the line under its title.

The directive ``measured-time`` names a page, as ``_toc.yml`` does. It is filled when all pages
have been read, because only then is that line known (see ``page_facts``).
"""

from collecting_pages import collects
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class Quote(nodes.General, nodes.Element):
    """The place of a quoted line until all pages have been read."""


class MeasuredTime(SphinxDirective):
    """Mark the place, and the page as one that is made from others."""

    required_arguments = 1

    def run(self):
        """Return the mark."""
        collects(self.env)
        mark = Quote(page=self.arguments[0])
        self.set_source_info(mark)
        return [mark]


def facts_of(doctree) -> str:
    """Return the line under a title, without day and versions; empty if there is none."""
    for line in doctree.findall(nodes.paragraph):
        if "page-facts" in line["classes"]:
            return line.astext().split(" (measured ")[0]
    return ""


def fill(app, doctree, docname):
    """Put link and line in the place of each mark."""
    for mark in list(doctree.findall(Quote)):
        page = mark["page"]
        if page not in app.env.titles:
            logger.warning("measured-time: %r is no page of the book", page, location=mark)
            mark.parent.remove(mark)
            continue
        target = app.builder.get_relative_uri(docname, page)
        line = nodes.paragraph("", "", classes=["page-facts"])
        line += nodes.reference("", app.env.titles[page].astext(), refuri=target, internal=True)
        if facts := facts_of(app.env.get_doctree(page)):
            line += nodes.Text(f" · {facts[0].lower()}{facts[1:]}")
        mark.replace_self(line)


def setup(app):
    """Register the directive and the moments at which it acts."""
    app.setup_extension("collecting_pages")
    app.add_node(Quote)
    app.add_directive("measured-time", MeasuredTime)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
