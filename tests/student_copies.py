"""A student who solves everything, with the sources' own solutions."""

import re
from pathlib import Path

import nbformat
from make_copies import copy_of, known_places
from nbformat.v4 import new_code_cell
from run_notebooks import ROOT

ANSWER = re.compile(r"\banswer_(\d+)\b")


def solutions(page: Path) -> dict[str, str]:
    """Return the code of the solution of each exercise of a page, by its number."""
    found, number = {}, None
    for cell in nbformat.read(ROOT / page, as_version=4).cells:
        if match := re.search(r"\{solution-start\} ex-\S*-(\d+)", cell.source):
            number = match[1]
        elif "solution" in cell.metadata.get("tags", []):
            found[number] = f"{found.get(number, '')}{cell.source}\n\n\n"
    return found


def solved(page: Path) -> nbformat.NotebookNode:
    """Return a student's copy in which each answer cell stands as it is, and then solved.

    The runner holds a cell tagged ``answer`` to the verdict "not answered yet", and one tagged
    ``solution`` to the verdict "right".
    """
    notebook = copy_of(page, "student", known_places())
    code, cells = solutions(page), []
    for cell in notebook.cells:
        cells.append(cell)
        if "answer" in cell.metadata.get("tags", []):
            number = ANSWER.search(cell.source)[1]
            source = f"{code.pop(number)}answer_{number} = solution_{number}\n"
            source += f'check("{page.stem}/{number}", answer_{number})'
            cells.append(new_code_cell(source, metadata={"tags": ["solution"]}))
    notebook.cells = cells
    return notebook
