"""Execute the notebooks of the course, each once, and keep what they produced.

Every notebook runs under nbval in a process of its own, a few at a time. What
succeeds goes into the cache from which the book is built, with a record of
what the run depended on: its code cells, the ``nnutils`` files it loaded, the
locked packages it loaded, its data. A notebook whose record still holds is not
run again; ``make test`` and ``make book`` therefore share one execution.

    python tools/run_notebooks.py                 # what is missing or stale
    python tools/run_notebooks.py --force         # everything
    python tools/run_notebooks.py --offline       # data pages, no network, no cache
    python tools/run_notebooks.py chapters/fundamentals/mnist.ipynb
    python tools/run_notebooks.py --set-budgets   # ceilings of processor time, from the records

A page fails that takes more processor time than its metadata allow, or more memory than fits
the smallest free machine; on Linux a kernel that asks for far more is refused it at once.
"""

import argparse
import datetime
import errno
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
MEMORY_LIMIT_MIB = 1536  # what fits beside JupyterLab on the smallest free machine
# What a kernel may ask for at all, so that a runaway page dies and not the machine. The largest
# page asks for 1,640 MiB on two cores; each further thread asks for a stack of 8 MiB more.
MOST_MEMORY_MIB = 4096
REFUSED = re.compile(r"MemoryError|bad_alloc|the kernel died")
BUDGET = "cpu_seconds"  # a ceiling of processor time, in a notebook's metadata under "course"
AT_REST_S = 0.4  # of processor time for the sum in slowness(), on idle cores of a test machine
TIME_TARGET_S = 60
CELL_TIMEOUT_S = 300
NEEDED_BYTES = 500 * 1024**2  # of disk, for the outputs and what a page keeps while it runs
# What a disk says when it is full, over its quota or not ours to write on.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
USES_DATA = re.compile(r"\bload_(mnist|imdb)\b")
VERSIONS_SHOWN = ["tensorflow", "keras", "numpy", "scikit-learn", "matplotlib"]


def pages_in_toc(root: Path = ROOT) -> list[Path]:
    """Return the notebooks that ``_toc.yml`` lists, relative to the root, in reading order."""

    def files(node) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("root", "file"):
                    yield value
                else:
                    yield from files(value)
        elif isinstance(node, list):
            for value in node:
                yield from files(value)

    toc = yaml.safe_load((root / "_toc.yml").read_text())
    candidates = [Path(name).with_suffix(".ipynb") for name in files(toc)]
    return [page for page in candidates if (root / page).exists()]


def digest(content: str | bytes) -> str:
    """Return a short hash of some content."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[
        :16
    ]


def digest_of_file(path: Path) -> str:
    """Return a short hash of a file, or a word that equals no hash if it is gone."""
    return digest(path.read_bytes()) if path.exists() else "gone"


def digest_of_code(notebook: Path) -> str:
    """Return a hash of what executes: the code cells and their tags, not the prose."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = [(c.source, c.metadata.get("tags", [])) for c in cells if c.cell_type == "code"]
    return digest(json.dumps(code))


def budget(notebook: Path) -> float:
    """Return how many seconds of processor time a notebook may take; without a ceiling, any."""
    metadata = nbformat.read(notebook, as_version=4).metadata
    return metadata.get("course", {}).get(BUDGET, float("inf"))


def write_budget(notebook: Path, used: float) -> None:
    """Write a ceiling: twice what a run used, in steps of 5, and at least 10.

    So a page that has become twice as dear fails, and one on a busy machine does not.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))  # nbformat would sort the keys
    content["metadata"].setdefault("course", {})[BUDGET] = max(10, 5 * math.ceil(2 * used / 5))
    text = json.dumps(content, indent=1, ensure_ascii=False)
    notebook.write_text(f"{text}\n", encoding="utf-8")


def locked_packages(root: Path) -> dict[str, str]:
    """Return for each package of the lock a hash of the lines that pin it."""
    entries: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", (root / "requirements.lock").read_text()):
        name = re.match(r"[A-Za-z0-9._-]+", entry)
        if name:
            key = name.group().lower().replace("_", "-")
            entries[key] = entries.get(key, "") + entry
    return {name: digest(lines) for name, lines in entries.items()}


@cache
def distributions() -> dict[str, list[str]]:
    """Return the installed distributions behind each importable name."""
    return {
        module: [name.lower().replace("_", "-") for name in names]
        for module, names in packages_distributions().items()
    }


def handed_over(notebook: nbformat.NotebookNode) -> dict:
    """Return what cells put into the metadata of an output, under "laboratory", for the site."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    found: dict = {}
    for output in outputs:
        found |= output.get("metadata", {}).get("laboratory", {})
    return found


