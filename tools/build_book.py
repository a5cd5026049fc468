"""Build the site from executed notebooks; a failed build stays failed.

Runs the notebooks whose results are missing or stale, then builds the book
from those results with warnings as errors. On failure the half-built site and
Sphinx's saved pages are removed: with them in place, an unchanged second run
would skip the pages that warned, and pass. A good site gets its downloads: PDFs and an archive.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

# nbformat starts in a fifth of its time without this package; see nbval_record.py.
sys.modules.setdefault("rfc3987_syntax", None)

from make_downloads import make_downloads
from run_notebooks import ROOT, Store, pages_in_toc, run

HTML = Path("_build", "html")
LOOK = ("_static", "_vendor", "_ext", "interactive")  # what every page is made with


def remove_site(root: Path) -> None:
    """Remove the built site and Sphinx's saved pages, so that the next build makes all anew."""
    for name in (HTML, Path("_build", ".doctrees")):
        shutil.rmtree(root / name, ignore_errors=True)


def fail(root: Path, message: str) -> int:
    """Remove what the failed build left and say why it failed."""
    remove_site(root)
    print(f"book: FAILED. {message}")
    return 1


def look(root: Path) -> str:
    """Hash of the styles and extensions: Sphinx looks for changes in pages alone."""
    files = [path for name in LOOK for path in (root / name).rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix != ".pyc"]
    seen = hashlib.sha256()
    for path in sorted(files):
        seen.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()


def build(root: Path = ROOT) -> int:
    """Build the site of the project in ``root`` and return the exit code."""
    store = Store(root)
    stale = [page for page in pages_in_toc(root) if store.reason_to_run(page)]
    if stale:
        print(f"book: running {len(stale)} notebooks first ...", flush=True)
        if run(stale, jobs=min(4, os.cpu_count() or 1), store=store):
            return fail(root, "A notebook failed; its cell and error stand above.")
    built_with = root / "_build" / "look"
    if not built_with.is_file() or built_with.read_text() != look(root):
        remove_site(root)
    print("book: building the site ...", flush=True)
    quick = "import sys; sys.modules.setdefault('rfc3987_syntax')"
    start = f"{quick}; from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(root), "-W", "-n", "--keep-going"]
    done = subprocess.run(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    log = root / "_build" / "book.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(done.stdout)
    if done.returncode:
        wanted = ("WARNING", "ERROR", "Error", "rror:")
        problems = [line for line in done.stdout.split("\n") if any(w in line for w in wanted)]
        print("\n".join(problems[:40]) or done.stdout[-3000:])
        return fail(root, f"The problems stand above; the whole log is in {log}.")
    # Sphinx must take every result from the run that the tests saw.
    if "Executed notebook in" in done.stdout:
        return fail(root, "The build executed a notebook that the runner had not.")
    built_with.write_text(look(root))
    return 0


def main(root: Path = ROOT) -> int:
    """Build the site and what can be downloaded from it; return the exit code."""
    if build(root) or make_downloads(root):
        return 1
    print(f"book: ready. Open {(root / HTML / 'index.html').as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
