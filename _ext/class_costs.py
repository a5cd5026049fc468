"""What a class costs in memory, processors and disk, computed from what was measured.

The directive ``class-costs`` stands for a table. With the word ``learner`` it is what one learner
needs; with numbers, what classes of so many learners need. The pages' own costs come from the
records that the runner wrote, JupyterLab's and the hub's from ``tools/hub/memory.json``, which the
test with a real hub wrote. Nothing is typed by hand.
"""

import json
from pathlib import Path
from statistics import median

from collecting_pages import collects
from docutils import nodes
from execution_report import NOTHING, records, table
from sphinx.util.docutils import SphinxDirective

MEASURED = Path("tools", "hub", "memory.json")
SMALL_MACHINE_MIB = 2e9 / 1024**2  # the 2 GB that Binder allows
AT_ONCE_S = 300  # a class that is told to run a page does so within five minutes


class Costs(nodes.General, nodes.Element):
    """The place of the table until all pages have been read."""


class ClassCosts(SphinxDirective):
    """Mark the place, and the page as one that is made from others."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """Return the mark."""
        words = self.arguments[0].split()
        if words != ["learner"] and not all(word.isdecimal() and int(word) for word in words):
            raise self.error(f"class-costs takes 'learner' or numbers of learners, not {words}")
        collects(self.env)
        self.env.note_dependency(MEASURED.as_posix())
        return [Costs(sizes=[int(word) for word in words if word.isdecimal()])]


def mib(value: float) -> str:
    """Write an amount of memory for one learner."""
    return f"{value:,.0f} MiB"


def gib(value: float) -> str:
    """Write an amount of memory or disk for a class."""
    return f"{max(1, value / 1024):,.0f} GiB"


def cores(seconds: float | None, learners: int) -> str:
    """Write how many cores do so much work for each learner in the time a class takes."""
    return NOTHING if seconds is None else f"{max(1, -(-learners * seconds // AT_ONCE_S)):,.0f}"


def known(app) -> tuple[dict, dict]:
    """Return what the hub's test measured, and the facts of every page that has run."""
    measured = json.loads((Path(app.srcdir) / MEASURED).read_text(encoding="utf-8"))
    facts = {page: record["facts"] for page, record in records(app).items() if record}
    return measured, facts


def peaks(measured: dict, facts: dict) -> dict[str, int]:
    """Return the highest memory of each page, with the processes that it starts."""
    whole = measured["with_their_processes"]
    return {page: max(fact["peak_mib"], whole.get(page, 0)) for page, fact in facts.items()}


def one_learner(app, docname: str, measured: dict, memory: dict[str, int]) -> nodes.table:
    """Return the table of what one learner needs."""

    def page(before: str, name: str) -> nodes.Node:
        if name not in app.env.titles:  # measured before this book left it out
            return nodes.Text(before + name)
        target = app.builder.get_relative_uri(docname, name)
        title = app.env.titles[name].astext()
        link = nodes.reference("", title, refuri=target, internal=True)
        return nodes.inline("", "", nodes.Text(before), link)

    one, heaviest = measured["mib"], max(memory, key=memory.get)
    total = one["server_rss"] + memory[heaviest]
    ran = page("A kernel that has run ", measured["page"])
    rows = [
        ["JupyterLab's server", mib(one["server_rss"]), mib(one["server_pss"])],
        [ran, mib(one["kernel_rss"]), mib(one["kernel_pss"])],
        ["The usual page (median of all)", mib(median(memory.values())), NOTHING],
        [page("The heaviest page, ", heaviest), mib(memory[heaviest]), NOTHING],
        ["The heaviest page and JupyterLab", mib(total), NOTHING],
        ["Left of 2 GB", mib(SMALL_MACHINE_MIB - total), NOTHING],
    ]
    head = ["What", "Memory at most", "Its share in a class"]
    return table(head, rows, text_columns={0})


def classes(sizes: list[int], measured: dict, facts: dict, memory: dict[str, int]) -> nodes.table:
    """Return the table of what classes need."""
    one = measured["mib"]
    usual, heaviest = median(memory.values()), max(memory.values())
    work = [fact["cpu_seconds"] for fact in facts.values() if fact.get("cpu_seconds") is not None]
    usual_s, most_s = (median(work), max(work)) if work else (None, None)

    def together(page: float, learners: int) -> str:
        return gib(one["hub"] + learners * (one["server_rss"] + page))

    rows = [
        ["Memory, everybody on the usual page", *(together(usual, n) for n in sizes)],
        ["Memory, everybody on the heaviest page", *(together(heaviest, n) for n in sizes)],
        ["Cores, everybody runs the usual page", *(cores(usual_s, n) for n in sizes)],
        ["Cores, everybody runs the longest page", *(cores(most_s, n) for n in sizes)],
        ["Disk for the environment, once a machine", *(gib(one["environment"]) for _ in sizes)],
        ["Disk for the homes, as pulled and run", *(gib(n * one["home"]) for n in sizes)],
    ]
    head = ["What", *(f"{n} learners" for n in sizes)]
    return table(head, rows, text_columns={0})


def fill(app, doctree, docname):
    """Put the tables in the place of the marks."""
    for mark in list(doctree.findall(Costs)):
        measured, facts = known(app)
        if not facts:
            text = "No notebook has run yet, so there is nothing to compute from."
            mark.replace_self(nodes.paragraph("", text))
            continue
        memory = peaks(measured, facts)
        if mark["sizes"]:
            mark.replace_self(classes(mark["sizes"], measured, facts, memory))
        else:
            mark.replace_self(one_learner(app, docname, measured, memory))


def setup(app):
    """Register the directive and the moments at which it acts."""
    app.setup_extension("collecting_pages")
    app.add_node(Costs)
    app.add_directive("class-costs", ClassCosts)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
