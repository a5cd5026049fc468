"""Write the exercises of the course as assignments for nbgrader and for Otter-Grader.

    python tools/make_assignments.py         # _build/assignments/ and a zip beside it

One assignment for each page. For nbgrader it is the page with the solutions marked and a locked
cell below each answer that asks the course's own check; nbgrader cuts the solutions out. For Otter
it is the tests alone, which grade the students' copies as ``make student`` writes them. The bundle
holds the solutions: it is for instructors.
"""

import re
import shutil
import sys
import textwrap
from pathlib import Path

import nbformat
from make_copies import copy_of, known_places, pack, write_copies
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from run_notebooks import ROOT, pages_in_toc

EXERCISE = re.compile(r"^### Exercise (\d+)\. ", re.M)
CALL = re.compile(r"^check\(.*\banswer_(\d+)\)\s*\Z", re.M)
GRADERS = Path("tools/graders")
README = """\
# Assignments

**Solutions are inside: this is for instructors.**

`nbgrader/` is a course folder for nbgrader, `otter/` holds the tests for Otter-Grader; the rest is
the students' copies. Use one of the two, in an environment of its own with Python 3.11:

    python -m pip install -r requirements.txt -r nbgrader/requirements.txt
    cd nbgrader && nbgrader generate_assignment xor

    python -m pip install -r requirements.txt -r otter/requirements.txt
    otter generate -t otter/xor/tests -o xor.zip && otter run -a xor.zip one_students_xor.ipynb

The page on assignments in the course says more.
"""

# The check comes fresh from the installed package, whatever a notebook did to the one in memory.
# Students do not see this part in nbgrader's cells; it leaves no name behind but sys.
FRESH = """\
import sys

list(map(sys.modules.pop, [m for m in sys.modules if m.partition(".")[0] == "nnutils"]))
"""
# Nothing may reach stderr: nbgrader gives no points for a cell that warns.
ASK = """\
import contextlib
import io

from nnutils.checking import check as check_of_the_course

assert "answer_{n}" in {names}, "There is no answer_{n}: give your answer this name."
with contextlib.redirect_stderr(io.StringIO()):
    verdict_{n} = check_of_the_course("{page}/{n}", {names}["answer_{n}"])
assert verdict_{n}.passed, verdict_{n}.message
"""


def solutions(page: Path, known: dict, root: Path = ROOT) -> dict[str, dict[str, str]]:
    """Return the solution of each exercise of a page by its number: its code and its text."""
    student = {cell.id for cell in copy_of(page, "student", known, root).cells}
    found, number = {}, None
    for cell in copy_of(page, "solutions", known, root).cells:
        if cell.id in student:
            number = next(iter(EXERCISE.findall(cell.source)), number)
        else:
            parts = found.setdefault(number, {"code": "", "markdown": ""})
            text = re.sub(r"\A#### Solution of exercise \d+\s*", "", cell.source)
            parts[cell.cell_type] += f"{text}\n\n\n"
    return found


def marked(cell: NotebookNode, grade_id: str, **roles: bool | int) -> NotebookNode:
    """Mark a cell for nbgrader."""
    none = {"grade": False, "locked": False, "solution": False, "task": False}
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **none, **roles}
    return cell


def assignment(page: Path, known: dict, root: Path = ROOT) -> NotebookNode:
    """Return nbgrader's source of a page, one point for each exercise.

    An exercise without an answer cell gets a cell for a text, which people grade.

    Raises
    ------
    ValueError
        If an answer cell does not end with its check, or has no solution.
    """
    # An assignment holds one page: links to others become their titles.
    known = {label: (path.with_suffix(""), title) for label, (path, title) in known.items()}
    solved, name = solutions(page, known, root), page.stem
    notebook = copy_of(page, "student", known, root)
    computed = set(answers(notebook))
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "answer" in cell.metadata.get("tags", []):
            call = CALL.search(cell.source)
            if call is None or call[1] not in solved:
                raise ValueError(f"{page}: answer cell {cell.id} lacks its check or a solution")
            n = call[1]
            cell.source = (
                f"{cell.source[: call.start()].rstrip()}\n\n### BEGIN SOLUTION\n"
                f"{solved[n]['code']}answer_{n} = solution_{n}\n### END SOLUTION\n{call[0]}"
            )
            marked(cell, f"{name}-{n}", solution=True)
            ask = ASK.format(page=name, n=n, names="globals()")
            text = f"# One point\n### BEGIN HIDDEN TESTS\n{FRESH}### END HIDDEN TESTS\n{ask}"
            test = new_code_cell(
                text.rstrip(), id=f"{cell.id}-check", metadata={"jupyter": {"source_hidden": True}}
            )
            cells.append(marked(test, f"{name}-{n}-check", grade=True, locked=True, points=1))
        elif cell.cell_type == "markdown":
            for n in [n for n in EXERCISE.findall(cell.source) if n not in computed]:
                text = f"### BEGIN SOLUTION\n{solved[n]['markdown'].rstrip()}\n### END SOLUTION"
                essay = new_markdown_cell(text, id=f"{cell.id}-answer")
                cells.append(marked(essay, f"{name}-{n}", grade=True, solution=True, points=1))
    notebook.cells = cells
    return notebook


def answers(notebook: NotebookNode) -> list[str]:
    """Return the numbers of the exercises that have an answer cell."""
    tagged = [c.source for c in notebook.cells if "answer" in c.metadata.get("tags", [])]
    return [n for source in tagged for n in CALL.findall(source)]


def otter_test(page: str, n: str) -> str:
    """Return Otter's test of an exercise."""
    body = textwrap.indent(FRESH + ASK.format(page=page, n=n, names="env"), "    ")
    return (
        "from otter.test_files import test_case\n\n"
        f'OK_FORMAT = False\nname = "{page}_{n}"\npoints = 1\n\n\n'
        f"@test_case()\ndef test_answer(env):\n{body}"
    )


def write_assignments(root: Path = ROOT) -> Path:
    """Write the folder and the zip, anew; return the zip."""
    student = write_copies("student", root)
    folder = root / "_build" / "assignments"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root / "_build" / "student", folder)
    (folder / "README.md").write_text(README, encoding="utf-8")
    known = known_places(root)
    for page in pages_in_toc(root):
        numbers = answers(nbformat.read(folder / page, as_version=4))
        if not numbers:
            continue
        source = folder / "nbgrader" / "source" / page.stem / page.name
        source.parent.mkdir(parents=True)
        nbformat.write(assignment(page, known, root), source)
        (tests := folder / "otter" / page.stem / "tests").mkdir(parents=True)
        for n in numbers:
            text = otter_test(page.stem, n)
            (tests / f"{page.stem}_{n}.py").write_text(text, encoding="utf-8")
    shutil.copy(root / GRADERS / "nbgrader_config.py", folder / "nbgrader")
    for name in ("nbgrader", "otter"):
        shutil.copy(root / GRADERS / f"{name}.txt", folder / name / "requirements.txt")
    return pack(folder, student.with_name(student.name.replace("-student-", "-assignments-")))


def main() -> int:
    """Write the assignments."""
    try:
        archive = write_assignments()
    except ValueError as error:
        print(f"assignments: {error}")
        return 1
    print(f"assignments: {archive.relative_to(ROOT)} and _build/assignments/ are written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
