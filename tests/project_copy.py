"""A copy of the project as it stands, committed or not, in a git repository of its own."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from rebrand import rebrand
from run_notebooks import ROOT

AUTHOR = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]


# What the course is called where it comes from, written so that this line does not say it.
ORIGINAL = {"title": "Neural Networks " + "You Can Run", "author": "The course " + "authors"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9" fill="{}"/></svg>'
# Lines that a fork may have and the original has not.
ADDED = [
    ("pyproject.toml", r"^\[project\.urls\]\nRepository = .*\n(?:Documentation = .*\n)?", ""),
    ("CITATION.cff", r"^repository-code: .*\n", ""),
    ("_config.yml", r"^  jupyterhub_url: .*\n", ""),
    ("tools/bootstrap_cell.py", r'^REPOSITORY = ".*"', 'REPOSITORY = ""'),
]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with no settings but these, and return what it prints."""
    command = ["git", "-C", str(folder), *AUTHOR, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def names() -> list[str]:
    """Return every file that belongs to the project."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted(name for name in listed.split("\0") if (ROOT / name).is_file())


def copy_project(folder: Path, *only: str) -> Path:
    """Copy the project's files, or those in the named places only, and commit them on main."""
    for name in names():
        if not only or name.startswith(only):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "The course")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything in a folder."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", message)


def as_original(folder: Path) -> Path:
    """Copy the project under its first name, without an address, whatever this fork is called."""
    copy = copy_project(folder / "original")
    for name, pattern, new in ADDED:
        text = (copy / name).read_text(encoding="utf-8")
        (copy / name).write_text(re.sub(pattern, new, text, flags=re.M), encoding="utf-8")
    (folder / "logo.svg").write_text(SVG.format("#009e73"))
    given = ORIGINAL | {"copyright": "2026", "credit": ""}
    given |= {"logo": "logo.svg", "favicon": "logo.svg"}
    (folder / "original.toml").write_text(
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in given.items())
    )
    assert rebrand(folder / "original.toml", copy) == 0
    if git(copy, "status", "--porcelain"):
        commit(copy, "As the original")
    return copy
