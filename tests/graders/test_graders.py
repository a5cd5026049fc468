"""nbgrader and Otter-Grader themselves, on right, wrong, empty and hostile submissions.

Each grader runs in an environment of its own under ``_build/graders``, with what the pages below
import, and grades without a network. ``make test-graders`` runs this; it takes a quarter of an hour
on a busy machine.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from make_assignments import CALL, GRADERS, solutions, write_assignments
from make_copies import known_places
from nbformat.v4 import new_code_cell
from run_notebooks import ROOT
from small_course import small_course

PAGES = [Path("chapters/history", f"{name}.ipynb") for name in ("timeline", "perceptron", "xor")]
TEXT = Path("chapters/backprop/computational_graphs.ipynb")  # its last exercise is for people
USED = r"^(?:numpy|scipy|matplotlib|seaborn|pandas|scikit-learn|ipykernel)==.*$"
ENVIRONMENTS = ROOT / "_build" / "graders"
KNOWN = known_places()
CELL_LIMIT_S = 60
LIMIT_S = 60

# Each value stands in the answer cell of one exercise of the page on the perceptron.
BAD = {
    "1": "another_name = [2, -0.5, 1.5]",
    "2": 'answer_2 = "four hundred"',
    "3": "answer_3 = np.ones((2, 2))",
    "4": "def answer_4(X, y, max_epochs):\n    return 1 / 0",
}
SAYS = {
    "1": "There is no answer_1: give your answer this name.",
    "2": "The answer should be one number; this is a str.",
    "3": "The answer should be one number; this is a ndarray of shape (2, 2).",
    "4": "Your function stopped with ZeroDivisionError: division by zero.",
}
LOOP = "def answer_4(X, y, max_epochs):\n    while True:\n        pass"
YES = """\
from types import SimpleNamespace


def check(*args):
    return SimpleNamespace(passed=True, message="")


"""
FOOL = f"{YES}import nnutils.checking\n\nnnutils.check = nnutils.checking.check = check"


# -- environments and notebooks -------------------------------------------------------------


def run(*command, cwd, env, timeout=1200):
    """Run a command of a grader's environment without a network; return what it printed."""
    path = os.pathsep.join([str(env / "bin"), os.environ["PATH"]])
    variables = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT / "tools" / "offline")}
    command = [str(env / "bin" / command[0]), *map(str, command[1:])]
    done = subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def environment(name, bundle):
    """Make the environment of a grader, or take the one at hand, with the bundle's nnutils."""
    libraries = re.findall(USED, (ROOT / "requirements.txt").read_text(), re.M)
    wanted = (ROOT / GRADERS / f"{name}.txt").read_text() + "\n".join(libraries) + "\n"
    env = ENVIRONMENTS / name
    stamp = env / hashlib.sha256(wanted.encode()).hexdigest()[:16]
    uv = [str(Path(sys.executable).with_name("uv")), "--system-certs"]
    install = [*uv, "pip", "install", "--quiet", "--python", str(env)]
    if not stamp.exists():
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", "3.11", env], check=True)
        subprocess.run([*install, "-r", "-"], input=wanted, text=True, check=True)
        stamp.touch()
    subprocess.run([*install, "--no-deps", "--reinstall", str(bundle)], check=True)
    return env


@pytest.fixture(scope="session")
def bundle(tmp_path_factory):
    """The assignments of the pages above."""
    root = small_course(tmp_path_factory.mktemp("course"), [*PAGES, TEXT])
    write_assignments(root)
    return root / "_build" / "assignments"


def answers_of(notebook):
    """Return the answer cells of a notebook by the number of their exercise."""
    cells = [c for c in notebook.cells if "answer" in c.metadata.get("tags", [])]
    return {CALL.search(cell.source)[1]: cell for cell in cells}


def right(page):
    """Return the code that answers each exercise of a page, from the course's own solutions."""
    solved = solutions(page, KNOWN)
    return {n: f"{s['code']}answer_{n} = solution_{n}" for n, s in solved.items() if s["code"]}


