"""Assignments: a point for every exercise, solutions only where the grader cuts them out."""

import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import make_assignments
import nbformat
import pytest
from make_assignments import ASK, FRESH, answers, assignment, otter_test, write_assignments
from make_copies import copy_of, known_places, pack
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from run_notebooks import ROOT, pages_in_toc
from small_course import small_course

PAGES = pages_in_toc()
KNOWN = known_places()
TEXT = Path("chapters/backprop/computational_graphs.ipynb")  # its last exercise has no check
CUT = re.compile(r"[^\n]*BEGIN (SOLUTION|HIDDEN TESTS).*?END \1\n?", re.S)


def by_page(test):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)(test)


def graded(notebook):
    """Return the cells that give points, by their mark."""
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    return {c.metadata.nbgrader.grade_id: c for c in cells}


def released(notebook):
    """Cut out what nbgrader cuts out; tests/graders compare this with nbgrader itself."""
    return [CUT.sub("", cell.source) for cell in notebook.cells]


@by_page
def test_every_exercise_gives_one_point(page):
    source = nbformat.read(ROOT / page, as_version=4)
    numbers = re.findall(r":label: ex-\S+-(\d+)$", "\n".join(c.source for c in source.cells), re.M)
    cells = graded(assignment(page, KNOWN))
    assert [int(name.split("-")[1]) for name in cells] == [int(n) for n in numbers]
    assert all(cell.metadata.nbgrader.points == 1 for cell in cells.values())


@by_page
def test_no_solution_is_left_for_students(page):
    everything = "\n".join(released(assignment(page, KNOWN)))
    assert not re.search(r"\bsolution_\d|@title Solution|(BEGIN|END) (SOLUTION|HIDDEN)", everything)
    source = nbformat.read(ROOT / page, as_version=4).cells
    for cell in source:
        if "solution" in cell.metadata.get("tags", []):
            assert cell.source not in everything


@by_page
def test_answer_cells_are_those_of_the_students_copy(page):
    given = [c.source for c in copy_of(page, "student", KNOWN).cells if c.cell_type == "code"]
    cells = assignment(page, KNOWN).cells
    kept = [c for c in cells if c.cell_type == "code" and "-check" not in c.id]
    cut = [CUT.sub("", c.source) for c in kept]
    assert [text.split() for text in cut] == [text.split() for text in given]


@by_page
def test_notebooks_are_valid_and_marks_are_unique(page):
    notebook = assignment(page, KNOWN)
    nbformat.validate(notebook)
    marks = [c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata]
    assert len({mark.grade_id for mark in marks}) == len(marks)
    for mark in marks:
        assert mark.locked == (mark.grade and not mark.solution)


@by_page
def test_the_name_of_a_test_is_the_name_of_a_check(page):
    from nnutils import check

    for n in answers(copy_of(page, "student", KNOWN)):
        assert check(f"{page.stem}/{n}", ...).status == "open"
        assert f'check_of_the_course("{page.stem}/{n}", env["answer_{n}"])' in otter_test(
            page.stem, n
        )


@by_page
def test_links_to_other_pages_become_titles(page):
    prose = [c.source for c in assignment(page, KNOWN).cells if c.cell_type == "markdown"]
    assert not re.search(r"\]\((?!https?://|#)", "\n".join(prose))


def test_an_exercise_without_a_check_is_a_text_for_people():
    cell = graded(assignment(TEXT, KNOWN))["computational_graphs-6"]
    assert cell.cell_type == "markdown"
    assert cell.metadata.nbgrader.solution
    assert "Pearlmutter" in cell.source
    assert CUT.sub("", cell.source) == ""


# -- what a test cell says ------------------------------------------------------------------


def run_test(names, *, n=1, page="math_refresher"):
    scope = dict(names)
    exec(ASK.format(page=page, n=n, names="globals()"), scope)


