"""Where the built site lies and which pages it has."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path.name != "genindex.html"
)
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