def submission(given, page, kind):
    """Fill a notebook given to students, as a student of this kind does."""
    notebook = nbformat.read(given, as_version=4)
    cells, code = answers_of(notebook), right(page)
    if kind in ("wrong", "fool"):  # of the right type and shape
        code = {n: cell.source.replace("...", "1e9") for n, cell in cells.items()}
    if kind in ("wrong", "empty", "fool"):  # no answer needs what the page computes: save the time
        first = next(i for i, cell in enumerate(notebook.cells) if cell is cells["1"])
        notebook.cells = notebook.cells[first:]
    changes = {"empty": dict.fromkeys(code), "bad": BAD, "loop": {"4": LOOP}}
    code |= changes.get(kind, {})
    for n, cell in cells.items():
        if code[n] is not None:
            cell.source = f"{code[n]}\ncheck('{page.stem}/{n}', answer_{n})"
    if kind == "cut":  # the second exercise is gone, and so is every test
        del cells["2"].metadata["tags"]
        notebook.cells = [
            c for c in notebook.cells if c is not cells["2"] and not c.id.endswith("-check")
        ]
    if kind == "pasted":  # into a new notebook, which knows no marks
        for cell in notebook.cells:
            cell.metadata = {}
    if kind == "fool":
        notebook.cells.insert(0, new_code_cell(FOOL))
        for cell in notebook.cells:
            if cell.id.endswith("-check"):
                cell.source, cell.metadata["nbgrader"]["points"] = "pass", 100
    return notebook


def expected(page, kind):
    """Return the points that such a submission deserves, by exercise."""
    points = dict.fromkeys(right(page), 1.0 if kind not in ("wrong", "empty", "fool") else 0.0)
    lost = {"bad": BAD, "loop": "4", "cut": "2"}
    return points | dict.fromkeys(lost.get(kind, ()), 0.0)


CASES = [(page, kind) for page in PAGES for kind in ("right", "wrong", "empty")]
ODD = ["bad", "loop", "cut", "pasted", "fool"]
CASES += [(PAGES[1], kind) for kind in ODD]
IDS = [f"{page.stem}-{kind}" for page, kind in CASES]


# -- nbgrader -------------------------------------------------------------------------------

READ = """\
import json
from nbgrader.api import Gradebook

with Gradebook("sqlite:///gradebook.db", "neural_networks") as book:
    print(json.dumps({
        f"{assignment.name}-{submission.student.id}": {
            grade.name: [grade.auto_score, grade.needs_manual_grade, grade.max_score]
            for notebook in submission.notebooks for grade in notebook.grades
        }
        for assignment in book.assignments for submission in assignment.submissions
    }))
"""


@pytest.fixture(scope="session")
def nbgrader(bundle, tmp_path_factory):
    """A course folder in which nbgrader has released and graded everything, and the grades."""
    env = environment("nbgrader", bundle)
    course = tmp_path_factory.mktemp("nbgrader") / "course"
    shutil.copytree(bundle / "nbgrader", course)
    for page in [*PAGES, TEXT]:
        run("nbgrader", "generate_assignment", page.stem, cwd=course, env=env)
    given = {page: course / "release" / page.stem / page.name for page in [*PAGES, TEXT]}

    def hand_in(notebook, page, kind):
        folder = course / "submitted" / kind / page.stem
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / page.name)

    for page, kind in CASES:
        hand_in(submission(given[page], page, kind), page, kind)
    shadow = course / "submitted/fool/perceptron/nnutils"  # a module beside the notebook
    shadow.mkdir()
    (shadow / "__init__.py").write_text("")
    (shadow / "checking.py").write_text(YES)
    for kind in ("written", "empty"):
        notebook = nbformat.read(given[TEXT], as_version=4)
        notebook.cells = notebook.cells[-2:]  # the cell for the text: the page needs Keras
        if kind == "written":
            notebook.cells[0].source = "Two walks and a difference."
        hand_in(notebook, TEXT, kind)
    limit = f"--Execute.timeout={CELL_LIMIT_S}"
    for page in [*PAGES, TEXT]:
        run("nbgrader", "autograde", page.stem, limit, cwd=course, env=env)
    return course, points_of(course, env)


def points_of(course, env):
    """Return what stands in the gradebook."""
    return json.loads(run("python", "-c", READ, cwd=course, env=env).splitlines()[-1])


