"""Write a deck for a projector for every page, and a list of them: ``_build/slides/index.html``.

Pages that have not been run are run first, as for the book. nbconvert writes the decks with
reveal.js from the cells that the site shows. Styles, scripts and fonts lie beside the decks,
formulas are ready when a deck opens: it works by double click, offline.
"""

import os
import re
import shutil
import sys
from html import escape
from pathlib import Path

import yaml
from jinja2 import pass_context
from make_copies import copy_of, known_places
from nbconvert import SlidesExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pygments.formatters import HtmlFormatter
from run_notebooks import ROOT, Store, pages_in_toc, run
from slide_plan import Slide, plan, words

sys.path.append(str(ROOT / "_ext"))
from katex_math import katex

DECKS = Path("_build", "slides")
ASSETS = "_assets"
LOOK = Path(__file__).parent / "slides"
CODE_STYLE = "a11y-high-contrast-light"  # as on the site
MANY_WORDS, FEW_WORDS, FEW_LINES = 80, 45, 9  # for smaller letters, and for larger ones
LONG_FORMULA = 38  # signs in a line, about


class Renderer(IPythonRenderer):
    """Markdown with formulas that are ready to be shown."""

    def __init__(self, in_notes: bool):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.in_notes = in_notes

    def math(self, tex: str, display: bool) -> str:
        """Return a formula by KaTeX; in the notes, whose window has no style, as plain MathML."""
        body, _, tag = tex.strip().partition(r"\tag")
        if display and r"\\" in body and r"\begin" not in body:
            body = rf"\begin{{aligned}}{body}\end{{aligned}}"
        html = katex.render(f"{body}\\tag{tag}" if tag else body, display)
        return re.search(r"<math.*</math>", html, re.S)[0] if self.in_notes else html

    def inline_math(self, body: str) -> str:
        """Return a formula inside a line."""
        return self.math(body, display=False)

    def block_math(self, body: str) -> str:
        """Return a displayed formula."""
        return f'<div class="formula">{self.math(body, display=True)}</div>'


class DeckExporter(SlidesExporter):
    """nbconvert's exporter of slides, with the course's template and formulas."""

    def __init__(self):
        super().__init__(template_name=LOOK.name, extra_template_basedirs=[str(LOOK.parent)])

    @pass_context
    def markdown2html(self, context, source: str) -> str:
        """Render a cell's Markdown."""
        in_notes = context["cell"].metadata.get("slide_type") == "notes"
        return MarkdownWithMath(renderer=Renderer(in_notes)).render(source)


def deck_cells(slide: Slide, number: int) -> list:
    """Return the cells of one slide, marked for nbconvert."""
    cells = []

    def add(kind: str, source: str, tag: str) -> None:
        slideshow = {"slide_type": kind}
        if kind == "slide":
            slideshow["data"] = {"kind": slide.kind, "size": letters(slide)}
        metadata = {"slideshow": slideshow, "tags": [tag]}
        name = f"s{number}-{len(cells)}"
        cells.append(new_markdown_cell(to_decks(source), id=name, metadata=metadata))

    mark = "#" if slide.kind == "title" else "##"
    above = slide.above if slide.above != slide.heading else ""
    add("slide", f"{above}\n\n{mark} {slide.heading}".strip(), "above" if above else "heading")
    if text := "\n\n".join(slide.text).strip():
        add("-", text, "text")
    if slide.cell is not None:
        metadata = {"slideshow": {"slide_type": "-"}, "alt": alt_text(slide.cell)}
        metadata["transient"] = {"remove_source": not slide.show_code}
        cell = new_code_cell(slide.cell.source, id=f"s{number}-cell", metadata=metadata)
        cell.outputs = slide.cell.outputs
        cells.append(cell)
    for part in slide.reveal:
        add("fragment", part, "reveal")
    if slide.notes:
        add("notes", "\n\n".join(slide.notes), "notes")
    return cells


def letters(slide: Slide) -> str:
    """Choose the size of the letters by how much there is to show."""
    text = "\n".join(slide.text + slide.reveal)
    formulas = re.findall(r"\$\$(.*?)\$\$", text, re.S)
    rows = [row for tex in formulas for row in re.split(r"\\\\", tex.partition(r"\tag")[0])]
    longest = max((len(re.sub(r"\\[A-Za-z]+|[{}\s]", "", row)) for row in rows), default=0)
    if words(text) > MANY_WORDS or longest > LONG_FORMULA:
        return "small"
    if slide.cell is None:
        return "large" if words(text) <= FEW_WORDS else "normal"
    if slide.kind == "figure":
        return "normal"
    printed = [o.get("text") or o.data.get("text/plain", "") for o in slide.cell.outputs]
    shown = "\n".join([slide.cell.source, *printed] if slide.show_code else printed)
    return "large" if shown.count("\n") < FEW_LINES else "normal"


