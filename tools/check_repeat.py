"""Run every notebook again and compare what it says: one machine must give the same numbers.

The first run is the one whose outputs the book shows, if it is up to date; else one more.

A cell that prints what no run can repeat (times, free memory, a generator without a seed) is
tagged ``varies`` and left out. Pictures are not compared: a drawing may jitter its points.

    python tools/check_repeat.py                  # all pages of _toc.yml
    python tools/check_repeat.py chapters/history/xor.ipynb
"""

import argparse
import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from run_notebooks import ROOT, Store, execute, pages_in_toc

# The address of an object in memory, in its default text, and the name of a temporary folder.
ADDRESS = re.compile(rf"0x[0-9a-f]{{6,}}|{re.escape(tempfile.gettempdir())}[/\\]\w+")
TEXTS = ("text/plain", "text/html", "text/markdown")


def said(cell) -> list[str]:
    """Return the texts of a cell's outputs; what it wrote to stderr is nobody's number."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            texts.append(output.text)
        for kind in TEXTS:
            texts += [output.data[kind]] if kind in output.get("data", {}) else []
    return [ADDRESS.sub("...", text) for text in texts]


def differences(first, second) -> list[str]:
    """Return a line for each code cell that said another thing the second time."""
    found = []
    for one, two in zip(first.cells, second.cells, strict=True):
        if one.cell_type != "code" or "varies" in one.metadata.get("tags", []):
            continue
        if said(one) != said(two):
            found.append(f"cell {one.id}:\n  first  {said(one)}\n  second {said(two)}")
    return found


def repeat(page: Path, root: Path = ROOT) -> list[str]:
    """Compare two runs of a page, each in a fresh process."""
    store = Store(root)
    notebooks = [store.executed(page)] if store.reason_to_run(page) is None else []
    while len(notebooks) < 2:
        ok, log, _, notebook = execute(page, root=root, offline=False)
        if not ok:
            return [f"failed:\n{log}"]
        notebooks.append(notebook)
    return differences(*notebooks)


def main() -> int:
    """Parse the command line, repeat the pages, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, help="notebooks; default: all in _toc.yml")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    pages = [page.resolve().relative_to(ROOT) for page in options.pages] or pages_in_toc()
    different = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for page, found in zip(pages, pool.map(repeat, pages), strict=True):
            print(f"{'DIFFERS' if found else 'same':7s} {page}", *found, sep="\n", flush=True)
            different += bool(found)
    print(f"repeat: {len(pages)} notebooks run twice, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
