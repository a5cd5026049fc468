"""A map of the pages, drawn from the table that lists them and what they build on.

``{page-map}`` draws the next table of its section: a band for each part, whose name stands in bold
in a row of its own, a link for each page, and a line to a page from each one that it builds on.
The text inside the directive explains the map. The map is one list in HTML, which wraps on a
phone, and behind it one SVG with the lines; it needs no script. Builders other than those for HTML
leave it out. What cannot be drawn is a warning, and so fails the build.
"""

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOG = logging.getLogger(__name__)
NOTE = "page-map-note"
# The drawing's own units, which the style repeats: a column is 100 wide, whatever that is on the
# screen, and 16 high is one line of text. Boxes leave gutters between columns, gaps between rows.
COLUMNS = 4
WIDTH, HEIGHT = 100, 60
GUTTER, GAP = 16, 18
TRACK = 5  # from one line to the next in a gutter or a gap, where there is room
BEND = 4, 6  # how far before a corner a line begins to turn, across and down
PORT = 12  # lines leave a box at its foot right of the middle, and arrive at its head left of it
HUES = 137.5  # degrees from the hue of one part to the next, so that neighbours differ

Cell = tuple[int, int]  # row and column
Point = tuple[float, float]


@dataclass(frozen=True)
class Page:
    """A row of the table: a page, its part, and the pages to be read first."""

    docname: str
    part: str
    builds_on: tuple[str, ...]


def cells_of(pages: list[Page]) -> dict[str, Cell]:
    """Give each page its cell: in reading order, as text is set, each part in rows of its own."""
    cells: dict[str, Cell] = {}
    row, column, part = -1, 0, None
    for page in pages:
        if page.part != part or column == COLUMNS:
            row, column, part = row + 1, 0, page.part
        cells[page.docname] = row, column
        column += 1
    return cells


def middle(cell: Cell) -> Point:
    """Return the middle of a box."""
    return WIDTH * (cell[1] + 0.5), HEIGHT * (cell[0] + 0.5)


class Tracks:
    """Lines side by side in the gutters and gaps; those that start at one page share a track."""

    def __init__(self):
        self.spans: dict = defaultdict(dict)

    def ask(self, channel: tuple[str, int], source: Cell, start: float, end: float) -> None:
        """Say that a line from a page runs in a channel between two places."""
        known = self.spans[channel].get(source, (start, end))
        self.spans[channel][source] = min(start, end, *known), max(start, end, *known)

    def give(self) -> dict:
        """Return how far each line runs from the middle of each of its channels."""
        offsets = {}
        for (kind, place), spans in self.spans.items():
            ends: list[float] = []
            track_of = {}
            for source, (start, end) in sorted(spans.items(), key=lambda item: item[1]):
                free = (n for n, last in enumerate(ends) if last + max(BEND) < start)
                track_of[source] = track = next(free, len(ends))
                ends[track : track + 1] = [end]
            room = GUTTER if kind == "gutter" else GAP
            step = min(TRACK, room / (len(ends) + 1))
            for source, track in track_of.items():
                offsets[(kind, place), source] = step * (track - (len(ends) - 1) / 2)
        return offsets


def route(source: Cell, target: Cell, offset) -> list[Point]:
    """Return the corners of the line to a page from one that it builds on.

    A neighbour on the right is reached straight, a page in the next row from above, and all others
    from the left. ``offset(channel, start, end)`` tells how far from its middle a gutter or a gap
    is used.
    """
    (row, column), (to_row, to_column) = source, target
    (x, y), (to_x, to_y) = middle(source), middle(target)
    half = (WIDTH - GUTTER) / 2
    if target == (row, column + 1):
        return [(x + half, y), (to_x - half, to_y)]
    foot, under = x + PORT, HEIGHT * (row + 1)
    start = foot, y + (HEIGHT - GAP) / 2
    if to_row == row + 1:
        head = to_x - PORT
        under += offset(("gap", row), foot, head)
        return [start, (foot, under), (head, under), (head, to_y - (HEIGHT - GAP) / 2)]
    beside = WIDTH * to_column
    level = under + offset(("gap", row), foot, beside)
    beside += offset(("gutter", to_column), under, to_y)
    return [start, (foot, level), (beside, level), (beside, to_y), (to_x - half, to_y)]


def routes(edges: list[tuple[Cell, Cell]]) -> list[list[Point]]:
    """Return the corners of the lines from one cell to another."""
    tracks = Tracks()
    for source, target in edges:

        def ask(channel, start, end, source=source):
            tracks.ask(channel, source, start, end)
            return 0

        route(source, target, ask)
    given = tracks.give()
    return [
        route(source, target, lambda channel, *_, source=source: given[channel, source])
        for source, target in edges
    ]


def path(points: list[Point]) -> str:
    """Write a line of horizontal and vertical pieces, with round corners, in SVG's language."""

    def pair(point: Point) -> str:
        return f"{point[0]:.0f} {point[1]:.0f}"

    def towards(corner: Point, other: Point) -> Point:
        """Return the place at which a line begins to bend around a corner."""
        return tuple(
            c + max(-bend, min(bend, (o - c) / 2))
            for c, o, bend in zip(corner, other, BEND, strict=True)
        )

    def on(start: Point, end: Point) -> str:
        return f"H{end[0]:.0f}" if start[1] == end[1] else f"V{end[1]:.0f}"

    text = f"M{pair(points[0])}"
    for (before, corner), (_, after) in pairwise(pairwise(points)):
        text += on(before, towards(corner, before))
        text += f"Q{pair(corner)} {pair(towards(corner, after))}"
    return text + on(*points[-2:])


