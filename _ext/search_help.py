"""Help on the search page: descriptions from disk, and a way on where nothing was found.

Sphinx's own search works from a folder, but cannot quote from the pages it finds there, and answers
a misspelt word with a dead end. A small script on the search page mends both.
"""

import json
from pathlib import Path

from quick_questions import write_script

SCRIPT = Path(__file__).resolve().parent.parent / "interactive" / "search.js"
GLOSSARY = "chapters/reference/glossary"


def add_script(app, pagename, templatename, context, doctree):
    """Load the script on the search page, with what it says about the pages."""
    if pagename != "search":
        return
    known = {page: facts.get("description") for page, facts in app.env.metadata.items()}
    data = json.dumps(known, ensure_ascii=False).replace("</", "<\\/")
    body = f"const PAGE_DESCRIPTIONS = {data}, "
    address = app.builder.get_relative_uri(pagename, GLOSSARY) if GLOSSARY in known else None
    body += f"GLOSSARY = {json.dumps(address)};"
    app.add_js_file(None, body=body)
    app.add_js_file("search.js", loading_method="defer")


def setup(app):
    """Write the script in every build and load it where it is needed."""
    app.connect("builder-inited", lambda app: write_script(app, SCRIPT))
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