def test_a_right_answer_passes_without_a_word(capsys):
    def loud(table):
        import sys

        print("a warning", file=sys.stderr)
        return 2

    run_test({"answer_2": 400.0}, n=2, page="perceptron")
    with pytest.raises(AssertionError):
        run_test({"answer_4": loud}, n=4, page="xor")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({}, "There is no answer_2: give your answer this name."),
        ({"my_answer": 400}, "There is no answer_2: give your answer this name."),
        ({"answer_2": ...}, "Replace the dots"),
        ({"answer_2": 20}, "Almost: the bound is the square of this ratio."),
        ({"answer_2": "many"}, "The answer should be one number; this is a str."),
        ({"answer_2": [400, 1]}, "The answer should be one number; this is a list of 2 (int)."),
        ({"answer_2": 20, "check": lambda *_: SimpleNamespace(passed=True)}, "Almost"),
    ],
)
def test_any_other_answer_fails_with_the_hint(names, message):
    with pytest.raises(AssertionError, match=re.escape(message)):
        run_test(names, n=2, page="perceptron")


def test_a_check_that_the_notebook_has_replaced_comes_back(monkeypatch):
    import sys

    kept = {name: module for name, module in sys.modules.items() if name.startswith("nnutils")}
    try:
        import nnutils.checking

        monkeypatch.setattr(nnutils.checking, "check", lambda *_: SimpleNamespace(passed=True))
        run_test({"answer_2": 20}, n=2, page="perceptron")  # fooled
        exec(FRESH, {})
        with pytest.raises(AssertionError, match="Almost"):
            run_test({"answer_2": 20}, n=2, page="perceptron")
    finally:  # other tests hold on to the modules as they were
        sys.modules.update(kept)


# -- the bundle -----------------------------------------------------------------------------


def test_bundle_is_whole_and_the_same_each_time(tmp_path):
    root = small_course(tmp_path, [Path("chapters/history/xor.ipynb"), TEXT])
    archive = write_assignments(root)
    first = archive.read_bytes()
    names = {name.partition("/")[2] for name in zipfile.ZipFile(archive).namelist()}
    assert {
        "README.md",
        "requirements.txt",
        "pyproject.toml",
        "nnutils/checking.py",
        "nbgrader/nbgrader_config.py",
        "nbgrader/requirements.txt",
        "nbgrader/source/xor/xor.ipynb",
        "otter/requirements.txt",
        "chapters/history/xor.ipynb",
        *(f"otter/xor/tests/xor_{n}.py" for n in range(1, 7)),
    } <= names
    assert "otter/computational_graphs/tests/computational_graphs_6.py" not in names
    assert write_assignments(root).read_bytes() == first
    assert pack(root / "_build/assignments", archive).read_bytes() == first


@pytest.mark.parametrize(
    "answer",
    ["answer_1 = ...", 'answer_2 = ...\ncheck("page/2", answer_2)'],
    ids=["no check", "no solution"],
)
def test_an_answer_cell_without_check_or_solution_is_an_error(tmp_path, answer):
    cells = [
        new_markdown_cell(":::{exercise} One\n:label: ex-page-1\n\nDo it.\n:::"),
        new_code_cell(answer, metadata={"tags": ["answer"]}),
        new_markdown_cell(":::{solution-start} ex-page-1\n:::"),
        new_code_cell("solution_1 = 1", metadata={"tags": ["solution"]}),
        new_markdown_cell(":::{solution-end}\n:::"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "page.ipynb")
    with pytest.raises(ValueError, match=r"page\.ipynb: answer cell \w+ lacks"):
        assignment(Path("page.ipynb"), {}, tmp_path)


def test_command_says_what_it_wrote(tmp_path, monkeypatch, capsys):
    def refuse():
        raise ValueError("page.ipynb: no")

    monkeypatch.setattr(make_assignments, "write_assignments", refuse)
    assert make_assignments.main() == 1
    assert capsys.readouterr().out == "assignments: page.ipynb: no\n"
