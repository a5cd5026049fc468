"""How fast and how lean the course is: one report from measurements made here and now.

    python benchmarks/report.py            # everything; some 50 minutes on an idle machine
    python benchmarks/report.py --quick    # one round of what is small
    python benchmarks/report.py records    # only these parts: compare, lesson, builds ...

It writes ``_build/bench/report.md``, the numbers as ``report.json``, and a plot for each part of
the scaling. Parts that are not asked for keep what an earlier run found. The plain ways and ours
are alternated, each in a process of its own; tables say medians of processor seconds, all threads
counted, with their range. Below each part stands how long importing TensorFlow took before and
after it: where other machines share the host, the same work may cost twice the processor time.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import bench_lesson
import bench_source
import bench_tuning
import matplotlib
import numpy as np
import yaml
from common import ROOT, alternate, in_own_process, median, spread, timed

matplotlib.use("Agg")
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]
from project_copy import copy_project  # noqa: E402
from run_notebooks import Store, budget, pages_in_toc  # noqa: E402

TARGET = ROOT / "_build" / "bench"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, whose first column alone is text."""
    lines = [heads, ["---"] + ["---:"] * (len(heads) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


# -- the plain way and ours ----------------------------------------------------------------


def compare(quick: bool) -> dict:
    """Measure every way of each part; the first of a part is the plain one."""
    found = {}
    for module in (bench_source, bench_tuning):
        measure = partial(in_own_process, module.__file__)
        for part, ways in module.WAYS.items():
            if part == "moons" or (quick and module is bench_tuning):
                continue  # minutes for a single run of the plain way; the lesson has the moons
            rounds = 1 if quick or module is bench_tuning else 3
            print(f"bench: {part}, {len(ways)} ways, {rounds} round(s)", flush=True)
            runs = alternate(ways, partial(measure, part), rounds)
            found[part] = {n: {"nets": ways[n][2], "runs": done} for n, done in runs.items()}
    return found


def report_compare(found: dict) -> str:
    text = "## The plain way and ours\n\nThe gain is in processor time for each network.\n"
    heads = ["", "networks", "wall, s", "processor, s", "range", "peak, MiB", "gain"]
    for part, ways in found.items():
        rows, plain = [], 0.0
        for name, way in ways.items():
            wall, cpu, peak = (median(way["runs"], what) for what in ("wall", "cpu", "peak"))
            plain = cpu if "plain" in name or not plain else plain
            numbers = [f"{wall:.2f}", f"{cpu:.2f}", spread(way["runs"], "cpu"), f"{peak:.0f}"]
            rows.append([name, str(way["nets"]), *numbers, f"{plain / cpu * way['nets']:.1f}×"])
        text += f"\n### {part.capitalize()}\n\n{table(heads, rows)}"
    return text


def lesson(quick: bool) -> dict | None:
    """Measure a whole lesson in both ways; the plain one takes several minutes."""
    if quick:
        return None
    return bench_lesson.measure(full=False, say=lambda what: print(f"bench: {what}", flush=True))


def report_lesson(found: dict | None) -> str:
    title = "## A whole lesson, in one process\n\n"
    if found is None:
        return f"{title}Left out of a quick run.\n"
    what = " ".join(bench_lesson.__doc__.split("\n\n", 2)[2].split())
    heads = ["", "plain, wall s", "processor, s", "ours, wall s", "processor, s", "gain"]
    return f"{title}{what}\n\n{table(heads, bench_lesson.rows(found))}"


# -- the runs of the notebooks -------------------------------------------------------------


def records(quick: bool) -> dict:
    """Read what the last run of each notebook took; one that has not run is left out."""
    store, facts = Store(), ("seconds", "cpu_seconds", "peak_mib")
    known = {page: store.record(page) for page in pages_in_toc()}
    return {
        page.as_posix(): {name: record["facts"][name] for name in facts}
        | {"ceiling": budget(ROOT / page)}
        for page, record in known.items()
        if record
    }


def report_records(found: dict) -> str:
    heads = ["Notebook", "wall, s", "processor, s", "ceiling, s", "peak, MiB"]
    columns = {"seconds": ".1f", "cpu_seconds": ".1f", "ceiling": "g", "peak_mib": ",d"}
    dearest_first = sorted(found.items(), key=lambda item: -item[1]["cpu_seconds"])
    total = {name: sum(facts[name] for facts in found.values()) for name in columns}
    total["peak_mib"] = max((facts["peak_mib"] for facts in found.values()), default=0)
    rows = [
        [page, *(format(facts[name], style) for name, style in columns.items())]
        for page, facts in [*dearest_first, ("together (peak: the largest)", total)]
    ]
    return f"## The last run of each notebook\n\n{table(heads, rows)}"


# -- the site ------------------------------------------------------------------------------


def course_copy(folder: Path) -> Path:
    """Copy the project with its executed notebooks, so that builds here disturb nothing."""
    copy = copy_project(folder / "course")
    for name in (".jupyter_cache", "runs"):
        shutil.copytree(ROOT / "_build" / name, copy / "_build" / name)
    return copy


def command_in(copy: Path, *command: str) -> tuple[float, str]:
    """Run a command in a copy, or the project; return its wall seconds and what it printed."""
    env = os.environ | ({} if copy == ROOT else {"PYTHONPATH": str(copy)})
    began = time.perf_counter()
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(command)} failed:\n{done.stdout[-2000:]}")
    return time.perf_counter() - began, done.stdout


def builds(quick: bool) -> dict:
    """Time `make book`, from nothing (not if quick) and later, and the tests (not if quick)."""
    book, seconds, notebooks = [sys.executable, "tools/build_book.py"], {}, []
    with tempfile.TemporaryDirectory() as folder:
        copy = course_copy(Path(folder))

        def measure(name: str) -> str:
            print(f"bench: {name}", flush=True)
            seconds[name], printed = command_in(copy, *book)
            return printed

        measure("site from executed notebooks")
        measure("nothing changed")
        page, built = copy / "index.md", copy / "_build" / "look"  # written with the last page
        page.write_text(page.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
        began = time.time()
        measure("one page changed")
        seconds["one page changed, until it can be read"] = built.stat().st_mtime - began
        if not quick:
            shutil.rmtree(copy / "_build")
            printed = measure("everything, notebooks too")
            notebooks = re.findall("^notebooks: .*processor time.*$", printed, re.M)
    if not quick:
        print("bench: make test", flush=True)
        seconds["`make test`, notebooks run already"], _ = command_in(ROOT, "make", "test")
    return {"seconds": seconds, "notebooks": notebooks}


def report_builds(found: dict) -> str:
    rows = [[name, f"{seconds:.1f}"] for name, seconds in found["seconds"].items()]
    cold = "".join(f"\nIn the build of everything: {line}.\n" for line in found["notebooks"])
    return f"## `make book` and `make test`\n\n{table(['', 'wall, s'], rows)}{cold}"


# -- scaling -------------------------------------------------------------------------------


def curve(values: list[int], work: Callable[[int], object], rounds: int) -> list[list[float]]:
    """Return for each value its processor seconds: median, lowest, highest."""
    work(values[0])  # what only the first call pays: imports, data, fonts
    runs = alternate(map(str, values), lambda name: timed(partial(work, int(name))), rounds)
    seconds = [[run["cpu"] for run in done] for done in runs.values()]
    return [
        [value, float(np.median(s)), min(s), max(s)]
        for value, s in zip(values, seconds, strict=True)
    ]


def boundary(resolution: int, width: int) -> None:
    import keras
    import matplotlib.pyplot as plt

    from nnutils import make_spirals, plot_decision_boundary

    layers = [keras.layers.Dense(width, "tanh"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((2,)), *layers])
    X, y = make_spirals(200, noise=0.1, rng=0)
    figure = plot_decision_boundary(model, X, y, resolution=resolution).figure
    figure.canvas.draw()
    plt.close(figure)


def sweep(n_nets: int) -> None:
    from nnutils import make_xor, train_many

    recipe = {"loss": "binary_crossentropy", "batch_size": 100, "epochs": 5}
    train_many(*make_xor(2_000, rng=0), n_nets=n_nets, rng=0, **recipe)


@cache
def encoded() -> tuple:
    from nnutils import load_imdb

    data = load_imdb(bench_tuning.NUM_WORDS)
    return bench_tuning.sparse_rows(data.x_train), data.y_train


def reviews(n_reviews: int) -> None:
    from nnutils import train_many

    X, y = (part[:n_reviews] for part in encoded())
    train_many(X, y, loss="binary_crossentropy", batch_size=512, epochs=2, n_nets=5, rng=0)


def site(n_pages: list[int]) -> list[list[float]]:
    """Return the wall seconds of a build of the first so many notebooks."""
    pages, rows = pages_in_toc(), []
    # A short book lacks pages that others link, so its warnings count for nothing here.
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    with tempfile.TemporaryDirectory() as folder:
        copy = course_copy(Path(folder))
        for n in n_pages:
            chapters = [{"file": str(page.with_suffix(""))} for page in pages[:n]]
            toc = {"format": "jb-book", "root": "index", "chapters": chapters}
            (copy / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
            for name in ("html", ".doctrees"):
                shutil.rmtree(copy / "_build" / name, ignore_errors=True)
            seconds, _ = command_in(copy, *command, "build", ".")
            rows.append([n, seconds, seconds, seconds])
    return rows


def scaling(quick: bool) -> dict:
    """Measure how the cost grows with the size of the work."""
    rounds, part = 1 if quick else 3, slice(None, 3 if quick else None)

    def grow(name: str, values: list[int], work: Callable[[int], object]) -> list[list[float]]:
        print(f"bench: {name}", flush=True)
        return curve(values[part], work, rounds)

    resolutions, widths = [50, 100, 200, 400, 800], [10, 50, 250, 1_000]
    return {
        "boundary, points a side": grow(
            "boundary by resolution", resolutions, partial(boundary, width=50)
        ),
        "boundary, hidden units": grow("boundary by width", widths, partial(boundary, 200)),
        "sweep with train_many, networks": grow("train_many", [1, 2, 5, 10, 20, 50, 100], sweep),
        "film reviews, rows": grow("reviews", [2_500, 5_000, 10_000, 25_000], reviews),
        "site, notebooks": site([2, 8] if quick else [1, 8, len(pages_in_toc())]),
    }


def report_scaling(found: dict) -> str:
    import matplotlib.pyplot as plt

    text = "## How the cost grows\n"
    for title, points in found.items():
        subject, axis = title.split(", ")
        what = "wall" if subject == "site" else "processor"
        values, middle, low, high = np.array(points).T
        fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
        ax.errorbar(values, middle, [middle - low, high - middle], fmt="o-", capsize=3)
        ax.set(xlabel=axis, ylabel=f"{what} time (s)", xscale="log", yscale="log", title=subject)
        name = title.replace(", ", "-").replace(" ", "-") + ".svg"
        fig.savefig(TARGET / name, metadata={"Date": None})
        plt.close(fig)
        slope = np.polyfit(np.log(values), np.log(middle), 1)[0]
        rows = [[f"{v:,.0f}", f"{m:.3f}", f"{lo:.3f} to {hi:.3f}"] for v, m, lo, hi in points]
        text += f"\n### {title.capitalize()}\n\n![{title}]({name})\n\n"
        text += f"Time grows like the power {slope:.2f} of: {axis}.\n\n"
        text += table([axis, f"{what}, s", "range"], rows)
    return text


PARTS = {
    "compare": (compare, report_compare),
    "lesson": (lesson, report_lesson),
    "records": (records, report_records),
    "builds": (builds, report_builds),
    "scaling": (scaling, report_scaling),
}


def pace() -> float:
    """Return the processor seconds that importing TensorFlow takes now: a busy host shows here."""
    command = [sys.executable, "-c", "import tensorflow, time; print(time.process_time())"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Measure the parts that are asked for and write the report of all that is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; by default all")
    parser.add_argument("--quick", action="store_true", help="one round of what is small")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"parts are {[*PARTS]}, got {sorted(unknown)}")
    if not (ROOT / "_build" / "runs").is_dir():
        print("bench: no notebook has run yet; run `make notebooks` first")
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    numbers = TARGET / "report.json"
    known = json.loads(numbers.read_text()) if numbers.exists() else {}
    known = {part: one for part, one in known.items() if "paces" in one}  # older reports lack it
    for part in options.parts or PARTS:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes")
        paces = [pace()]
        found = PARTS[part][0](options.quick)
        paces.append(pace())
        known[part] = {"date": now, "quick": options.quick, "paces": paces, "found": found}
        numbers.write_text(json.dumps(known, indent=1))
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    text = f"# How fast and how lean\n\nMeasured on a machine of {machine}.\n"
    for part, (_, report) in PARTS.items():
        if part in known:
            depth = "quick, " if known[part]["quick"] else ""
            before, after = known[part]["paces"]
            text += f"\n{report(known[part]['found'])}\n({depth}{known[part]['date']}; "
            text += f"importing TensorFlow took {before:.1f} s before and {after:.1f} s after.)\n"
    (TARGET / "report.md").write_text(text, encoding="utf-8")
    print(f"bench: {TARGET.relative_to(ROOT) / 'report.md'} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