@pytest.mark.parametrize(("page", "kind"), CASES, ids=IDS)
def test_nbgrader_gives_the_points(nbgrader, page, kind):
    _, grades = nbgrader
    got = grades[f"{page.stem}-{kind}"]
    assert {name.split("-")[1]: grade for name, grade in got.items()} == {
        n: [points, False, 1.0] for n, points in expected(page, kind).items()
    }


def test_nbgrader_leaves_a_text_to_people(nbgrader):
    _, grades = nbgrader
    assert grades["computational_graphs-written"]["computational_graphs-6"] == [None, True, 1.0]
    assert grades["computational_graphs-empty"]["computational_graphs-6"] == [0.0, False, 1.0]


def test_nbgrader_names_who_ended_the_kernel_and_leaves_the_points_to_people(nbgrader):
    course, _ = nbgrader
    folder, env = course / "submitted" / "exit" / "perceptron", ENVIRONMENTS / "nbgrader"
    notebook = nbformat.read(course / "release/perceptron/perceptron.ipynb", as_version=4)
    notebook.cells = [new_code_cell("import os\n\nos._exit(0)"), *notebook.cells[-1:]]
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "perceptron.ipynb")
    with pytest.raises(AssertionError, match="assignment 'perceptron' for student 'exit'"):
        run("nbgrader", "autograde", "perceptron", "--student=exit", cwd=course, env=env)
    grades = points_of(course, env)["perceptron-exit"]
    assert set(map(tuple, grades.values())) == {(None, True, 1.0)}


def errors(notebook):
    """Return what the test cells of a graded notebook say, by exercise."""
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("locked")]
    return {
        cell.metadata.nbgrader.grade_id.split("-")[1]: output.evalue
        for cell in cells
        for output in cell.outputs
        if output.output_type == "error"
    }


def test_nbgrader_says_what_is_wrong(nbgrader):
    course, _ = nbgrader
    graded = course / "autograded" / "bad" / "perceptron" / "perceptron.ipynb"
    assert errors(nbformat.read(graded, as_version=4)) == SAYS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_nbgrader_gives_students_no_solution(nbgrader, bundle, page):
    course, _ = nbgrader
    given = nbformat.read(course / "release" / page.stem / page.name, as_version=4)
    text = "\n".join(cell.source for cell in given.cells)
    assert not re.search(r"solution_\d|(BEGIN|END) (SOLUTION|HIDDEN)|sys\.modules\.pop", text)
    copy = nbformat.read(bundle / page, as_version=4)
    student = [c.source.split() for c in copy.cells if c.cell_type == "code"]
    tested = [c for c in given.cells if c.cell_type == "code" and not c.id.endswith("-check")]
    assert [cell.source.split() for cell in tested] == student


# -- Otter-Grader ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def otter(bundle, tmp_path_factory):
    """A function that grades one notebook."""
    env, folder = environment("otter", bundle), tmp_path_factory.mktemp("otter")
    for page in PAGES:
        tests = bundle / "otter" / page.stem / "tests"
        run("otter", "generate", "-t", tests, "-o", f"{page.stem}.zip", cwd=folder, env=env)

    def grade(page, kind):
        target = folder / f"{page.stem}-{kind}"
        target.mkdir()
        nbformat.write(submission(bundle / page, page, kind), target / page.name)
        zipped = folder / f"{page.stem}.zip"
        command = ["otter", "run", "--no-logo", "-a", zipped, "-o", target, target / page.name]
        run(*command, cwd=folder, env=env, timeout=LIMIT_S if kind == "loop" else 1200)
        tests = json.loads((target / "results.json").read_text())["tests"]
        points = {t["name"].split("_")[-1]: t["score"] for t in tests if "score" in t}
        return points, tests[0]["output"]

    return grade


@pytest.mark.parametrize(
    ("page", "kind"),
    [case for case in CASES if case[1] != "loop"],
    ids=[name for name in IDS if "loop" not in name],
)
def test_otter_gives_the_points(otter, page, kind):
    points, words = otter(page, kind)
    assert points == expected(page, kind)
    if kind == "bad":
        for message in SAYS.values():
            assert message in words


def test_a_time_limit_ends_otter_on_a_loop(otter):
    """Otter itself has no limit for one cell: the whole submission gets no points."""
    with pytest.raises(subprocess.TimeoutExpired):
        otter(PAGES[1], "loop")