def depends_on(root: Path, page: Path, facts: dict) -> dict:
    """Return everything that a run of ``page`` depended on, as hashes.

    Parameters
    ----------
    root : Path
        Root of the project.
    page : Path
        The notebook, relative to the root.
    facts : dict
        ``nnutils`` (paths of loaded files, relative to the root), ``packages`` (names of
        loaded distributions) and ``data`` (name of data set to its source) of a run.
    """
    lock = locked_packages(root)
    return {
        "code": digest_of_code(root / page),
        "nnutils": {name: digest_of_file(root / name) for name in facts["nnutils"]},
        "packages": {name: lock.get(name) for name in facts["packages"]},
        "python": "{}.{}".format(*sys.version_info[:2]),
        # Only a page that loads data is touched by where the data lie.
        "data_dir": os.environ.get("NNUTILS_DATA_DIR") if facts["data"] else None,
    }


class Store:
    """The executed notebooks: a record for each, and the cache the book reads."""

    def __init__(self, root: Path = ROOT):
        self.root = root
        self.records = root / "_build" / "runs"
        self.cache_path = root / "_build" / ".jupyter_cache"

    def record_path(self, page: Path) -> Path:
        """Return where the record of a page lies."""
        return self.records / page.with_suffix(".json")

    def record(self, page: Path) -> dict | None:
        """Return the record of the last good run of a page, or None."""
        try:
            return json.loads(self.record_path(page).read_text())
        except (OSError, ValueError):
            return None

    def reason_to_run(self, page: Path) -> str | None:
        """Return why a page must run again, or None if its record still holds."""
        record = self.record(page)
        if record is None or not self.cache_path.exists():
            return "never run"
        now, then = depends_on(self.root, page, record["facts"]), record["depends_on"]
        changed = [name for name in now if now[name] != then.get(name)]
        return f"changed: {', '.join(changed)}" if changed else None

    def executed(self, page: Path) -> nbformat.NotebookNode:
        """Return a page with the outputs of its last good run; KeyError if they are not there."""
        from jupyter_cache import get_cache

        cache = get_cache(self.cache_path)
        try:
            return cache.merge_match_into_notebook(nbformat.read(self.root / page, 4))[1]
        finally:
            cache.db.dispose()

    def forget(self, page: Path) -> None:
        """Drop the record, so that a failing page cannot pass as fresh."""
        self.record_path(page).unlink(missing_ok=True)

    def keep(self, page: Path, notebook: nbformat.NotebookNode, facts: dict) -> None:
        """Put an executed notebook into the book's cache and write its record."""
        from jupyter_cache import get_cache
        from jupyter_cache.base import CacheBundleIn

        bundle = CacheBundleIn(
            notebook, str(self.root / page), data={"execution_seconds": facts["seconds"]}
        )
        cache = get_cache(self.cache_path)
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        cache.db.dispose()  # or the database file stays open
        path = self.record_path(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "facts": facts,
            "depends_on": depends_on(self.root, page, facts),
            # The book reads a page anew when its record differs: new outputs must show in it.
            "outputs": digest(nbformat.writes(notebook)),
            "handed_over": handed_over(notebook),
        }
        path.write_text(json.dumps(record, indent=1))


def understand(raw: dict, root: Path) -> dict:
    """Turn what the kernel reported into the facts that a record keeps."""
    from importlib.metadata import version

    packages = {name for module in raw["modules"] for name in distributions().get(module, [])}
    inside = [Path(name) for name in raw["nnutils"] if Path(name).is_relative_to(root)]
    return {
        "seconds": raw["seconds"],
        "peak_mib": raw["peak_mib"],
        "cpu_seconds": raw["cpu_seconds"],
        "cores": raw["cores"],
        "data": raw["data"],
        "nnutils": [path.relative_to(root).as_posix() for path in inside],
        "packages": sorted(packages - {"nnutils"}),
        "versions": {name: version(name) for name in VERSIONS_SHOWN if name in packages},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def refuse_network(env: MutableMapping[str, str]) -> None:
    """Let every Python that starts with these variables reach this machine alone."""
    blocked = str(ROOT / "tools" / "offline")  # its sitecustomize.py refuses connections
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [blocked, env.get("PYTHONPATH")]))


