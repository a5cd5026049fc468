"""The first mention of a glossary term on a page leads to its entry and carries its definition.

Authors write plain words, so that notebooks read the same everywhere. When a page is written for
the site, the first mention of each entry in its running text becomes a link; a small script shows
the definition beside it, and without scripts the link is enough. ``glossary_other_senses`` lists
the terms that are everyday words as well, and phrases such as "unit matrix" in which a term means
something else; there a term is linked only where ``{term}`` says so.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from nn_interactive import Laboratory
from quick_questions import questions, write_script
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_exercise.nodes import solution_node

LOG = logging.getLogger(__name__)
SCRIPT = Path(__file__).resolve().parent.parent / "interactive" / "glossary.js"
MOST = 2  # links in a paragraph; with more it reads as a list of links

# Where no link is wanted: what is no running text, what is a link already, what is folded.
CLOSED = (
    nodes.title,
    nodes.caption,
    nodes.table,
    nodes.literal,
    nodes.FixedTextElement,
    nodes.math,
    nodes.math_block,
    nodes.reference,
    nodes.raw,
    nodes.citation,
    nodes.footnote,
    nodes.rubric,
    addnodes.desc,
    addnodes.toctree,
    solution_node,
    Laboratory,
)
CLOSED_CLASSES = {"cell_input", "cell_output", "page-facts"}
CLOSED_SECTIONS = {"References", "Bibliography"}


@dataclass(frozen=True)
class Entry:
    """One entry of the glossary: where it stands, its spellings, and what it says."""

    page: str
    anchor: str
    terms: tuple[str, ...]
    definition: str


class GlossaryLink(nodes.Inline, nodes.TextElement):
    """A link to an entry, with the entry's definition."""


def visit_link(self, node):
    """Open the link."""
    data = {"data-definition": node["definition"]}
    self.body.append(
        self.starttag(node, "a", "", CLASS="glossary-term", href=node["refuri"], **data)
    )


def depart_link(self, node):
    """Close the link."""
    self.body.append("</a>")


def entries_in(doctree, page: str) -> list[Entry]:
    """Return the entries of all glossaries on a page."""
    found = []
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            terms = [part for part in item.children if isinstance(part, nodes.term)]
            said = next(item.findall(nodes.paragraph), None)
            if said is not None:
                # Index entries stand inside a term, too, and have no text.
                spellings = tuple(term.astext() for term in terms)
                text = " ".join(said.astext().split())
                found.append(Entry(page, terms[0]["ids"][0], spellings, text))
    return found


def spelling(term: str) -> str:
    """Return a pattern for a term in the singular or plural.

    A term written with a capital is a name, and means nothing else only when written so.
    """
    plural = rf"(?:{re.escape(term)}(?:e?s)?"
    plural += rf"|{re.escape(term[:-1])}ies)" if term.endswith("y") else ")"
    pattern = plural.replace("\\ ", r"\s+").replace("'", "['’]")
    return pattern if re.search("[A-Z]", term) else f"(?i:{pattern})"


class Finder:
    """Finds the terms of a glossary in a text, the longest where several phrases fit."""

    def __init__(self, entries: list[Entry], other_senses: list[str]):
        pairs = [(term, e) for e in entries for term in e.terms if term not in other_senses]
        pairs = [(term, e) for term, e in pairs if len(term) > 1]  # no single symbols
        pairs += [(phrase, None) for phrase in other_senses]
        pairs.sort(key=lambda pair: -len(pair[0]))
        self.entries = [entry for _, entry in pairs]
        patterns = [f"({spelling(term)})" for term, _ in pairs] or ["(?!)"]
        # A part of a compound, such as the class in class-balanced, may mean something else.
        self.pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])")

    def find(self, text: str):
        """Yield start, end and entry of each term in a text."""
        for match in self.pattern.finditer(text):
            if entry := self.entries[match.lastindex - 1]:
                yield match.start(), match.end(), entry


def is_closed(node: nodes.Element) -> bool:
    """Tell whether no link may stand in a part of a page."""
    if isinstance(node, nodes.section):
        title = node.next_node(nodes.title)
        return title is not None and title.astext() in CLOSED_SECTIONS
    return isinstance(node, CLOSED) or bool(CLOSED_CLASSES & set(node["classes"]))


