"""The first cell of every notebook, on a Colab of our own making.

The clean environment holds what Colab brings and the helpers ask for, linked from the course's own
environment, so that no network is needed: pip asks no index, and git finds the course on this disk.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from project_copy import commit, copy_project, git
from rebrand import ADDRESS
from run_notebooks import ROOT
from setup_env import interpreter

CELL = (ROOT / "tools" / "bootstrap_cell.py").read_text()
HOST = "https://github.com/someone/"  # git is told to look on this disk instead
# What is there already: all that the helpers ask for on Colab, and what builds them.
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = PROJECT["dependencies"] + EXTRAS["colab"] + EXTRAS["serving"]  # the one asks for the other
BROUGHT = {Requirement(text).name for text in WANTED} - {"nnutils"} | {"pip", "setuptools"}
ON_COLAB = """
import sys, types
sys.modules["google"] = types.ModuleType("google")
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
AFTERWARDS = """
import json, nnutils
from importlib.metadata import distributions
versions = {d.name: d.version for d in distributions()}
print(json.dumps([nnutils.__file__, versions]))
"""


def with_address(address: str) -> str:
    """Return the cell as it is stamped, or as a learner fills it in."""
    assert ADDRESS.search(CELL)
    return ADDRESS.sub(f'REPOSITORY = "{address}"', CELL)


def needed(names: list[str]) -> set[str]:
    """Return the distributions and everything they need."""
    found: set[str] = set()
    queue = list(names)
    while queue:
        name = canonicalize_name(queue.pop())
        if name not in found:
            found.add(name)
            wanted = (Requirement(text) for text in distribution(name).requires or [])
            queue += [r.name for r in wanted if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A git repository with the helpers as they are, tagged, and a later commit on main."""
    folder = tmp_path_factory.mktemp("hosted") / "course"
    copy_project(folder, "nnutils/", "pyproject.toml", "README.md", "LICENSE")
    git(folder, "tag", "term")
    (folder / "nnutils" / "later.py").write_text("")
    commit(folder, "Later")
    return folder


@pytest.fixture(scope="module")
def colab(tmp_path_factory, course):
    """Return a function that runs code in a clean environment, in an empty folder."""
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder / "env", symlinks=os.name != "nt")
    python = interpreter(str(folder / "env"))
    there = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.check_output(there, text=True).strip())
    for name in needed(sorted(BROUGHT)):
        for file in distribution(name).files:
            if not {"..", "tests", "__pycache__"} & set(file.parts):
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                (site / file).symlink_to(distribution(name).locate_file(file))
    empty = folder / "empty"
    empty.mkdir()
    # 0 switches isolation off: pip reads this variable as the opposite of its name.
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_CONFIG_FILE": os.devnull}
    here = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{course.parent.as_uri()}/.insteadOf",
        "GIT_CONFIG_VALUE_0": HOST,
    }
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **offline, **here}

    def run(code):
        told = {"cwd": empty, "env": env, "capture_output": True, "text": True}
        new_machine = [python, "-m", "pip", "uninstall", "--yes", "nnutils"]
        subprocess.run(new_machine, **told, check=True)
        return subprocess.run([python, "-c", code], **told)

    return run


@pytest.mark.parametrize(("revision", "later"), [("@main", True), ("@term", False), ("", True)])
def test_helpers_come_at_the_revision_and_nothing_else_changes(colab, revision, later):
    done = colab(ON_COLAB + with_address(f"{HOST}course{revision}") + AFTERWARDS)
    assert done.returncode == 0, done.stderr
    place, versions = json.loads(done.stdout)
    assert "env" in Path(place).parts
    assert (Path(place).parent / "later.py").exists() is later
    assert versions.pop("nnutils")
    brought = {name: distribution(name).version for name in needed(BROUGHT)}
    assert {canonicalize_name(name): version for name, version in versions.items()} == brought


def test_the_helpers_work_there(colab):
    use = "import nnutils\nprint(nnutils.check('xor/1', ...).status)"
    done = colab(ON_COLAB + with_address(f"{HOST}course") + use)
    assert done.stdout.split("\n")[-2] == "open", done.stderr


def test_wrong_address_gets_one_line(colab):
    nowhere = f"{HOST}nowhere"
    done = colab(ON_COLAB + with_address(nowhere))
    assert done.returncode == 1
    assert done.stderr.strip().split("\n")[-1] == f"No course to install at {nowhere}: is it right?"
    assert "Traceback" not in done.stderr


def test_without_an_address_the_cell_says_how_to_set_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(SystemExit, match=r"^Set REPOSITORY to the address of the course\.$"):
        exec(with_address(""), {})


def test_elsewhere_the_cell_does_nothing(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.setattr(subprocess, "run", None)
    exec(with_address("https://github.com/someone/course@main"), {})


def test_words_of_the_cell_are_explained_where_learners_look():
    page = (ROOT / "chapters" / "start" / "how_to_use.md").read_text()
    words = re.search(r'SystemExit\("(.*)\."\)', CELL)[1]
    assert words in page
