"""The local Sphinx extensions, below the level of a whole build."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_ext"))

import katex_math
import page_numbers
import private_site
import repository


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init", "--initial-branch=term")
    return tmp_path


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/someone/course.git",
        "https://github.com/someone/course",
        "https://user:token@github.com/someone/course.git",
        "git@github.com:someone/course.git",
        "ssh://git@github.com/someone/course.git",
    ],
)
def test_recognised_origin_gives_the_plain_address(checkout, remote):
    git(checkout, "remote", "add", "origin", remote)
    assert repository.address(str(checkout), {})[0] == "https://github.com/someone/course"


@pytest.mark.parametrize("remote", ["/srv/git/course.git", "https://git.example.org/a/b.git"])
def test_other_origins_give_no_address(checkout, remote):
    git(checkout, "remote", "add", "origin", remote)
    assert repository.address(str(checkout), {}) is None


def test_no_origin_gives_no_address(checkout):
    assert repository.address(str(checkout), {}) is None


def test_workflow_says_where_it_runs(checkout):
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "someone/fork",
        "GITHUB_REF_NAME": "main",
    }
    assert repository.address(str(checkout), environ) == ("https://github.com/someone/fork", "main")


def test_formula_has_html_and_mathml():
    rendered = katex_math.katex.render(r"\hat y = \sigma(w^\top x + b)", False)
    assert "<math " in rendered
    assert 'class="katex-html"' in rendered


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\nosuchcommand", "x^2^3"])
def test_bad_formula_is_an_error(tex):
    with pytest.raises(Exception, match="KaTeX parse error"):
        katex_math.katex.render(tex, True)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("_static/sphinx-thebe.js", True),
        ("_static/copybutton.js", False),
    ],
)
def test_scripts_of_thebe_are_recognised(file, expected):
    assert private_site.names_thebe(file) is expected


def test_numbers_begin_at_one_on_every_page():
    book = {
        "a": {"figure": {"fig-a": (1,), "fig-b": (2,)}, "exercise": {"ex-1": (1,)}},
        "b": {"figure": {"fig-c": (3,)}, "exercise": {"ex-2": (2,), "ex-3": (3,)}},
    }
    page_numbers.from_one(book)
    assert book["a"] == {"figure": {"fig-a": (1,), "fig-b": (2,)}, "exercise": {"ex-1": (1,)}}
    assert book["b"] == {"figure": {"fig-c": (1,)}, "exercise": {"ex-2": (1,), "ex-3": (2,)}}
