"""Where the built site lies and which pages it has."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path.name != "genindex.html"
)
# The page for wrong addresses stands alone, without the theme; the search page has no text.
THEMED = [name for name in PAGES if name != "404.html"]
WRITTEN = [name for name in THEMED if name != "search.html"]