def drawing(pages: list[Page]) -> str:
    """Return the lines: for each part those inside it, then those that leave it."""
    cells, part_of = cells_of(pages), {page.docname: page.part for page in pages}
    edges = [(first, page.docname) for page in pages for first in page.builds_on]
    drawn = routes([(cells[first], cells[then]) for first, then in edges])
    rows = 1 + max(row for row, _ in cells.values())
    box = f"0 0 {COLUMNS * WIDTH} {rows * HEIGHT}"
    text = f'<svg viewBox="{box}" preserveAspectRatio="none" aria-hidden="true">'
    for number, part in enumerate(dict.fromkeys(part_of.values())):
        for kind, inside in (("", True), (' class="far"', False)):
            lines = "".join(
                path(points)
                for (first, then), points in zip(edges, drawn, strict=True)
                if part_of[first] == part and (part_of[then] == part) == inside
            )
            if lines:
                text += f'<path{kind} style="{hue(number)}" d="{lines}"/>'
    return text + "</svg>"


def hue(number: int) -> str:
    """Return what gives a part its colour."""
    return f"--hue:{number * HUES % 360:.0f}"


def html(pages: list[Page], names: dict[str, str], addresses: dict[str, str]) -> str:
    """Return the map."""
    text = f'<nav class="page-map" aria-label="Map of the pages" aria-describedby="{NOTE}">\n'
    text += f"{drawing(pages)}\n<ul>\n"
    for number, part in enumerate(dict.fromkeys(page.part for page in pages)):
        text += f'<li style="{hue(number)}"><b>{escape(part)}</b><ul>\n'
        for page in pages:
            if page.part == part:
                name, address = escape(names[page.docname]), escape(addresses[page.docname])
                text += f'<li><a href="{address}">{name}</a></li>\n'
        text += "</ul></li>\n"
    return f"{text}</ul>\n</nav>"


class Map(nodes.General, nodes.Element):
    """Stands where the map will be, with the text that explains it."""


class PageMap(SphinxDirective):
    """``{page-map}``: a map from the next table of the section."""

    has_content = True

    def run(self):
        """Leave a place to be filled when all pages are known."""
        self.assert_has_content()
        node = Map()
        self.set_source_info(node)
        node += self.parse_content_to_nodes()
        return [node]


class DrawMaps(SphinxPostTransform):
    """Draw the maps, before the table's links are resolved and no longer say what was written."""

    default_priority = 5

    def run(self, **kwargs):
        """Put each map in its place."""
        for place in list(self.document.findall(Map)):
            place.replace_self(self.drawn(place) if self.app.builder.format == "html" else [])

    def drawn(self, place: Map) -> list[nodes.Node]:
        """Return the explanation and the map."""
        siblings = place.parent[place.parent.index(place) :]
        table = next((found for node in siblings for found in node.findall(nodes.table)), None)
        if table is None:
            return self.warn(place, "there is no table after it in its section")
        pages, names = self.read(table)
        if not pages:
            return self.warn(place, "the table after it names no page")
        names = {page.docname: names.get(page.docname) or self.title(page) for page in pages}
        here = self.app.builder.get_relative_uri
        addresses = {page.docname: here(self.env.docname, page.docname) for page in pages}
        note = nodes.container("", *place.children, ids=[NOTE], classes=[NOTE])
        return [note, nodes.raw("", html(pages, names, addresses), format="html")]

    def title(self, page: Page) -> str:
        """Return the title of a page."""
        return self.env.titles[page.docname].astext()

    def read(self, table: nodes.table) -> tuple[list[Page], dict[str, str]]:
        """Return the pages of a table, and the names that it has for them besides their titles.

        A row without a link to a page, as of a book that leaves the page out, is passed over;
        Sphinx warns of labels that nothing has.
        """
        pages: dict[str, Page] = {}
        names: dict[str, str] = {}
        part = None
        for row in next(table.findall(nodes.tbody)).findall(nodes.row):
            first, *_, last = row.children
            if any(first.findall(nodes.strong)):
                part = first.astext().strip()
                continue
            [docname] = self.links(first, names)[:1] or [None]
            if docname is None:
                continue
            builds_on = self.links(last, names)
            if part is None:
                self.warn(row, f"{docname} stands before the first part, a row in bold")
            elif docname in pages:
                self.warn(row, f"{docname} has two rows")
            elif missing := [other for other in builds_on if other not in pages]:
                # Were all earlier rows, there could be no circle, and lines lead on, never back.
                why = "{} builds on {}, which has no row before it: a page stands after all that"
                self.warn(row, f"{why} it builds on".format(docname, missing[0]))
            else:
                pages[docname] = Page(docname, part, tuple(builds_on))
        return list(pages.values()), names

    def links(self, cell: nodes.entry, names: dict[str, str]) -> list[str]:
        """Return the pages that a cell links, and keep the names that it has for them."""
        labels = self.env.get_domain("std").labels
        found = []
        for link in cell.findall(addnodes.pending_xref):
            docname = labels.get(link["reftarget"], [None])[0]
            if docname is not None:
                found.append(docname)
                if link["refexplicit"]:
                    name = link.astext()
                    names.setdefault(docname, name[:1].upper() + name[1:])
        return found

    def warn(self, node: nodes.Node, why: str) -> list[nodes.Node]:
        """Say at which line what cannot be drawn; draw nothing."""
        place = next(node.findall(addnodes.pending_xref), node)  # a row does not know its line
        LOG.warning("page-map: %s", why, location=place, type="page_map")
        return []


def setup(app):
    """Register the directive."""
    app.add_node(Map)
    app.add_directive("page-map", PageMap)
    app.add_post_transform(DrawMaps)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
