"""The laboratories' own modules, run by the node that Playwright brings; no other is asked for."""

import json
import os
import re
import subprocess
from pathlib import Path

import playwright
from site_pages import ROOT

NODE = Path(playwright.__file__).parent / "driver" / ("node.exe" if os.name == "nt" else "node")
SOURCES = ROOT / "interactive" / "src"

# The sum of the layout shifts inside laboratories, since the page was opened.
SHIFTS = """
() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      // The theme moves its own bars while it loads, and fonts move the text.
      const ours = entry.sources.some(({node}) => node?.parentElement?.closest(".nn-box"));
      if (ours && !entry.hadRecentInput) sum += entry.value;
    }
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 400);
})
"""


def step_in_view(box) -> bool:
    """Whether the current step can be read in the list of a laboratory, given its locator."""
    item = box.locator('[aria-current="step"]').bounding_box()
    listing = box.locator("ol").bounding_box()
    low = listing["y"] + listing["height"] + 1  # the list may end between two pixels
    return listing["y"] <= item["y"] <= low - item["height"]


def run_node(*arguments: object, **options: object) -> str:
    """Run node and return what it prints; its failure is the test's."""
    done = subprocess.run(
        [NODE, *arguments], capture_output=True, text=True, timeout=300, cwd=ROOT, **options
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def run_module(code: str) -> str:
    """Run a module that may import from the sources as ``@name``; return what it prints."""
    code = re.sub(r'"@([\w-]+)"', rf'"{SOURCES.as_uri()}/\1.mjs"', code)
    return run_node("--input-type=module", "-e", code)


def core(code: str):
    """Run a module on the core itself and return the JSON that it prints."""
    return json.loads(run_module(code))
