"""The ledger of truth: each result that a page states, and what guards it.

A *result* is a number in digits: a decimal, a percentage, a duration, a size, a count. It is

asserted   an assertion agrees with it (see `agrees`) that stands in its section or in the code
           cell next to it, or has served an earlier number of the page. The opening, the
           summary and the exercises may use any assertion of the page, and a sentence that
           links another page any of that page;
glued      the run itself puts it in;
cited      its sentence, list item or table row names a source, or it is the year of a source;
given      it is a literal of the code in its section or in the cell next to it, a whole number
           anywhere on the page, or of a formula beside it, or of the question it answers: a
           setting, a size, no result;
unguarded  otherwise.

Formulas, code, questions, exercises and the options of quick questions state no results, and
small whole numbers need no guard. ``python tests/notebooks/ledger.py`` prints the counts of
each page; with the name of a state, also what is in it.
"""

import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "tools")]  # when run as a program
from guards import INF, Guard, Literal, Reader, javascript_guards  # noqa: E402
from notebook_pages import ROOT, read, tags  # noqa: E402
from run_notebooks import MEMORY_LIMIT_MIB  # noqa: E402
from statements import CITATION, SENTENCE, YEAR, Block, Number, blocks, numbers, values  # noqa: E402

STATES = ("glued", "asserted", "cited", "given", "unguarded")


@dataclass
class Page:
    """What a page says, the guards and literals of its code, and the years of its sources."""

    blocks: list[Block]
    guards: list[Guard]
    literals: list[Literal]
    sections: dict[int, int]
    years: set[str]


def page_of(cells: Iterable[dict]) -> Page:
    """Return the page that cells of a notebook make, in their order."""
    found, code, sections, section, whole = [], Reader(), {}, 0, True
    literals = []
    for index, cell in enumerate(cells):
        said = []
        if cell["cell_type"] == "markdown":
            said = blocks(cell["source"])
            for task in re.findall(r"(?s):::\{exercise\}(.*?)\n:::", cell["source"]):
                literals += [Literal(value, index) for value in values(task)]
        elif "remove-cell" not in tags(cell):
            code.read(cell["source"], index)
            figure = cell["metadata"].get("mystnb", {})
            texts = [figure.get("figure", {}).get("caption"), figure.get("image", {}).get("alt")]
            said = [Block(text, caption=True) for text in texts if text]
        for block in said:
            if block.heading in {1, 2, 3}:
                section += 1
                whole = block.heading == 1 or block.text in {"In short", "Exercises"}
            block.cell, block.section, block.whole = index, section, whole
        sections[index] = section
        found += said
    sources = (block.context for block in found if "⟦http" in block.context)
    years = {year for text in sources for year in re.findall(rf"\b{YEAR}\b", text)}
    runner = Guard(-INF, MEMORY_LIMIT_MIB * 2**20, -1)  # no page passes that needs more
    return Page(found, [*code.guards, runner], literals + code.literals, sections, years)


def laboratory(cell: int) -> Page:
    """Return the guards and literals of what a laboratory on a page shows: its tests' own."""
    result, tests = Page([], [], [], {}, set()), ROOT / "tests"
    for path in sorted((tests / "interactive").glob("claims*.test.mjs")):
        text = path.read_text(encoding="utf-8")
        result.guards += javascript_guards(text)
        settings = re.sub(r"(?:[<>]=?|===) -?[\d.]+", "", text)
        result.literals += [Literal(x) for x in values(settings)]
    reader = Reader()
    for path in sorted((tests / "site").glob("test_el_*.py")):
        reader.read(path.read_text(encoding="utf-8"))
    settings = (ROOT / "interactive" / "settings.json").read_text(encoding="utf-8")
    result.guards += reader.guards
    result.literals += [*reader.literals, *(Literal(x) for x in values(settings))]
    result.guards = [replace(guard, cell=cell) for guard in result.guards]
    result.literals = [replace(literal, cell=cell) for literal in result.literals]
    return result


@cache
def page(path: Path) -> Page:
    """Return a page of the book, with what guards its laboratories."""
    text = path.read_text(encoding="utf-8")
    notebook = path.suffix == ".ipynb"
    cells = read(path).cells if notebook else [{"cell_type": "markdown", "source": text}]
    result = page_of(cells)
    if not notebook:  # a text page has no code but what it shows
        result.literals += [Literal(value) for block in result.blocks for value in block.given]
    for index, cell in enumerate(cells):
        if re.search(r"\{nn-(?!try)", cell["source"]):
            shown = laboratory(index)
            result.guards += shown.guards
            result.literals += shown.literals
    return result


