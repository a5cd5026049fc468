"""Write the copies of all notebooks that learners get: without the solutions, or with them.

    python tools/make_copies.py student      # _build/student/ and a zip beside it
    python tools/make_copies.py solutions    # _build/solutions/ and a zip beside it

The folder is laid out as the root of a git branch, so that Binder, Colab and nbgitpuller can serve
it as it is: the notebooks where they lie in the course, the helper package, and what to install.
"""

import argparse
import re
import shutil
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import yaml
from plain_markdown import places, plain_cells
from run_notebooks import ROOT, pages_in_toc

INSTRUCTOR = "instructor"  # a tag of cells that no copy has
BESIDE = ("nnutils", "LICENSE", "LICENSE-CONTENT", "CITATION.cff")  # what the notebooks need
START_OF_SOLUTION, END_OF_SOLUTION = ":::{solution-start}", ":::{solution-end}"
README = {
    "student": "Every exercise has a cell for your answer. Replace the dots and run it: the check "
    "answers at once. Solutions are not in these copies.",
    "solutions": "These copies hold the solution of every exercise, below its answer cell.",
}


def without_solutions(cells: list) -> list:
    """Drop everything from the start of each solution to its end.

    Raises
    ------
    ValueError
        If a solution does not end, or ends without having begun.
    """
    kept, inside = [], False
    for cell in cells:
        markdown = cell.cell_type == "markdown"
        if markdown and START_OF_SOLUTION in cell.source:
            if inside or not cell.source.lstrip().startswith(START_OF_SOLUTION):
                raise ValueError(f"a solution must begin a cell of its own: {cell.source[:60]!r}")
            inside = True
        if not inside:
            kept.append(cell)
        if markdown and END_OF_SOLUTION in cell.source:
            if not inside:
                raise ValueError(f"a solution ends that has not begun: {cell.source[:60]!r}")
            inside = False
    if inside:
        raise ValueError("the last solution does not end")
    left = [c.id for c in kept if "solution" in c.metadata.get("tags", [])]
    if left:
        raise ValueError(f"cells tagged solution stand outside a solution: {left}")
    return kept


def copy_of(page: Path, kind: str, known: dict, root: Path = ROOT) -> nbformat.NotebookNode:
    """Return the student's copy of a page, or the copy with solutions, in plain Markdown."""
    notebook = nbformat.read(root / page, as_version=4)
    cells = [c for c in notebook.cells if INSTRUCTOR not in c.metadata.get("tags", [])]
    try:
        cells = without_solutions(cells) if kind == "student" else cells
    except ValueError as error:
        raise ValueError(f"{page}: {error}") from None
    notebook.cells = plain_cells(cells, page=page, known=known)
    return notebook


def known_places(root: Path = ROOT) -> dict:
    """Return the labelled headings of all pages, notebooks and texts alike."""
    texts = {}
    for path in [root / "index.md", *sorted((root / "chapters").rglob("*.*"))]:
        page = path.relative_to(root)
        if path.suffix == ".ipynb":
            cells = nbformat.read(path, as_version=4).cells
            texts[page] = [c.source for c in cells if c.cell_type == "markdown"]
        elif path.suffix == ".md":
            texts[page] = re.split(r"\n(?=\([\w-]+\)=)", path.read_text(encoding="utf-8"))
    return places(texts)


def requirements(root: Path) -> str:
    """Return what a learner installs: the package here, and what the pages and JupyterLab need."""
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    wanted = re.findall(r"^# (?:what the pages use|where the pages run)\n((?:.+\n)+)", text, re.M)
    return "-e .\n" + "".join(wanted)


def write_copies(kind: str, root: Path = ROOT) -> Path:
    """Write the folder and the zip, anew; return the zip."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    folder = root / "_build" / kind
    shutil.rmtree(folder, ignore_errors=True)
    known, pages = known_places(root), pages_in_toc(root)
    for page in pages:
        notebook = copy_of(page, kind, known, root)
        (folder / page).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / page)
    for name in BESIDE:
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        ignore = {"ignore": shutil.ignore_patterns("__pycache__")} if (root / name).is_dir() else {}
        copy(root / name, folder / name, **ignore)
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(project.split("[tool.ruff]")[0], encoding="utf-8")
    (folder / "requirements.txt").write_text(requirements(root), encoding="utf-8")
    first = pages[0].as_posix()
    (folder / "README.md").write_text(
        f"# {settings['title']} {version}\n\n{README[kind]}\n\n"
        "    python -m pip install -r requirements.txt\n    jupyter lab\n\n"
        f"Begin with [{first}]({first}).\n",
        encoding="utf-8",
    )
    name = file_name(settings["title"])
    return pack(folder, root / "_build" / f"{name}-{kind}-{version}.zip")


def file_name(title: str) -> str:
    """Return a title as it stands in the names of files."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def pack(folder: Path, target: Path) -> Path:
    """Zip a folder; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(folder).as_posix()}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return target


def main() -> int:
    """Parse the command line and write the copies."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=list(README))
    kind = parser.parse_args().kind
    try:
        archive = write_copies(kind)
    except ValueError as error:
        print(f"copies: {error}")
        return 1
    print(f"copies: {archive.relative_to(ROOT)} and _build/{kind}/ are written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
