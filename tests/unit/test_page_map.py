"""The map of the pages: read from its table, drawn without overlaps, refused when it cannot be."""

import re
import subprocess
import sys
from itertools import combinations, pairwise, product

import pytest
from bs4 import BeautifulSoup
from run_notebooks import ROOT

sys.path.insert(0, str(ROOT / "_ext"))

from page_map import COLUMNS, GAP, GUTTER, HEIGHT, WIDTH, Page, cells_of, middle, path, routes

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "_ext")!r})
extensions = ["myst_parser", "page_map"]
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["_build"]
"""
START = """# Start

## Pages

:::{page-map}
What the lines *mean*.
:::

| Page | Gives | Read first |
|---|---|---|
| **Part <1>** | | |
| {ref}`ch-a` | a | nothing |
| {ref}`ch-b` | b | {ref}`the first <ch-a>` |
| a page left out | c | nothing |
| **Part 2** | | |
| {ref}`third & last <ch-c>` | c | {ref}`the beginning <ch-a>` and {ref}`ch-b` |

```{toctree}
part/a
part/b
part/c
```
"""
TITLES = {"a": "Title of A", "b": "Title of B: “quoted”", "c": "Title of C"}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.md").write_text(START)
    for name, title in TITLES.items():
        (tmp_path / "part" / f"{name}.md").write_text(f"(ch-{name})=\n# {title}\n\nText.\n")
    return tmp_path


def build(project, builder: str = "html") -> str:
    """Build the project and return what it complained about."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", builder, ".", "_build"],
        cwd=project, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def built(project, name: str = "index.html") -> BeautifulSoup:
    return BeautifulSoup((project / "_build" / name).read_text(encoding="utf-8"), "html.parser")


# -- the page --------------------------------------------------------------------------------


def test_pages_stand_part_by_part_under_the_names_that_the_table_has_for_them(project):
    assert build(project) == ""
    parts = built(project).select("nav.page-map > ul > li")
    shown = [[part.b.text, *((a["href"], a.text) for a in part.select("a"))] for part in parts]
    assert shown == [
        ["Part <1>", ("part/a.html", "The first"), ("part/b.html", TITLES["b"])],
        ["Part 2", ("part/c.html", "Third & last")],
    ]


def test_lines_are_for_the_eye_and_the_map_says_what_it_is(project):
    build(project)
    page = built(project)
    nav = page.select_one("nav.page-map")
    assert nav["aria-label"]
    assert page.find(id=nav["aria-describedby"]).get_text(strip=True) == "What the linesmean."
    assert nav.svg["aria-hidden"] == "true"
    assert nav.svg["viewbox"] == f"0 0 {COLUMNS * WIDTH} {2 * HEIGHT}"
    # One line inside the first part, and two that leave it.
    drawn = [(line.get("class"), line["d"].count("M")) for line in nav.select("path")]
    assert drawn == [(None, 1), (["far"], 2)]


def test_a_changed_title_or_table_shows(project):
    build(project)
    (project / "part/b.md").write_text("(ch-b)=\n# Another title\n")
    (project / "index.md").write_text(START.replace("**Part 2**", "**The rest**"))
    assert build(project) == ""
    shown = built(project).select_one("nav.page-map").text
    assert "Another title" in shown
    assert "The rest" in shown


