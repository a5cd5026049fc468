"""Quick questions: choices to pick on the site, a fold everywhere else, and all of them together.

In the sources a quick question is a folded part of HTML, which JupyterLab and Colab show as well:
question and options in the summary, one explanation for each option inside. A small script, on
pages with questions only, turns them into radio buttons. ``{quick-review}`` collects the questions
of the pages in one folder. A question of another form is a warning, and so fails the build.
"""

import re
from pathlib import Path

from collecting_pages import collects
from docutils import nodes
from shrink import shrink
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
SCRIPT = Path(__file__).resolve().parent.parent / "interactive" / "quick.js"
OPEN, CLOSE = '<details class="quick-question">', "</details>"
START = re.compile(r"\(([a-z])\) ")
RIGHT = re.compile(r"\([a-z]\) (Right|Yes)\b")


def questions(doctree) -> list[list[nodes.Node]]:
    """Return the nodes of each question of a page, from opening to closing HTML."""
    found = []
    for start in doctree.findall(nodes.raw):
        if not start.astext().strip().startswith(OPEN):
            continue
        block = []
        for node in start.parent[start.parent.index(start) :]:
            block.append(node)
            if isinstance(node, nodes.raw) and node.astext().strip().endswith(CLOSE):
                break
        found.append(block)
    return found


def problem(block: list[nodes.Node]) -> str | None:
    """Say what is wrong with the form of a question, if anything."""
    if not block[-1].astext().strip().endswith(CLOSE):
        return f"{CLOSE} is missing, or not in the same part of the page"
    summary = re.search(r"<summary>(.*)</summary>", block[0].astext(), re.S)
    if summary is None:
        return "the summary must follow the opening tag, with no empty line in it"
    options = [START.match(part.strip()) for part in summary[1].split("<br>")[1:]]
    if len(options) < 2 or None in options:
        return "the summary must end with two or more options, each after <br>: (a) ..., (b) ..."
    answers = [node.astext().strip() for node in block[1:-1]]
    labels = [match[1] for match in map(START.match, answers) if match]
    if labels != [match[1] for match in options]:
        return f"each option must be explained, in order; got explanations for {labels}"
    if sum(map(bool, map(RIGHT.match, answers))) != 1:
        return "the explanation of one option, and of one only, must begin with Right or Yes"
    return None


def collect(app, doctree):
    """Check the questions of a page and keep a copy for the review."""
    found = questions(doctree)
    for block in found:
        if why := problem(block):
            LOG.warning("quick question: %s", why, location=block[0], type="quick")
    copies = [[node.deepcopy() for node in block] for block in found]
    for node in (part for block in copies for top in block for part in top.findall(nodes.Element)):
        node["ids"] = []  # an address belongs to one place
    app.env.quick_questions[app.env.docname] = copies


class Review(nodes.General, nodes.Element):
    """Stands where the questions of a folder's pages will be."""


class ReviewDirective(SphinxDirective):
    """``{quick-review} folder``: the questions of all pages in it."""

    required_arguments = 1

    def run(self):
        """Leave a place to be filled when all pages are read."""
        collects(self.env)  # any page may have a new question
        node = Review(folder=self.arguments[0])
        self.set_source_info(node)
        return [node]


class FillReview(SphinxPostTransform):
    """Put the questions in, before links are resolved."""

    default_priority = 5

    def run(self, **kwargs):
        """Fill each place with the questions of its folder's pages, in the order of the book."""
        for review in list(self.document.findall(Review)):
            parts = []
            for page in reading_order(self.env):
                blocks = self.env.quick_questions.get(page, [])
                if page.startswith(f"{review['folder']}/") and blocks:
                    parts += [self.heading(page), *self.copies(page, blocks)]
            if not parts:
                why = "quick-review: no page in %r has a quick question"
                LOG.warning(why, review["folder"], location=review, type="quick")
            review.replace_self(parts)

    def heading(self, page: str) -> nodes.paragraph:
        """Name the page that asks, with a link to it."""
        link = nodes.reference("", "", internal=True, refuri=self.address(page))
        link += nodes.strong("", self.env.titles[page].astext())
        return nodes.paragraph("", "", link)

    def copies(self, page: str, blocks):
        """Yield copies whose links lead from this page to where they led."""
        for node in (node.deepcopy() for block in blocks for node in block):
            for part in node.findall(nodes.Element):
                if "refdoc" in part:
                    part["refdoc"] = self.env.docname
                if "refid" in part:  # within its own page
                    part["refuri"] = f"{self.address(page)}#{part['refid']}"
                    del part["refid"]
            yield node

    def address(self, page: str) -> str:
        """Return where a page lies, seen from this one."""
        return self.app.builder.get_relative_uri(self.env.docname, page)


def reading_order(env) -> list[str]:
    """Return all pages in the order of the table of contents."""
    order, waiting = [], [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        order.append(page)
        waiting = [*env.toctree_includes.get(page, []), *waiting]
    return order


def prepare(app, env, docnames):
    """Make the collection, which is kept between builds."""
    env.quick_questions = getattr(env, "quick_questions", {})


def purge(app, env, docname):
    """Forget a page that is read anew or gone."""
    getattr(env, "quick_questions", {}).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what another process has read."""
    for docname in docnames:
        env.quick_questions[docname] = other.quick_questions.get(docname, [])


def add_script(app, pagename, templatename, context, doctree):
    """Load the script only where there is a question."""
    if doctree is not None and questions(doctree):
        app.add_js_file("quick.js", loading_method="defer")


def write_script(app, script: Path = SCRIPT):
    """Write a script into the site, in every build, in few characters."""
    if app.builder.format == "html":
        folder = Path(app.outdir, "_static")
        folder.mkdir(parents=True, exist_ok=True)
        text = shrink("application/javascript", script.read_text(encoding="utf-8"))
        (folder / script.name).write_text(text, encoding="utf-8")


def setup(app):
    """Register the directive, the script and the collection."""
    app.setup_extension("collecting_pages")
    app.add_node(Review)
    app.add_directive("quick-review", ReviewDirective)
    app.add_post_transform(FillReview)
    app.connect("builder-inited", write_script)
    app.connect("env-before-read-docs", prepare)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("doctree-read", collect)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
