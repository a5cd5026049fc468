"""Run every notebook as Colab would: alone, on Colab's own packages, the helpers by the first cell.

One environment for each list in ``tools/colab``: the packages of one of Colab's runtimes that the
pages use, as Google publishes them (https://github.com/googlecolab/backend-info). Each notebook
gets an empty folder and a fresh layer on top of that environment, which takes what its first cell
installs. The address of the course leads to a copy of the helpers on this disk.

    python tools/check_colab.py                   # all pages of _toc.yml, all runtimes
    python tools/check_colab.py --runtime 2026.01 chapters/history/xor.ipynb
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from rebrand import ADDRESS
from run_notebooks import ROOT, execute, pages_in_toc

RUNTIMES = ROOT / "tools" / "colab"
HOST = "https://github.com/someone/"  # git is told to look on this disk instead
RUNNER = ["nbval==0.11.0", "pyyaml", "jupyter-cache"]  # ours, not Colab's
# A module of this name tells a notebook that it runs on Colab; the packages of Google's that are
# there lie beside it.
MARK = "import google.colab\n"
HELPERS = ["nnutils", "pyproject.toml", "README.md", "LICENSE"]


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as somebody whose name does not matter."""
    somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "-C", folder, *somebody, *arguments], check=True, capture_output=True)


def make_course(folder: Path) -> None:
    """Put the helpers, committed or not, into a git repository."""
    folder.mkdir(parents=True)
    for name in HELPERS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", "The helpers")


def make_runtime(packages: Path, folder: Path) -> Path:
    """Make the environment of one runtime, unless it is there; return its Python."""
    python = folder / "bin" / "python"
    stamp, wanted = folder / "packages.txt", packages.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    version = wanted.split("Python ")[1].split()[0]
    uv = [Path(sys.executable).with_name("uv"), "--system-certs"]
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", version, folder], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "-r", packages, *RUNNER], check=True)
    stamp.write_text(wanted)
    return python


def layer(python: Path, folder: Path) -> Path:
    """Make an empty environment that sees the packages of another; return its Python."""
    place = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    below = subprocess.check_output(place, text=True)
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    own = Path(subprocess.check_output([folder / "bin" / "python", *place[1:]], text=True).strip())
    (own / "below.pth").write_text(below)
    return folder / "bin" / "python"


def stamped(page: Path, folder: Path) -> Path:
    """Copy a notebook, alone and with an address, into an empty folder; return its new path."""
    notebook = nbformat.read(ROOT / page, as_version=4)
    cell = next(c for c in notebook.cells if c.cell_type == "code" and ADDRESS.search(c.source))
    cell.source = ADDRESS.sub(f'REPOSITORY = "{HOST}course"', cell.source)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / page.name)
    return folder / page.name


def packages_in(python: Path) -> set[str]:
    """Return the names of what is installed in an environment itself."""
    sites = python.parent.parent.glob("lib/python*/site-packages")
    return {path.name.split("-")[0].lower() for s in sites for path in s.glob("*.dist-info")}


def run_alone(page: Path, runtime: Path) -> str | None:
    """Run one notebook on a runtime; return what went wrong, if anything."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_course(place / "hosted" / "course")
        (place / "mark").mkdir()
        (place / "mark" / "sitecustomize.py").write_text(MARK)
        (place / "mark" / "google" / "colab").mkdir(parents=True)
        (place / "mark" / "google" / "colab" / "__init__.py").touch()
        python = layer(runtime, place / "env")
        notebook = stamped(page, place / "empty")
        env = os.environ | {
            "PYTHONPATH": str(place / "mark"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{(place / 'hosted').as_uri()}/.insteadOf",
            "GIT_CONFIG_VALUE_0": HOST,
        }
        command = [python, __file__, "--inside", notebook]
        done = subprocess.run(command, cwd=notebook.parent, env=env, capture_output=True, text=True)
        if done.returncode:
            return done.stdout
        if both := packages_in(python) & packages_in(runtime):
            return f"the first cell replaced packages of the runtime: {', '.join(sorted(both))}"
    return None


def inside(notebook: Path) -> int:
    """Run a notebook in its folder with this very Python."""
    # Its first cell installs the course, which costs more processor time than some pages may take.
    page, place = Path(notebook.name), notebook.parent
    ok, log, _, _ = execute(page, root=place, offline=False, any_cpu=True)
    print(log[:4000])  # where one cell fails, the rest mostly do
    return 0 if ok else 1


def main() -> int:
    """Parse the command line, make the runtimes, and run the pages on each."""
    runtimes = sorted(path.stem for path in RUNTIMES.glob("*.txt"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, help="notebooks; default: all in _toc.yml")
    parser.add_argument("--runtime", choices=runtimes, help="default: all")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options.inside)
    pages = [page.resolve().relative_to(ROOT) for page in options.pages] or pages_in_toc()
    failed, chosen = 0, [options.runtime] if options.runtime else runtimes
    for name in chosen:
        python = make_runtime(RUNTIMES / f"{name}.txt", ROOT / "_build" / "colab" / name)
        with ThreadPoolExecutor(options.jobs) as pool:
            found = pool.map(lambda page, python=python: run_alone(page, python), pages)
            for page, problem in zip(pages, found, strict=True):
                print(f"{name}  {'FAILED' if problem else 'ok':6s} {page}", flush=True)
                if problem:
                    failed += 1
                    print(problem, flush=True)
    print(f"colab: {len(pages)} notebooks on {', '.join(chosen)}; {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