def alt_text(cell) -> str:
    """Return what a figure shows, in words."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def to_decks(text: str) -> str:
    """Let links to other pages lead to their decks."""
    return re.sub(r"\]\((?!https?:)([^)\s]+)\.ipynb\)", r"](\1.html)", text)


def deck_notebook(slides: list[Slide]):
    """Return the notebook that nbconvert turns into a deck."""
    notebook = new_notebook()
    for number, slide in enumerate(slides, 1):
        notebook.cells += deck_cells(slide, number)
    notebook.metadata.title = slides[0].heading
    notebook.metadata.assets = f"../{ASSETS}"
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def parts_of_course(root: Path = ROOT) -> dict[str, list[Path]]:
    """Return the notebooks of each part, in reading order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    known = set(pages_in_toc(root))
    files = {
        part["caption"]: [Path(c["file"]).with_suffix(".ipynb") for c in part["chapters"]]
        for part in toc["parts"]
    }
    return {
        name: kept for name, pages in files.items() if (kept := [p for p in pages if p in known])
    }


def page_slides(page: Path, store: Store, *, known: dict, above: str) -> list[Slide]:
    """Return the slides of a page that has been run.

    Raises
    ------
    KeyError
        If its outputs are not in the store.
    """
    cells = store.executed(page).cells
    outputs = {cell.id: cell.outputs for cell in cells if cell.cell_type == "code"}
    cells = copy_of(page, "student", known, store.root).cells
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = outputs[cell.id]
    return plan(cells, above=above)


def write_assets(root: Path) -> None:
    """Write what all decks share."""
    target = root / DECKS / ASSETS
    for name in ("slides/reveal", "served/katex"):
        shutil.copytree(root / "_vendor" / name, target / Path(name).name)
    for path in (LOOK / "deck.css", LOOK / "deck.js", root / "_static" / "favicon.svg"):
        shutil.copy(path, target)
    style = HtmlFormatter(style=CODE_STYLE).get_style_defs(".highlight")
    (target / "code.css").write_text(style + "\n", encoding="utf-8")


def deck_path(page: Path) -> Path:
    """Return where the deck of a page lies, relative to the folder of decks."""
    return Path(*page.parts[1:]).with_suffix(".html")


def index(course: str, parts: dict[str, list[tuple[str, int, Path]]]) -> str:
    """Return the list of decks as a page: title, number of slides and place of each."""
    lists = []
    for part, decks in parts.items():
        rows = "".join(
            f'<li><a href="{path.as_posix()}">{escape(title)}</a> <span>{n} slides</span></li>\n'
            for title, n, path in decks
        )
        lists.append(f"<section>\n<h2>{escape(part)}</h2>\n<ul>\n{rows}</ul>\n</section>\n")
    template = (LOOK / "list.html").read_text(encoding="utf-8")
    return template.replace("COURSE", escape(course)).replace("LISTS", "".join(lists))


def make(store: Store) -> None:
    """Write the decks of all pages, the list of them, and what they share, anew."""
    course = yaml.safe_load((store.root / "_config.yml").read_text(encoding="utf-8"))["title"]
    known, exporter, target = known_places(store.root), DeckExporter(), store.root / DECKS
    shutil.rmtree(target, ignore_errors=True)
    write_assets(store.root)
    listed = {}
    for part, members in parts_of_course(store.root).items():
        for page in members:
            slides = page_slides(page, store, known=known, above=f"{course} · {part}")
            html, _ = exporter.from_notebook_node(deck_notebook(slides))
            path = target / deck_path(page)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf-8")
            listed.setdefault(part, []).append((slides[0].heading, len(slides), deck_path(page)))
    (target / "index.html").write_text(index(course, listed), encoding="utf-8")
    n = sum(map(len, listed.values()))
    print(f"slides: {n} decks are written. Open {(target / 'index.html').as_uri()}")


def in_cache(page: Path, store: Store) -> bool:
    """Tell whether the outputs of a page are at hand, as its code stands."""
    from jupyter_cache import get_cache

    if not store.cache_path.exists():
        return False
    cache = get_cache(store.cache_path)
    try:
        cache.match_cache_file(str(store.root / page))
    except KeyError:
        return False
    finally:
        cache.db.dispose()
    return True


def main() -> int:
    """Run what has not been run, and write the decks."""
    store = Store()
    stale = [p for p in pages_in_toc() if store.reason_to_run(p) or not in_cache(p, store)]
    if stale:
        print(f"slides: running {len(stale)} notebooks first ...", flush=True)
        if run(stale, jobs=min(4, os.cpu_count() or 1), store=store):
            print("slides: FAILED. A notebook failed; its cell and error stand above.")
            return 1
    make(store)
    return 0


if __name__ == "__main__":
    sys.exit(main())
