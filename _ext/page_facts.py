"""What a page costs, under its title: reading time, run time, memory, data.

Reading time is counted from words and code, folded solutions apart; the rest
comes from the record that the notebook runner wrote (``_build/runs``). A page
is read anew when its record changed, because new outputs alone do not make
Sphinx look at it again.
"""

import hashlib
import json
from pathlib import Path

from docutils import nodes

WORDS_PER_MINUTE = 200
CODE_LINES_PER_MINUTE = 30


def record_path(app, docname: str) -> Path:
    """Return where the runner keeps the record of a page."""
    return Path(app.srcdir, "_build", "runs", f"{docname}.json")


def identity(app, docname: str) -> str:
    """Return a hash of a page's record, so that a change can be seen."""
    path = record_path(app, docname)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def outdated(app, env, added, changed, removed):
    """Name the pages whose record is not the one they were built with."""
    known = getattr(env, "page_facts", {})
    return [name for name in env.found_docs if known.get(name, "") != identity(app, name)]


def parts_to_read(node):
    """Yield paragraphs and code blocks, without the outputs of cells and folded solutions."""
    for child in node.children:
        if isinstance(child, nodes.Element):
            if "solution" in child.tagname or "cell_output" in child.get("classes", []):
                continue
            if isinstance(child, nodes.TextElement | nodes.literal_block):
                yield child
            else:
                yield from parts_to_read(child)


def reading_minutes(doctree) -> int:
    """Estimate reading time from the words and code lines of a page."""
    minutes = 0.0
    for part in parts_to_read(doctree):
        if isinstance(part, nodes.literal_block):
            minutes += (part.astext().count("\n") + 1) / CODE_LINES_PER_MINUTE
        else:
            minutes += len(part.astext().split()) / WORDS_PER_MINUTE
    return max(1, round(minutes))


def sentence(doctree, record: dict | None) -> str:
    """Return the line that stands under the title."""
    minutes = reading_minutes(doctree)
    parts = [f"About {minutes} minute{'s' if minutes > 1 else ''} to read"]
    if record:
        facts = record["facts"]
        parts.append(f"runs in {max(1, round(facts['seconds']))} s")
        parts.append(f"at most {facts['peak_mib'] / 1024:.1f} GiB of memory")
        for name, source in facts["data"].items():
            parts.append(f"data: {name}, {source}")
    line = " · ".join(parts)
    if record:
        tools = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
        line += f" (measured {facts['date']} on two cores" + (f"; {tools})" if tools else ")")
    return line


def add_facts(app, doctree):
    """Put the line under the title of a chapter."""
    docname = app.env.docname
    if not hasattr(app.env, "page_facts"):
        app.env.page_facts = {}
    app.env.page_facts[docname] = identity(app, docname)
    title = next(doctree.findall(nodes.title), None)
    if title is None or not docname.startswith("chapters/"):
        return
    path = record_path(app, docname)
    record = json.loads(path.read_text()) if path.exists() else None
    if record is None and docname.startswith("chapters/reference/"):
        return  # lists to look things up in are not read from end to end
    line = nodes.paragraph("", sentence(doctree, record), classes=["page-facts"])
    title.parent.insert(title.parent.index(title) + 1, line)


def setup(app):
    """Connect reading and the choice of what to read."""
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", add_facts)
    # Pages record into the environment, so they must be read in one process.
    return {"parallel_read_safe": False, "parallel_write_safe": True, "version": "1"}
