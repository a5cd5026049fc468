"""The place under each title where links to the downloads stand, once they are made.

What can be downloaded, and how large it is, is known only after the site is built: then
``tools/make_downloads.py`` fills the place in. Until then it is empty, so no link is dead.
"""

from docutils import nodes

PLACE = '<p class="downloads"></p>'


def add_place(app, doctree):
    """Put the empty place under the title."""
    title = next(doctree.findall(nodes.title), None)
    if title is not None:
        place = nodes.raw("", PLACE, format="html")
        title.parent.insert(title.parent.index(title) + 1, place)


def setup(app):
    """Connect before page_facts, whose line comes between title and downloads."""
    app.connect("doctree-read", add_place, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