@pytest.mark.parametrize(
    ("builder", "name"), [("text", "index.txt"), ("latex", "projectnamenotset.tex")]
)
def test_other_builders_leave_the_map_out(project, builder, name):
    assert build(project, builder) == ""
    written = (project / "_build" / name).read_text(encoding="utf-8")
    assert "What the lines" not in written
    assert "a page left out" in written


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("<ch-a>` and", "<ch-d>` and", 16, "undefined label: 'ch-d'"),
        ("| {ref}`ch-b` |", "| {ref}`ch-d` |", 13, "undefined label: 'ch-d'"),
        ("| a | nothing", "| a | {ref}`ch-b`", 12, "part/a builds on part/b, which has no row"),
        ("| a | nothing", "| a | {ref}`ch-a`", 12, "part/a builds on part/a, which has no row"),
        ("| a | nothing", "| a | {ref}`ch-c`", 12, "part/a builds on part/c, which has no row"),
        ("| {ref}`ch-b` |", "| {ref}`ch-a` |", 13, "part/a has two rows"),
        ("| **Part <1>** | | |\n", "", 11, "part/a stands before the first part"),
        ("ch-", "gone-", 5, "the table after it names no page"),
        ("|", "", 5, "there is no table after it"),
        ("What the lines *mean*.\n", "", 5, "Content block expected"),
    ],
)
def test_what_cannot_be_drawn_is_a_warning_with_its_place(project, old, new, line, complaint):
    (project / "index.md").write_text(START.replace(old, new))
    assert re.search(rf"index\.md:{line}: \w+: .*{re.escape(complaint)}", build(project))


# -- the drawing -----------------------------------------------------------------------------

PAGES = [Page(name, name[0], ()) for name in ["a1", *(f"b{i}" for i in range(6)), "c1", "c2"]]
EVERY = [
    ((row, column), (to_row, to_column))
    for row in range(3)
    for column in range(COLUMNS)
    for to_row in range(row, 4)
    for to_column in range(COLUMNS)
    if (row, column) < (to_row, to_column)
]


def box(cell):
    """The edges of a page's box: left, top, right, bottom."""
    x, y = middle(cell)
    across, down = (WIDTH - GUTTER) / 2, (HEIGHT - GAP) / 2
    return x - across, y - down, x + across, y + down


def test_each_part_begins_a_row_and_reads_like_text():
    assert cells_of(PAGES) == {
        "a1": (0, 0), "b0": (1, 0), "b1": (1, 1), "b2": (1, 2), "b3": (1, 3), "b4": (2, 0),
        "b5": (2, 1), "c1": (3, 0), "c2": (3, 1),
    }  # fmt: skip


def test_boxes_do_not_overlap():
    for (left, top, right, bottom), other in combinations(map(box, cells_of(PAGES).values()), 2):
        assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top


@pytest.mark.parametrize("edges", [EVERY, *([edge] for edge in EVERY)])
def test_lines_touch_only_the_boxes_that_they_join(edges):
    boxes = [box((row, column)) for row in range(4) for column in range(COLUMNS)]
    for (source, target), points in zip(edges, routes(edges), strict=True):
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y
            for left, top, right, bottom in boxes:
                apart = max(x, to_x) <= left or min(x, to_x) >= right
                assert apart or max(y, to_y) <= top or min(y, to_y) >= bottom
        for cell, (x, y) in ((source, points[0]), (target, points[-1])):
            left, top, right, bottom = box(cell)
            assert left <= x <= right
            assert top <= y <= bottom
            assert x in (left, right) or y in (top, bottom)


def test_lines_from_two_pages_never_run_in_one_another():
    edges = [((0, 0), (2, 1)), ((0, 1), (2, 1)), ((0, 3), (1, 0)), ((0, 2), (3, 1))]
    for (one, first), (two, second) in combinations(zip(edges, routes(edges), strict=True), 2):
        for (a, b), (c, d) in product(pairwise(first), pairwise(second)):
            for axis in (0, 1):
                if a[axis] == b[axis] == c[axis] == d[axis]:
                    along = 1 - axis
                    start = max(min(a[along], b[along]), min(c[along], d[along]))
                    end = min(max(a[along], b[along]), max(c[along], d[along]))
                    # At its end a line may join those that lead to the same page.
                    assert end <= start or (one[1] == two[1] and b == d), (one, two)


def test_corners_are_round():
    assert path([(0, 0), (50, 0)]) == "M0 0H50"
    assert path([(0, 0), (50, 0), (50, 40)]) == "M0 0H46Q50 0 50 6V40"
