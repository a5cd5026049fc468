"""Copies for learners: complete, without solutions, in Markdown that any notebook shows."""

import re
import zipfile
from pathlib import Path

import make_copies
import nbformat
import pytest
from make_copies import copy_of, known_places, pack, requirements, without_solutions, write_copies
from nbformat.v4 import new_code_cell, new_markdown_cell
from plain_markdown import Names, places, plain_cells, translate
from run_notebooks import ROOT, execute, pages_in_toc
from student_copies import solutions, solved

PAGE = Path("chapters/history/xor.ipynb")
OTHER = Path("chapters/start/setup.ipynb")
PAGES = pages_in_toc()
KNOWN = known_places()


def by_page(test):
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)(test)


def texts(notebook, kind):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


@by_page
def test_no_solution_reaches_a_student(page):
    source = nbformat.read(ROOT / page, as_version=4)
    copy = copy_of(page, "student", KNOWN)
    everything = "\n".join(cell.source for cell in copy.cells)
    for cell in source.cells:
        if "solution" in cell.metadata.get("tags", []):
            assert cell.source not in everything
    assert not re.search(r"\bsolution_\d|@title Solution|Solution of exercise", everything)


@by_page
def test_student_keeps_everything_else(page):
    source = nbformat.read(ROOT / page, as_version=4)
    copied = texts(copy_of(page, "student", KNOWN), "code")
    given = [c for c in source.cells if c.cell_type == "code"]
    assert copied == [c.source for c in given if "solution" not in c.metadata.get("tags", [])]
    assert "google.colab" in copied[0]
    assert copy_of(page, "student", KNOWN).metadata == source.metadata


@by_page
def test_solution_copies_have_every_solution(page):
    copy = copy_of(page, "solutions", KNOWN)
    assert texts(copy, "code") == texts(nbformat.read(ROOT / page, as_version=4), "code")


@by_page
def test_no_markup_of_the_site_is_left(page):
    prose = "\n".join(texts(copy_of(page, "solutions", KNOWN), "markdown"))
    prose = re.sub(r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$", "", prose, flags=re.S)
    assert not re.search(r"^:::|^\([\w-]+\)=|\{[a-z-]+\}`|\{[a-z-]+\}$", prose, re.M)


@by_page
def test_links_between_copies_lead_to_a_copy(page):
    prose = "\n".join(texts(copy_of(page, "student", KNOWN), "markdown"))
    for link in re.findall(r"\]\((?!https?://|#)([^)\s]+)\)", prose):
        assert (ROOT / page.parent / link).resolve().relative_to(ROOT) in PAGES


@by_page
def test_every_exercise_with_an_answer_has_a_solution(page):
    numbers = re.findall(
        r"^check\(\"\w+/(\d+)\", answer_", "\n".join(texts(solved(page), "code")), re.M
    )
    assert set(numbers) == set(solutions(page))


@pytest.mark.parametrize("page", ["history/perceptron", "start/math_refresher"])
def test_solved_copy_passes_and_the_placeholders_do_not(page, tmp_path):
    """Two pages here; ``make test-student`` does this for every page."""
    page = Path("chapters", page).with_suffix(".ipynb")
    nbformat.write(solved(page), tmp_path / "page.ipynb")
    (tmp_path / "requirements.lock").write_text("")
    ok, log, _, _ = execute(Path("page.ipynb"), root=tmp_path, offline=False)
    assert ok, log


def test_a_wrong_solution_would_be_seen(tmp_path):
    notebook = solved(Path("chapters/start/math_refresher.ipynb"))
    cell = next(c for c in notebook.cells if "solution" in c.metadata.get("tags", []))
    cell.source = cell.source.replace("answer_1 = solution_1", "answer_1 = 1e9")
    nbformat.write(notebook, tmp_path / "page.ipynb")
    (tmp_path / "requirements.lock").write_text("")
    ok, log, _, _ = execute(Path("page.ipynb"), root=tmp_path, offline=False)
    assert not ok
    assert "is tagged 'solution'" in log


def test_archive_is_a_branch_that_installs_and_starts(tmp_path, monkeypatch):
    for name in ("_config.yml", "pyproject.toml", "requirements.txt", *make_copies.BESIDE):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "chapters").symlink_to(ROOT / "chapters")
    (tmp_path / "index.md").symlink_to(ROOT / "index.md")
    (tmp_path / "_toc.yml").write_text("root: index\nchapters:\n- file: chapters/start/setup\n")
    archive = write_copies("student", tmp_path)
    names = [name.partition("/")[2] for name in zipfile.ZipFile(archive).namelist()]
    assert {
        "chapters/start/setup.ipynb",
        "nnutils/__init__.py",
        "requirements.txt",
        "README.md",
    } <= set(names)
    assert not [name for name in names if "__pycache__" in name]
    folder = tmp_path / "_build/student"
    assert "[tool." not in (folder / "pyproject.toml").read_text().replace("[tool.setuptools", "")
    again = pack(folder, tmp_path / archive.name)
    assert again.read_bytes() == archive.read_bytes()


