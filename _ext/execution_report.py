"""What every notebook cost, from the records that the runner wrote; nothing is typed by hand.

The directive ``execution-report`` stands for two tables: the notebooks in reading order, and the
versions and machines they ran on. They are made when all pages have been read, because only then
are titles and order known.
"""

import json
from collections import Counter

from collecting_pages import collects
from docutils import nodes
from page_facts import record_path
from quick_questions import reading_order
from sphinx.util.docutils import SphinxDirective

NOTHING = "–"


class Report(nodes.General, nodes.Element):
    """The place of the tables until all pages have been read."""


class ExecutionReport(SphinxDirective):
    """Mark the place, and the page as one that is made from others."""

    def run(self):
        """Return the mark."""
        collects(self.env)
        return [Report()]


def records(app) -> dict[str, dict | None]:
    """Return each notebook's record, None where it has not run."""
    names = reading_order(app.env)
    paths = {n: record_path(app, n) for n in names if app.env.doc2path(n).endswith(".ipynb")}
    return {n: json.loads(p.read_text()) if p.exists() else None for n, p in paths.items()}


def table(head: list[str], rows: list[list], *, text_columns: set[int]) -> nodes.table:
    """Return a table; a cell is a text or a node, and columns of numbers are set to the right."""

    def row(cells):
        line = nodes.row()
        for column, cell in enumerate(cells):
            inside = cell if isinstance(cell, nodes.Node) else nodes.Text(cell)
            side = "text-left" if column in text_columns else "text-right"
            line += nodes.entry("", nodes.paragraph("", "", inside), classes=[side])
        return line

    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=max(12, len(text))) for text in head]
    group += nodes.thead("", row(head))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group)


def seconds(values: list[float | None]) -> str:
    """Return a sum of seconds, if all of them are known."""
    return NOTHING if None in values else f"{sum(values):,.1f}"


def costs(app, docname: str, known: dict[str, dict | None]) -> nodes.table:
    """Return the table of the notebooks, the last row their total."""
    facts = {page: record["facts"] for page, record in known.items() if record}
    # Processor time is given where the runner has measured it.
    measured = ["seconds"] + ["cpu_seconds"] * any("cpu_seconds" in f for f in facts.values())
    heads = {"seconds": "Run time, s", "cpu_seconds": "Processor time, s"}
    rows = []
    for page in known:
        target = app.builder.get_relative_uri(docname, page)
        link = nodes.reference("", app.env.titles[page].astext(), refuri=target, internal=True)
        fact = facts.get(page)
        if fact is None:
            rows.append([link, *["not run"] * len(measured), NOTHING, NOTHING])
            continue
        data = ", ".join(f"{name}: {source}" for name, source in fact["data"].items()) or NOTHING
        times = [seconds([fact.get(name)]) for name in measured]
        rows.append([link, *times, f"{fact['peak_mib']:,}", data])
    sums = [seconds([f.get(name) for f in facts.values()]) for name in measured]
    peak = max((f["peak_mib"] for f in facts.values()), default=None)
    total = f"{len(facts)} of {len(known)} notebooks, times added up"
    rows.append([total, *sums, NOTHING if peak is None else f"at most {peak:,}", ""])
    head = ["Notebook", *[heads[name] for name in measured], "Peak memory, MiB", "Data"]
    return table(head, rows, text_columns={0, len(head) - 1})


def conditions(known: dict[str, dict | None]) -> nodes.table:
    """Return the table of versions, days and machines, with the number of notebooks for each."""
    found: dict[str, Counter] = {}
    for record in filter(None, known.values()):
        facts = record["facts"]
        seen = {"Python": record["depends_on"]["python"], **facts["versions"]}
        seen |= {"processor cores": facts.get("cores"), "day of the run": facts["date"]}
        for name, value in seen.items():
            if value is not None:
                found.setdefault(name, Counter())[str(value)] += 1
    rows = [
        [name, value, f"{number}"]
        for name, values in found.items()
        for value, number in sorted(values.items())
    ]
    return table(["What", "Which", "Notebooks"], rows, text_columns={0, 1})


def fill(app, doctree, docname):
    """Put the tables in the place of the mark."""
    for mark in list(doctree.findall(Report)):
        known = records(app)
        tables = [costs(app, docname, known)]
        if any(known.values()):
            tables.append(conditions(known))
        else:
            text = "No notebook has run yet, so there are no versions to name."
            tables.append(nodes.paragraph("", text))
        mark.replace_self(tables)


def setup(app):
    """Register the directive and the moments at which it acts."""
    app.setup_extension("collecting_pages")
    app.add_node(Report)
    app.add_directive("execution-report", ExecutionReport)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
