"""The notebooks of the book and their parts, as the rules look at them."""

import ast
import json
import re
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "chapters").rglob("*.ipynb"))


@dataclass
class Page:
    """One notebook: its raw content, and its cells with their source joined."""

    path: Path
    content: dict
    cells: list[dict] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def slug(self) -> str:
        return self.name.replace("_", "-")

    @property
    def code(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    @property
    def prose(self) -> str:
        return "\n\n".join(c["source"] for c in self.cells if c["cell_type"] == "markdown")

    def section(self, title: str) -> int:
        """Return the index of the cell that holds a second-level heading, or -1."""
        for index, cell in enumerate(self.cells):
            if cell["cell_type"] == "markdown" and f"\n## {title}\n" in f"\n{cell['source']}\n":
                return index
        return -1

    @property
    def body(self) -> list[dict]:
        """The cells between the set-up (title, bootstrap, imports, seed) and the close."""
        code_seen, start = 0, 0
        for index, cell in enumerate(self.cells):
            code_seen += cell["cell_type"] == "code"
            if code_seen and cell["cell_type"] == "markdown":
                start = index
                break
        return self.cells[start : self.section("In short")]


def read(path: Path) -> Page:
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = [{**cell, "source": "".join(cell["source"])} for cell in content["cells"]]
    return Page(path, content, cells)


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def definitions(page: str, wanted: Set[str], **names: object) -> dict:
    """Execute the page's own definitions of these names, and nothing that trains or draws.

    `page` is a path such as ``"backprop/from_scratch"``, `names` what the definitions need.
    """

    def name_of(node):
        if isinstance(node, ast.FunctionDef):
            return node.name
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            return node.targets[0].id
        return None

    for cell in read(ROOT / "chapters" / f"{page}.ipynb").code:
        if {"answer", "solution", "remove-cell"} & set(tags(cell)):
            continue
        nodes = [node for node in ast.parse(cell["source"]).body if name_of(node) in wanted]
        exec(compile(ast.Module(nodes, []), f"{page}.ipynb", "exec"), names)
    assert names.keys() >= wanted, f"the page {page} lacks {wanted - names.keys()}"
    return names


@dataclass
class Exercise:
    """The parts of one exercise, found between its directive and the end of its solution."""

    number: int
    task: str
    answers: list[dict]
    opening: str
    solutions: list[dict]
    closed: bool


def exercises(page: Page) -> list[Exercise]:
    found: list[Exercise] = []
    for cell in page.cells:
        label = re.search(rf":label: ex-{page.slug}-(\d+)", cell["source"])
        task = re.search(r"(?s):::\{exercise\}(.*?)\n:::", cell["source"])
        if cell["cell_type"] == "markdown" and task and label:
            found.append(Exercise(int(label[1]), task[1], [], "", [], False))
        elif not found:
            continue
        elif cell["cell_type"] == "markdown" and ":::{solution-start}" in cell["source"]:
            found[-1].opening = cell["source"]
        elif cell["cell_type"] == "markdown" and ":::{solution-end}" in cell["source"]:
            found[-1].closed = True
        elif "answer" in tags(cell):
            found[-1].answers.append(cell)
        elif "solution" in tags(cell):
            found[-1].solutions.append(cell)
    return found