def open_texts(node: nodes.Element, folds: set[int]):
    """Yield the pieces of text in which links may stand."""
    for child in node.children:
        if isinstance(child, nodes.Text):
            yield child
        elif id(child) not in folds and not is_closed(child):
            yield from open_texts(child, folds)


def block_of(node: nodes.Node) -> nodes.Node:
    """Return the paragraph, or another block, in which a piece of text stands."""
    while isinstance(node, nodes.Text | nodes.Inline):
        node = node.parent
    return node


class LinkFirstMentions(SphinxPostTransform):
    """Put the links in when everything else on the page has its final form."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        """Link the first mention of each entry outside the page of the glossary."""
        page = self.env.docname
        by_address = {(e.page, e.anchor): e for e in all_entries(self.env)}
        if any(entry.page == page for entry in by_address.values()):
            return
        linked = self.upgrade_roles(by_address)
        finder = Finder(list(by_address.values()), self.config.glossary_other_senses)
        folds = {id(node) for block in questions(self.document) for node in block}
        in_block: dict[int, int] = {}
        for text in list(open_texts(self.document, folds)):
            self.link(text, finder, linked, in_block)

    def upgrade_roles(self, by_address: dict) -> set[Entry]:
        """Give definitions to the links that authors have made, and return their entries."""
        here = self.app.builder.get_relative_uri
        addresses = {f"{here(self.env.docname, p)}#{a}": e for (p, a), e in by_address.items()}
        done = set()
        for reference in list(self.document.findall(nodes.reference)):
            if entry := addresses.get(reference.get("refuri")):
                reference.replace_self(self.made(entry, reference.astext()))
                done.add(entry)
        return done

    def link(self, text: nodes.Text, finder: Finder, linked: set[Entry], in_block: dict[int, int]):
        """Replace a piece of text by itself with links in it."""
        words, parts, end = text.astext(), [], 0
        block = id(block_of(text.parent))
        for start, stop, entry in finder.find(words):
            if entry in linked or in_block.get(block, 0) == MOST:
                continue
            linked.add(entry)
            in_block[block] = in_block.get(block, 0) + 1
            parts += [nodes.Text(words[end:start]), self.made(entry, words[start:stop])]
            end = stop
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(words[end:])])

    def made(self, entry: Entry, words: str) -> GlossaryLink:
        """Return a link to an entry."""
        target = self.app.builder.get_relative_uri(self.env.docname, entry.page)
        uri = f"{target}#{entry.anchor}"
        return GlossaryLink("", words, refuri=uri, definition=entry.definition)


def all_entries(env) -> list[Entry]:
    """Return the entries of the whole book."""
    return [entry for page in env.glossary_entries.values() for entry in page]


def prepare(app, env, docnames):
    """Make the collection, which is kept between builds."""
    env.glossary_entries = getattr(env, "glossary_entries", {})


def purge(app, env, docname):
    """Forget a page that is read anew or gone."""
    getattr(env, "glossary_entries", {}).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what another process has read."""
    for name in docnames:
        env.glossary_entries[name] = other.glossary_entries.get(name, [])


def collect(app, doctree):
    """Keep the entries of a page."""
    app.env.glossary_entries[app.env.docname] = entries_in(doctree, app.env.docname)


def check(app, env) -> list[str]:
    """Check the list of other senses; name all pages to be written anew if the glossary changed."""
    entries, phrases = all_entries(env), app.config.glossary_other_senses
    finder = Finder(entries, [])
    # A book of a few pages may have no glossary.
    if idle := [phrase for phrase in phrases if entries and not list(finder.find(phrase))]:
        why = "glossary_other_senses: no term of the glossary is in: %s"
        LOG.warning(why, ", ".join(idle), type="glossary")
    before, env.glossary_before = getattr(env, "glossary_before", None), entries
    return [] if before == entries else sorted(env.found_docs)


def add_script(app, pagename, templatename, context, doctree):
    """Load the script only where there is a term."""
    if doctree is not None and any(doctree.findall(GlossaryLink)):
        app.add_js_file("glossary.js", loading_method="defer")


def setup(app):
    """Register the setting, the links and the script."""
    app.add_config_value("glossary_other_senses", [], "env", types=[list])
    app.add_node(GlossaryLink, html=(visit_link, depart_link))
    app.add_post_transform(LinkFirstMentions)
    app.connect("builder-inited", lambda app: write_script(app, SCRIPT))
    app.connect("env-before-read-docs", prepare)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("doctree-read", collect)
    app.connect("env-updated", check)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
