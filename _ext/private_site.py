"""Nothing on the site asks a third party for anything.

Jupyter Book always loads sphinx-thebe, which points every page at a script on
a public server and throws an error in the console; it is taken out here. What
the site needs from others is vendored and served by the site itself. It lies
outside ``_static``, because Jupyter Book links every script and style sheet
found there on every page.
"""

from pathlib import Path

from docutils import nodes

VENDORED = Path(__file__).parent.parent / "_vendor" / "served"


def serve_vendored(app):
    """Copy the vendored files to the site without linking them on every page."""
    app.config.html_static_path.append(str(VENDORED))


def remove_thebe_nodes(app, doctree, docname):
    """Take the settings of thebe out of a page's body."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext() or "kernelName" in node.astext():
            node.parent.remove(node)


def remove_thebe_files(app, pagename, templatename, context, doctree):
    """Take the scripts and styles of thebe out of a page's head."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not names_thebe(file)]


def names_thebe(file) -> bool:
    """Tell whether a script or style, linked or inline, belongs to thebe."""
    attributes = getattr(file, "attributes", {})
    return "thebe" in f"{file} {getattr(file, 'filename', '')} {attributes}".lower()


def setup(app):
    """Connect the steps; the last one after all extensions have added their files."""
    app.connect("builder-inited", serve_vendored)
    app.connect("doctree-resolved", remove_thebe_nodes, priority=900)
    app.connect("html-page-context", remove_thebe_files, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