def environment(offline: bool, scratch: Path) -> dict[str, str]:
    """Return the environment of a kernel; offline: no network and no data at hand."""
    env = dict(os.environ)
    # Pages run side by side, on small arrays: a second thread of NumPy's would spend several times
    # the processor time of the first with waiting for it.
    env.setdefault("OPENBLAS_NUM_THREADS", "1")
    if offline:
        env.pop("NNUTILS_DATA_DIR", None)
        env["KERAS_HOME"] = str(scratch / "keras")
        refuse_network(env)
    return env


def execute(
    page: Path, *, root: Path, offline: bool, any_cpu: bool = False
) -> tuple[bool, str, dict, object]:
    """Run one notebook under nbval in a process of its own.

    With ``any_cpu`` it may take more processor time than its ceiling.

    Returns
    -------
    ok : bool
    log : str
        What pytest printed.
    facts : dict
        Facts of the run, empty if it ended before its last cell.
    notebook : NotebookNode or None
        The executed notebook, None unless every cell passed.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "run"
        command = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "nbval_record"]
        command += ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT_S}"]
        # The unit tests' own settings (warnings are errors) are not meant for nbval itself.
        command += ["-o", "addopts=", "-o", "filterwarnings=", "-p", "no:cacheprovider"]
        command += [f"--record={target}", f"--most-memory={MOST_MEMORY_MIB}"]
        command += [f"--rootdir={root}", str(root / page)]
        env = environment(offline, Path(folder))
        env["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(ROOT / "tools"), env.get("PYTHONPATH")])
        )
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
        facts, notebook = {}, None
        if target.with_suffix(".json").exists():
            raw = json.loads(target.with_suffix(".json").read_text())
            if "seconds" in raw:
                facts = understand(raw, root)
        if target.with_suffix(".ipynb").exists():
            notebook = nbformat.read(target.with_suffix(".ipynb"), as_version=4)
        ok, log = done.returncode == 0 and notebook is not None, done.stdout + done.stderr
        if not ok and REFUSED.search(log):
            log += f"\na page that asks for more than {MOST_MEMORY_MIB} MiB of memory is refused it"
        ceiling = math.inf if any_cpu else budget(root / page)
        excess = over_limits(facts, ceiling) if ok else None
        return ok and not excess, excess or log, facts, notebook


def slowness() -> float:
    """Return how much more processor time than at rest this machine takes now, from 1 to 3.

    A core takes longer for the same work while its other half, or its host, is busy.
    """
    began = time.process_time()
    sum(k * k for k in range(3_000_000))
    return min(3, max(1, (time.process_time() - began) / AT_REST_S))


def over_limits(facts: dict, ceiling: float) -> str | None:
    """Return which limit the run of a page has broken, or None."""
    if facts["peak_mib"] > MEMORY_LIMIT_MIB:
        return f"peak memory {facts['peak_mib']} MiB is over {MEMORY_LIMIT_MIB} MiB"
    if facts["cpu_seconds"] > ceiling and facts["cpu_seconds"] > ceiling * slowness():
        return (
            f"processor time {facts['cpu_seconds']:.1f} s is over the page's ceiling, "
            f"{ceiling:g} s (course.{BUDGET} in its metadata)"
        )
    return None


def line(page: Path, number: int, total: int, facts: dict, verdict: str) -> str:
    """Return the progress line of one finished page."""
    name = page.relative_to("chapters") if page.is_relative_to("chapters") else page
    cost = f"{facts['seconds']:6.1f} s  {facts['peak_mib']:5d} MiB" if facts else " " * 19
    slow = "  over the time target" if facts and facts["seconds"] > TIME_TARGET_S else ""
    data = "  " + ", ".join(f"{k}: {v}" for k, v in facts["data"].items()) if facts else ""
    return f"[{number:2d}/{total}] {verdict:6s} {name!s:45s} {cost}{data}{slow}"


def run(
    pages: list[Path], *, jobs: int, store: Store, offline: bool = False, keep: bool = True
) -> int:
    """Run pages in parallel, keep the good ones, and return how many failed."""
    # The slowest first, so that the last one to finish is a short one. A page that never ran here
    # takes its place by its ceiling, which is twice what it once took.
    known = {
        page: (store.record(page) or {}).get("facts", {}).get("seconds")
        or budget(store.root / page) / 2
        for page in pages
    }
    pages = sorted(pages, key=lambda page: -known[page])
    failed, began, cpu_seconds = [], time.perf_counter(), 0.0
    with ThreadPoolExecutor(jobs) as pool:
        if keep:
            for page in pages:
                store.forget(page)
        futures = {
            pool.submit(execute, page, root=store.root, offline=offline): page for page in pages
        }
        try:
            for number, future in enumerate(as_completed(futures), 1):
                page, (ok, log, facts, notebook) = futures[future], future.result()
                print(line(page, number, len(pages), facts, "ok" if ok else "FAILED"), flush=True)
                cpu_seconds += facts.get("cpu_seconds", 0.0)
                if not ok:
                    failed.append(page)
                    print(log, flush=True)
                elif keep:
                    store.keep(page, notebook, facts)
        except (KeyboardInterrupt, OSError):
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if pages:
        seconds = time.perf_counter() - began
        print(
            f"notebooks: {len(pages)} run, {len(failed)} failed, {seconds:.0f} s"
            f" ({cpu_seconds:.0f} s of processor time)",
            flush=True,
        )
    return len(failed)


def check_real(pages: list[Path], store: Store) -> int:
    """Tell whether every page has run, and none on a stand-in; what is published must."""
    problems = 0
    for page in pages:
        record = store.record(page)
        used = record["facts"]["data"] if record else {"": "not run"}
        for name, source in used.items():
            if source != "real":
                print(f"{page}: {name} {source}; the published site is built on real data only")
                problems += 1
    return 1 if problems else 0


def set_budgets(pages: list[Path], store: Store) -> int:
    """Write the ceiling of each page from its record; return 1 if one has no valid record."""
    stale = [page for page in pages if store.reason_to_run(page)]
    for page in pages:
        if page not in stale:
            write_budget(store.root / page, store.record(page)["facts"]["cpu_seconds"])
    for page in stale:
        print(f"{page}: no ceiling written, for its last run is not up to date")
    return 1 if stale else 0


def obstacle(root: Path) -> str | None:
    """Return why nothing could be kept below ``root``, in a line, or None."""
    if shutil.disk_usage(root).free < NEEDED_BYTES:
        return "less than 500 MB of disk are free; make room and run again."
    try:
        (root / "_build").mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=root / "_build").close()
    except OSError as error:
        return f"{root / '_build'}: {error.strerror}; run in a folder that you can write to."
    return None


def main() -> int:
    """Parse the command line and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", type=Path, help="notebooks; default: all in _toc.yml")
    parser.add_argument("--force", action="store_true", help="run also what is fresh")
    parser.add_argument("--offline", action="store_true", help="data pages on the stand-ins")
    parser.add_argument("--discard", action="store_true", help="keep no results for the book")
    parser.add_argument("--check-real", action="store_true", help="only ask for stand-ins")
    parser.add_argument("--set-budgets", action="store_true", help="only write the ceilings")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args()
    store = Store()
    pages = [page.resolve().relative_to(ROOT) for page in options.pages] or pages_in_toc()
    if options.check_real:
        return check_real(pages, store)
    if options.set_budgets:
        return set_budgets(pages, store)
    if options.offline:
        pages = [p for p in pages if USES_DATA.search((ROOT / p).read_text())]
    elif not options.force:
        reasons = {page: store.reason_to_run(page) for page in pages}
        fresh = [page for page, reason in reasons.items() if reason is None]
        if fresh:
            print(f"notebooks: {len(fresh)} of {len(pages)} unchanged since their last run")
        pages = [page for page in pages if page not in fresh]
    if problem := obstacle(ROOT):
        print(f"notebooks: {problem}")
        return 1
    if os.environ.get("NNUTILS_DATA_DIR"):  # the data are at hand: what else could a page want?
        refuse_network(os.environ)
    keep = not (options.offline or options.discard)
    try:
        failed = run(pages, jobs=options.jobs, store=store, offline=options.offline, keep=keep)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        print(f"notebooks: {error}; the pages that were finished before are kept.")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