def pages() -> list[Path]:
    """Return the pages of the book, in reading order."""
    names = re.findall(r"(?:root|file): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [next(p for p in (ROOT / f"{n}.ipynb", ROOT / f"{n}.md") if p.exists()) for n in names]


@cache
def labels() -> dict[str, Path]:
    """Return the page of each label."""
    wanted = r"\(((?:ch|sec)-[\w-]+)\)="
    return {x: p for p in pages() for x in re.findall(wanted, p.read_text(encoding="utf-8"))}


def agrees(number: Number, guard: Guard, stated: Iterable[Number] = ()) -> bool:
    """Tell whether a guard holds a stated number.

    A bound ("more than 85%") needs this very bound, or a tighter one not far from it. Any other
    number must lie in the range of the guard, and the range must mean something: its two ends
    are stated in the sentence, or it is at most half as wide as the number is large. What may
    be a share above one half is measured by what it lacks to one, or may range over five points.
    A power of ten may range over three.
    """
    low, high = guard.low, guard.high
    for scale in number.scales:
        value, half = number.value * scale, number.half * scale
        slack = 1e-9 * abs(value)
        near = max(0.05, 0.5 * (1 - value)) if 0.5 < value < 1 else 0.5 * abs(value)
        if number.side == "above" and value - slack <= low <= value + near + slack:
            return True
        if number.side == "below" and value - near - slack <= high <= value + slack:
            return True
        if -INF < low <= value + half and value - half <= high < INF:
            both = all(
                any(math.isclose(end, n.value * scale) for n in stated) for end in (low, high)
            )
            narrow = (
                high <= 1_001 * low if number.power else high - low <= max(near, 2 * half) + slack
            )
            if both or narrow:
                return True
    return False


# -- the ledger ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One stated number, where it stands (cell, line in it), and its state."""

    cell: int
    line: int
    number: str
    sentence: str
    state: str


def entries(this: Page, linked: Callable[[str], Page | None] = lambda _: None) -> Iterator[Entry]:
    """Yield each stated number of a page with its state; `linked` gives the page of a label."""
    used: list[Guard] = []
    code = sorted({item.cell for item in [*this.guards, *this.literals]} - {-1})
    for block in this.blocks:
        near = {c for c, section in this.sections.items() if section == block.section} | {-1}
        near |= {max((c for c in code if c <= block.cell), default=-1)}
        near |= {min((c for c in code if c >= block.cell), default=-1)}
        near |= set(code) if block.whole else set()
        beside = block.given | {
            abs(x.value)
            for x in this.literals
            if x.cell in near and (not x.drawing or (block.caption and x.cell == block.cell))
        }
        anywhere = beside | {abs(x.value) for x in this.literals if not x.drawing}
        for sentence in [block.text] if block.row else SENTENCE.split(block.text):
            context, stated = block.context or sentence, list(numbers(sentence))
            labels = re.findall(r"⟦ref ([\w-]+)⟧", context)
            others = [other for other in map(linked, labels) if other]
            guards = [g for g in this.guards if g.cell in near] + used
            guards += [guard for other in others for guard in other.guards]
            settings = anywhere | {abs(x.value) for other in others for x in other.literals}
            for number in stated:
                if number.small:
                    continue
                given = settings if number.whole else beside
                guard = next((g for g in guards if agrees(number, g, stated)), None)
                if guard:
                    used.append(guard)
                    state = "asserted"
                elif CITATION.search(context) or number.text in this.years:
                    state = "cited"
                elif any(abs(number.value) * scale in given for scale in number.scales):
                    state = "given"
                else:
                    state = "unguarded"
                yield Entry(block.cell, block.line, number.text, sentence, state)
        for _ in re.findall("⟦glue", block.text):
            yield Entry(block.cell, block.line, "", block.text, "glued")


def ledger(path: Path) -> list[Entry]:
    """Return the ledger of one page of the book."""
    return list(entries(page(path), lambda x: page(labels()[x]) if x in labels() else None))


def main(shown: list[str]) -> None:
    """Print the counts of each page, and the numbers in the states to be shown."""
    total = Counter()
    print(f"{'page':42}", *(f"{state:>9}" for state in STATES))
    for path in pages():
        found = ledger(path)
        counts = Counter(entry.state for entry in found)
        total += counts
        name = str(path.relative_to(ROOT)).removeprefix("chapters/")
        print(f"{name:42}", *(f"{counts[state]:9d}" for state in STATES))
        for e in found:
            if e.state in shown:
                print(f"  cell {e.cell}, line {e.line}: {e.number!r} in: {e.sentence}")
    print(f"{'all pages':42}", *(f"{total[state]:9d}" for state in STATES))


if __name__ == "__main__":
    main(sys.argv[1:])
