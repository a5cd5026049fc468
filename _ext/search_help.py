"""Help on the search page: descriptions from disk, and a way on where nothing was found.

Sphinx's own search works from a folder, but cannot quote from the pages it finds there, and answers
a misspelt word with a dead end. A small script on the search page mends both. And what it knows of
index entries, such as the terms of the glossary, must outlive a build of changed pages only.
"""

import json
import pickle
from pathlib import Path

from quick_questions import write_script
from sphinx.application import ENV_PICKLE_FILENAME

SCRIPT = Path(__file__).resolve().parent.parent / "interactive" / "search.js"
GLOSSARY = "chapters/reference/glossary"


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on the search page, with what it says about the pages."""
    if pagename != "search":
        return
    known = {page: facts.get("description") for page, facts in app.env.metadata.items()}
    address = app.builder.get_relative_uri(pagename, GLOSSARY) if GLOSSARY in known else None
    data = f"const PAGE_DESCRIPTIONS = {json.dumps(known, ensure_ascii=False)},\n"
    data += f"GLOSSARY = {json.dumps(address)};\n"
    Path(app.outdir, "_static", "search_pages.js").write_text(data, encoding="utf-8")
    for name in ("search_pages.js", "search.js"):
        app.add_js_file(name, loading_method="defer")


def keep_index_entries(app, exception):
    """Save the environment again: Sphinx does so before it writes the pages and meets the entries.

    Otherwise the next build, if it writes only what changed, leaves all others out of the search.
    """
    if exception is None:
        with Path(app.doctreedir, ENV_PICKLE_FILENAME).open("wb") as file:
            pickle.dump(app.env, file, pickle.HIGHEST_PROTOCOL)


def setup(app):
    """Write the script in every build and load it where it is needed."""
    app.connect("build-finished", keep_index_entries)
    app.connect("builder-inited", lambda app: write_script(app, SCRIPT))
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