def test_learners_install_the_package_the_libraries_and_jupyterlab_only():
    wanted = requirements(ROOT)
    assert wanted.startswith("-e .\n")
    assert "keras==" in wanted
    assert "jupyterlab==" in wanted
    assert "sphinx" not in wanted


# -- what is cut out ------------------------------------------------------------------------


def begin(n=1):
    return new_markdown_cell(f":::{{solution-start}} ex-page-{n}\n:::\n\nBecause.")


END = new_markdown_cell(":::{solution-end}\n:::")
CODE = new_code_cell("solution_1 = 1", metadata={"tags": ["solution"]})
PROSE = new_markdown_cell("Prose.")


def test_everything_between_start_and_end_is_dropped():
    assert without_solutions([PROSE, begin(), CODE, PROSE, END, PROSE]) == [PROSE, PROSE]


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        ([begin(), CODE], "does not end"),
        ([begin(), begin()], "a cell of its own"),
        ([END], "has not begun"),
        ([CODE], "stand outside"),
        ([new_markdown_cell("Words.\n\n:::{solution-start} ex-page-1\n:::")], "a cell of its own"),
    ],
)
def test_a_solution_that_would_slip_through_is_an_error(cells, complaint):
    with pytest.raises(ValueError, match=complaint):
        without_solutions(cells)


# -- plain Markdown -------------------------------------------------------------------------

NAMES = Names(
    places={
        "ch-xor": (PAGE, "XOR"),
        "ch-setup": (OTHER, "Check your environment"),
        "ch-words": (Path("a.md"), "Words"),
    },
    figures={"fig-xor-a": 2},
    tables={"tab-xor-b": 1},
    equations={"eq-xor-c": 3},
)


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("See {ref}`ch-setup`.", "See [Check your environment](../start/setup.ipynb)."),
        ("See {ref}`the start <ch-setup>`.", "See [the start](../start/setup.ipynb)."),
        ("{ref}`above <ch-xor>`", "*above*"),
        ("{ref}`ch-words`", "*Words*"),
        ("{ref}`ex-xor-2`", "exercise 2"),
        ("In {numref}`fig-xor-a` and {numref}`tab-xor-b`", "In Figure 2 and Table 1"),
        ("by {eq}`eq-xor-c`", "by (3)"),
        ("{nn-try}`two units <nn: layers=2>`", "two units"),
        ("a {term}`step` and {term}`steps <step>`", "a step and steps"),
        ("Type `{ref}`, then go on.", "Type `{ref}`, then go on."),
        ("(ch-xor)=\n# XOR", "# XOR"),
        ("$$a = b$$ (eq-xor-c)", "$$a = b \\tag{3}\n$$"),
        (":::{exercise} Two\n:label: ex-xor-2\n\nDo it.\n:::", "### Exercise 2. Two\n\nDo it."),
        (
            ":::{solution-start} ex-xor-2\n:class: dropdown\n:::\n\nSo.",
            "#### Solution of exercise 2\n\nSo.",
        ),
        (":::{nn-neuron}\n:id: a\n\nThere.\n\nNot here.\n:::", "> There.\n>\n> Not here."),
        (
            ":::{list-table} Pairs\n:name: tab-xor-b\n\n* - a\n  - b\n* - 1\n  - 2\n:::",
            "*Table 1. Pairs*\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
        ),
    ],
)  # fmt: skip
def test_plain_form(myst, plain):
    assert translate(myst, page=PAGE, names=NAMES) == plain


@pytest.mark.parametrize(
    ("myst", "complaint"),
    [
        ("{cite}`smith`", "role 'cite' has no plain form"),
        (":::{mermaid}\nA\n:::", "directive 'mermaid' has no plain form"),
        ("{ref}`nowhere`", "'nowhere', which is no heading's label"),
        ("{numref}`fig-other-a`", "'fig-other-a', which is not on the page"),
        (":::{exercise} A\n:label: one\n\nDo.\n:::", "'one' has no number"),
    ],
)
def test_what_has_no_plain_form_is_an_error(myst, complaint):
    with pytest.raises(ValueError, match=complaint):
        translate(myst, page=PAGE, names=NAMES)


def test_figures_get_their_captions_below():
    figure = {
        "mystnb": {"figure": {"name": "fig-xor-z", "caption": "What {numref}`fig-xor-z` shows."}}
    }
    cells = plain_cells([PROSE.copy(), new_code_cell("1", metadata=figure)], page=PAGE, known={})
    assert cells[-1].source == "*Figure 1. What Figure 1 shows.*"


def test_labels_are_found_where_they_name_a_heading():
    found = places({PAGE: ["(ch-xor)=\n# XOR\n\nText", "(just-here)=\nText", "(a)=\n(b)=\n## Two"]})
    assert found == {"ch-xor": (PAGE, "XOR"), "a": (PAGE, "Two"), "b": (PAGE, "Two")}
