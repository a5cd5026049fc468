"""Every picture says in words what it shows, or the build fails.

Without alt text a computed figure would get its file's hash as a description.
"""

from docutils import nodes
from sphinx.util import logging

LOG = logging.getLogger(__name__)
SHORTEST = 30  # characters; less is a name, not a description


def check_images(app, doctree, docname):
    """Warn about pictures without a description."""
    for image in doctree.findall(nodes.image):
        alt = " ".join(image.get("alt", "").split())
        if len(alt) < SHORTEST:
            LOG.warning(
                "a picture needs alt text of at least %d characters that says what it shows; "
                "it has %r (for a computed figure: mystnb.image.alt in the cell's metadata)",
                SHORTEST,
                alt,
                location=(docname, image.line),
                type="alt_text",
            )


def setup(app):
    """Look at pages after the outputs of notebooks have become pictures."""
    app.connect("doctree-resolved", check_images)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
